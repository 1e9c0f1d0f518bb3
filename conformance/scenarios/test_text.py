"""Text goes in and comes out character by character."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.data.configs import region
from conformance.scenarios.data.texts import SHORT, TEXTS
from conformance.scenarios.readers import Unreadable, read_table
from conformance.scenarios.steps import (
    BROUGHT,
    annotate,
    bring,
    bring_in,
    export,
    exported_tasks,
    filters,
    list_tasks,
    predict,
    tasks_page,
    texts,
)

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

MEGABYTE = 2**20


def said(text: str) -> dict[str, Any]:
    """A region with free text."""
    return region("textarea", {"text": [text]}, source="words", target="text")


@pytest.mark.requirement("LS-TEXT-001", "LS-TEXT-005", "LS-TEXT-006", "LS-TEXT-007", "LS-TEXT-008")
def test_text_in_data_comes_back_exactly(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    tasks = imported(project, [{"data": {"text": text, "name": name}} for name, text in TEXTS.items()])
    for task in tasks:
        name = task["data"]["name"]
        show.equal("LS-TEXT-001", expected=TEXTS[name], got=task["data"]["text"], signature=name)
    for name in SHORT:
        asked = {"filters": filters(("data.text", "equal", "String", TEXTS[name]))}
        page = tasks_page(api, project["id"], query=asked, include="data")
        found = [task["data"]["name"] for task in page.json()["tasks"]]
        show.equal("LS-TEXT-007", expected=[name], got=found, exchange=page, signature=name)

    out = {task["data"]["name"]: task["data"]["text"] for task in exported_tasks(api, project["id"], everything=True)}
    for name, text in TEXTS.items():
        show.equal("LS-TEXT-005", expected=text, got=out.get(name), signature=name)
    table = export(api, project["id"], "CSV", everything=True)
    try:
        cells = {row["name"]: row["text"] for row in read_table(table.content)}
    except (Unreadable, LookupError) as problem:
        show("LS-TEXT-006", holds=False, expected="a table with name and text", got=repr(problem), exchange=table)
    else:
        for name, text in TEXTS.items():
            show.equal("LS-TEXT-006", expected=text, got=cells.get(name), exchange=table, signature=name)

    keys = {text: number for number, text in enumerate(TEXTS.values())}
    (odd,) = imported(project, [{"data": {"text": "odd names", **keys}}])
    show.equal("LS-TEXT-008", expected={"text": "odd names", **keys}, got=odd["data"])


@pytest.mark.requirement("LS-TEXT-002", "LS-TEXT-003")
def test_text_in_results_comes_back_exactly(api: Wire, show: Show, task: dict[str, Any]) -> None:
    everything = [{**said(text), "id": name} for name, text in TEXTS.items()]
    made = annotate(api, task, *everything)
    kept = api.call("annotations.get", id=made["id"])
    got = {r["id"]: r["value"]["text"][0] for r in kept.json()["result"]}
    for name, text in TEXTS.items():
        show.equal("LS-TEXT-002", expected=text, got=got.get(name), exchange=kept, signature=name)

    guess = predict(api, task, *everything, model_version=TEXTS["emoji joined and toned"])
    kept = api.call("predictions.get", id=guess["id"])
    got = {r["id"]: r["value"]["text"][0] for r in kept.json()["result"]}
    for name, text in TEXTS.items():
        show.equal("LS-TEXT-003", expected=text, got=got.get(name), exchange=kept, signature=name)
    show.equal(
        "LS-TEXT-003",
        expected=TEXTS["emoji joined and toned"],
        got=kept.json()["model_version"],
        exchange=kept,
        signature="model version",
    )


@pytest.mark.requirement("LS-TEXT-004")
def test_text_in_titles_and_descriptions_comes_back_exactly(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project()
    for name, text in SHORT.items():
        wanted = {"title": text[:50] if len(text) > 3 else f"{text} ...", "description": text}
        api.call("projects.update", id=project["id"], json=wanted)
        read = api.call("projects.get", id=project["id"])
        got = {key: read.json()[key] for key in wanted}
        show.equal("LS-TEXT-004", expected=wanted, got=got, exchange=read, signature=name)


@pytest.mark.requirement("LS-TEXT-009")
@pytest.mark.parametrize("character", ["a", "é", "🌍"], ids=["one byte", "two bytes", "four bytes"])
def test_a_megabyte_comes_back_in_full(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported, character: str
) -> None:
    text = character * (MEGABYTE // len(character.encode()))
    (task,) = imported(project, [{"data": {"text": text}}])
    read = api.call("tasks.get", id=task["id"])
    got = read.json()["data"]["text"]
    show(
        "LS-TEXT-009",
        got == text,
        expected=f"{len(text)} times {character}",
        got=f"{len(got)} characters",
        exchange=read,
    )


@pytest.mark.requirement("LS-TEXT-009")
@pytest.mark.parametrize("way", BROUGHT)
def test_a_megabyte_comes_back_in_full_whichever_way_it_came(
    api: Wire, show: Show, project: dict[str, Any], way: str
) -> None:
    text = "x" * MEGABYTE
    answer = bring(api, project, way, {"data": {"text": text}}, before={"data": {"text": "short"}})
    tasks = list_tasks(api, project["id"])
    if not tasks and not answer.ok:
        show.not_measured(f"no task came: {answer.brief()}")
    found = [api.call("tasks.get", id=task["id"]).json()["data"]["text"] for task in tasks]
    for got in found or [""]:
        show(
            "LS-TEXT-009",
            got == text,
            expected=f"{len(text)} times x",
            got=f"{answer.brief()}, then {len(got)} characters",
            exchange=answer,
            signature=way,
        )


@pytest.mark.requirement("LS-TEXT-016")
def test_a_megabyte_in_results_comes_back_in_full(api: Wire, show: Show, task: dict[str, Any]) -> None:
    text = "ü" * (MEGABYTE // 2)
    made = {"annotations.get": annotate(api, task, said(text)), "predictions.get": predict(api, task, said(text))}
    for get, one in made.items():
        read = api.call(get, id=one["id"])
        (got,) = read.json()["result"][0]["value"]["text"]
        show("LS-TEXT-016", got == text, expected=f"{len(text)} times ü", got=f"{len(got)} characters", exchange=read)


@pytest.mark.parametrize(
    ("requirement", "escape"),
    [
        pytest.param(i, escape, marks=pytest.mark.requirement(i, "LS-TEXT-014"), id=name)
        for i, name, escape in (
            ("LS-TEXT-010", "NUL", r"\u0000"),
            ("LS-TEXT-011", "high surrogate", r"\ud83d"),
            ("LS-TEXT-011", "low surrogate", r"\udc00"),
        )
    ],
)
def test_odd_characters_break_nothing(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], requirement: str, escape: str
) -> None:
    headers = {"Content-Type": "application/json"}
    bodies = {
        "tasks.create": f'{{"project": {project["id"]}, "data": {{"text": "a{escape}b"}}}}',
        "annotations.create": json.dumps({"result": [said("a@b")]}).replace("@", escape),
    }
    for operation, body in bodies.items():
        path = {"id": task["id"]} if operation == "annotations.create" else {}
        answer = api.call(operation, content=body, headers=headers, expect=None, **path)
        show(
            requirement,
            answer.ok or 400 <= answer.status < 500,
            expected="a 2xx or a 4xx",
            got=answer.brief(),
            exchange=answer,
            signature=f"{operation} HTTP {answer.status}",
        )
    answers = [
        api.call("tasks.list", query={"project": project["id"], "fields": "all"}, expect=None),
        api.call("projects.exports.download_sync", id=project["id"], query={"download_all_tasks": True}, expect=None),
    ]
    for answer in answers:
        show.status("LS-TEXT-014", answer, 200)


@pytest.mark.requirement("LS-TEXT-012")
def test_labels_may_be_in_any_script(api: Wire, show: Show, new_project: NewProject) -> None:
    labels = ["Größe", "漢字", "שלום", "👍🏽", "a & b", '"quoted"', "<tag>"]
    escaped = [label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;") for label in labels]
    choices = "".join(f'<Choice value="{label}"/>' for label in escaped)
    tags = f'<Text name="text" value="$text"/><Choices name="label" toName="text">{choices}</Choices>'
    project = new_project(label_config=f"<View>{tags}</View>")
    read = api.call("projects.get", id=project["id"])
    got = read.json()["parsed_label_config"]["label"]["labels"]
    show.equal("LS-TEXT-012", expected=labels, got=got, exchange=read)


@pytest.mark.requirement("LS-TEXT-013")
@pytest.mark.parametrize("name", ["größer.csv", "漢字.csv", "emoji 🌍.csv", "שלום.csv", "a b&c'd.csv"])
def test_file_names_may_be_in_any_script(api: Wire, show: Show, project: dict[str, Any], name: str) -> None:
    made = bring_in(api, project["id"], files={"file": (name, b"text\na\n", "text/csv")}, expect=None)
    got = texts(list_tasks(api, project["id"])) if made.ok else made.brief()
    show.equal("LS-TEXT-013", expected=["a"], got=got, exchange=made)


@pytest.mark.requirement("LS-TEXT-015")
def test_a_body_that_is_no_utf_8_is_refused(api: Wire, show: Show, project: dict[str, Any]) -> None:
    body = f'{{"project": {project["id"]}, "data": {{"text": "größer"}}}}'.encode("latin-1")
    answer = api.call("tasks.create", content=body, headers={"Content-Type": "application/json"}, expect=None)
    show.status("LS-TEXT-015", answer, *SENSELESS)
