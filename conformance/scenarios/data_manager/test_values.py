"""Values as people have them: texts of every script in results, times in every form of ISO 8601, scores, two orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, filters, import_tasks, predict, tasks_page

if TYPE_CHECKING:
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <TextArea name="note" toName="text"/>
</View>"""
# what is told apart → a text of a result, and a part of it
WRITTEN = {
    "plain": ("It is plain", "is plain"),
    "quotes": ('He said "yes" twice', '"yes"'),
    "backslash": ("C:\\temp", "C:\\temp"),
    "line break": ("one\ntwo", "one\ntwo"),
    "Latin beyond ASCII": ("Zażółć gęślą", "żółć"),
    "Cyrillic": ("Добрый день", "день"),
    "Chinese": ("今天天气好", "天气"),
    "emoji": ("fine 🜚 fine", "🜚"),
    "per cent": ("100% sure", "100%"),
    "per cent and digits": ("pay %41 now", "%41"),
}


@pytest.mark.requirement("LS-DM-044")
@pytest.mark.parametrize("column", ["annotations_results", "predictions_results"])
def test_a_text_of_a_result_is_found(api: Wire, show: Show, new_project: NewProject, column: str) -> None:
    project = new_project(label_config=CONFIG)["id"]
    kind = column.split("_", maxsplit=1)[0]
    region = {"id": "n1", "from_name": "note", "to_name": "text", "type": "textarea"}
    sent = [
        {"data": {"text": "a"}, kind: [{"result": [{**region, "value": {"text": [whole]}}]}]}
        for whole, _ in WRITTEN.values()
    ]
    tasks = import_tasks(api, project, sent)
    for task, (case, (_, part)) in zip(tasks, WRITTEN.items(), strict=True):
        asked = {"filters": filters((column, "contains", "String", part))}
        page = tasks_page(api, project, query=asked, include="id")
        got = [found["id"] for found in page.json()["tasks"]]
        show.equal("LS-DM-044", expected=[task["id"]], got=got, exchange=page, signature=case)


@pytest.mark.requirement("LS-DM-054")
def test_a_text_is_found_in_any_case(api: Wire, show: Show, project: dict[str, Any]) -> None:
    words = (("gamma", "GAMMA"), ("żółć", "ŻÓŁĆ"), ("дом", "ДОМ"))
    tasks = import_tasks(api, project["id"], [{"text": f"a {word} b"} for word, _ in words])

    def found(text: str) -> Exchange:
        asked = {"filters": filters(("data.text", "contains", "String", text))}
        return tasks_page(api, project["id"], query=asked, include="id")

    def ids(page: Exchange) -> list[int]:
        return [task["id"] for task in page.json()["tasks"]]

    every = [[task["id"]] for task in tasks]
    if [ids(found(word)) for word, _ in words] != every:
        show.not_measured("the texts are not found in their own letter case, either")
    pages = [found(other) for _, other in words]
    got = [ids(page) for page in pages]
    show(
        "LS-DM-054",
        got in (every, [[]] * len(words)),
        expected=f"{every}, or nothing in any alphabet",
        got=got,
        exchange=pages[-1],
    )


# times long ago, as ISO 8601 and RFC 3339 have them
TIMES = {
    "with milliseconds": "2001-01-01T00:00:00.000Z",
    "without a fraction": "2001-01-01T00:00:00Z",
    "with a zone": "2001-01-01T02:00:00.000+02:00",
    "with a zone, without a fraction": "2001-01-01T02:00:00+02:00",
}


@pytest.mark.requirement("LS-DM-045")
def test_a_time_is_understood_in_every_form(api: Wire, show: Show, project: dict[str, Any]) -> None:
    (task,) = import_tasks(api, project["id"], [{"text": "a"}])
    for case, time in TIMES.items():
        for operator, expected in (("greater", [task["id"]]), ("less", [])):
            asked = {"filters": filters(("created_at", operator, "Datetime", time))}
            with api.unchecked():
                page = tasks_page(api, project["id"], query=asked, include="id", expect=None)
            got = [found["id"] for found in page.json()["tasks"]] if page.succeeded else page.brief()
            show.equal("LS-DM-045", expected=expected, got=got, exchange=page, signature=case)


@pytest.mark.requirement("LS-DM-046")
def test_a_score_is_that_of_the_predictions_of_a_task(
    api: Wire, show: Show, new_project: NewProject, peers: Peers
) -> None:
    def show_scored(case: str, project: int) -> None:
        page = tasks_page(api, project, fields="all")
        got = {task["data"]["text"]: task.get("predictions_score") for task in page.json()["tasks"]}
        show.equal("LS-DM-046", expected={"a": 0.25, "b": None}, got=got, exchange=page, signature=case)
        asked = {"filters": filters(("predictions_score", "less", "Number", 0.5))}
        found = tasks_page(api, project, query=asked, include="id")
        number = len(found.json()["tasks"])
        show.equal("LS-DM-046", expected=1, got=number, exchange=found, signature=f"{case}: filter")

    for case in ("predictions created", "predictions updated", "predictions imported", "two versions imported"):
        project = new_project()["id"]
        versions = ("m 1", "m 2") if "two" in case else ("m 1",)
        guesses = [{"result": [choice("Positive")], "score": 0.25, "model_version": v} for v in versions]
        if case == "predictions created":
            first, _ = import_tasks(api, project, [{"text": "a"}, {"text": "b"}])
            predict(api, first, choice("Positive"), score=0.25, model_version="m 1")
        elif case == "predictions updated":
            former = {**guesses[0], "score": 0.75, "model_version": "m 0"}
            both: list[dict[str, Any]] = [{"data": {"text": "a"}, "predictions": [former]}, {"data": {"text": "b"}}]
            first, _ = import_tasks(api, project, both)
            (made,) = api.call("predictions.list", query={"task": first["id"]}).json()
            changed = {"score": 0.25, "model_version": "m 1"}
            api.call("predictions.update", id=made["id"], json=changed)
        else:
            import_tasks(api, project, [{"data": {"text": "a"}, "predictions": guesses}, {"data": {"text": "b"}}])
        show_scored(case, project)
    model = peers.ml.model(predictor=lambda _, __: {"result": [choice("Positive")], "score": 0.25})
    project = new_project()["id"]
    first, _ = import_tasks(api, project, [{"text": "a"}, {"text": "b"}])
    api.call("ml.create", json={"project": project, "url": model.url, "title": "a model"})
    act(api, "retrieve_tasks_predictions", project, first["id"])
    show_scored("predictions retrieved", project)


@pytest.mark.requirement("LS-AGREE-016")
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["tasks:data.group", "-tasks:id"], [3, 1, 2, 0]),
        (["-tasks:data.group", "tasks:id"], [0, 2, 1, 3]),
        (["tasks:total_annotations", "-tasks:inner_id"], [2, 1, 0, 3]),
    ],
    ids=["up, down", "down, up", "counter, down"],
)
def test_a_second_order_tells_apart_what_the_first_does_not(
    api: Wire, show: Show, project: dict[str, Any], order: list[str], expected: list[int]
) -> None:
    tasks = import_tasks(api, project["id"], [{"text": "a", "group": str((n + 1) % 2)} for n in range(4)])
    annotate(api, tasks[3], choice("Positive"))
    page = tasks_page(api, project["id"], query={"ordering": order}, include="id")
    number = {task["id"]: n for n, task in enumerate(tasks)}
    got = [number[found["id"]] for found in page.json()["tasks"]]
    show.equal("LS-AGREE-016", expected=expected, got=got, exchange=page)


@pytest.mark.requirement("LS-TASK-035")
def test_a_view_of_another_project_lists_nothing(
    api: Wire, show: Show, project: dict[str, Any], new_project: NewProject
) -> None:
    elsewhere = new_project()["id"]
    import_tasks(api, elsewhere, [{"text": "elsewhere"}])
    view = api.call("views.create", json={"project": elsewhere, "data": {"title": "elsewhere"}}).json()["id"]
    with api.unchecked():
        page = api.call("tasks.list", query={"project": project["id"], "view": view}, expect=None)
    show(
        "LS-TASK-035",
        page.rejected or (page.succeeded and not page.json()["tasks"]),
        expected="a 4xx, or no tasks",
        got=page.brief(),
        exchange=page,
    )
