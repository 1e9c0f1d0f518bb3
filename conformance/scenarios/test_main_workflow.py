"""The main workflow in full: from an empty project through labelling to exports, and back to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import show_read, told_gone
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.readers import read_table
from conformance.scenarios.steps import (
    annotate,
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
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SENT = [
    {"data": {"text": "The soup was excellent.", "stars": 5, "tags": ["food", "warm"]}},
    {"data": {"text": 'Never, ever again: "cold", said Zoë.', "stars": 1, "place": {"city": "Zürich", "open": None}}},
    {"data": {"text": "It was what it was.\nNothing more.", "stars": 3}},
]
CSV = 'text,stars\r\n"Fine, on the whole",4\r\nAwful,2\r\n'
FROM_CSV = ["Fine, on the whole", "Awful"]
KEPT = ("id", "task", "result", "lead_time", "was_cancelled", "ground_truth", "created_at", "completed_by")


def some(keys: tuple[str, ...], thing: dict[str, Any]) -> dict[str, Any]:
    """The named parts of an object."""
    return {key: thing.get(key) for key in keys}


@pytest.mark.requirement("LS-MAIN-001", "LS-MAIN-002", "LS-MAIN-003")
def test_a_project_is_created(api: Wire, show: Show, new_name: Callable[[str], str]) -> None:
    wanted = {"title": new_name("main"), "description": "Reviews of a canteen", "label_config": TEXT_CHOICES}
    made = api.call("projects.create", json=wanted)
    project = made.json()
    told = {**some(("title", "description", "label_config"), project), "id": isinstance(project.get("id"), int)}
    show.equal("LS-MAIN-001", expected={**wanted, "id": True}, got=told, exchange=made)

    read = api.call("projects.get", id=project["id"])
    show.equal("LS-MAIN-002", expected=wanted, got=some(tuple(wanted), read.json()), exchange=read)

    page = tasks_page(api, project["id"])
    show.equal("LS-MAIN-003", expected=0, got=page.json()["total"], exchange=page)


@pytest.mark.requirement("LS-MAIN-004", "LS-MAIN-005", "LS-MAIN-006", "LS-MAIN-007")
def test_tasks_come_in_by_a_json_body_and_by_a_file(api: Wire, show: Show, project: dict[str, Any]) -> None:
    by_body = bring_in(api, project["id"], json=SENT)
    show.equal("LS-MAIN-004", expected=len(SENT), got=by_body.json().get("task_count"), exchange=by_body)

    file = {"file": ("reviews.csv", CSV.encode(), "text/csv")}
    by_file = bring_in(api, project["id"], files=file)
    tasks = list_tasks(api, project["id"])
    show(
        "LS-MAIN-005",
        by_file.json().get("task_count") == len(FROM_CSV) and texts(tasks[len(SENT) :]) == FROM_CSV,
        expected=FROM_CSV,
        got=texts(tasks[len(SENT) :]),
        exchange=by_file,
    )
    show.equal(
        "LS-MAIN-006",
        expected=[task["data"] for task in SENT],
        got=[task["data"] for task in tasks[: len(SENT)]],
        exchange=by_body,
    )
    one = api.call("tasks.get", id=tasks[1]["id"])
    facts = ("id", "data", "meta", "inner_id", "project", "total_annotations", "is_labeled", "created_at")
    show.equal("LS-MAIN-007", expected=some(facts, tasks[1]), got=some(facts, one.json()), exchange=one)


@pytest.mark.requirement("LS-MAIN-008", "LS-MAIN-009", "LS-MAIN-010", "LS-MAIN-011", "LS-MAIN-012")
def test_an_annotation_is_made_changed_and_deleted(api: Wire, show: Show, task: dict[str, Any]) -> None:
    wanted = {"result": [choice("Positive")], "lead_time": 12.5}
    made = api.call("annotations.create", id=task["id"], json=wanted)
    annotation = made.json()
    show.equal(
        "LS-MAIN-008",
        expected={**wanted, "task": task["id"]},
        got=some(("result", "lead_time", "task"), annotation),
        exchange=made,
    )
    annotated = api.call("tasks.get", id=task["id"])
    shown = annotated.json()
    show.equal(
        "LS-MAIN-009",
        expected=[1, [annotation["id"]], True],
        got=[shown["total_annotations"], [a["id"] for a in shown["annotations"]], shown["is_labeled"]],
        exchange=annotated,
    )
    api.call("annotations.update", id=annotation["id"], json={"result": [choice("Negative")]})
    read = api.call("annotations.get", id=annotation["id"])
    show.equal(
        "LS-MAIN-010",
        expected={**some(KEPT, annotation), "result": [choice("Negative")]},
        got=some(KEPT, read.json()),
        exchange=read,
    )
    api.call("annotations.delete", id=annotation["id"])
    gone = api.call("annotations.get", id=annotation["id"], expect=None)
    left = api.call("annotations.list", id=task["id"])
    show.equal("LS-MAIN-011", expected=[404, []], got=[told_gone(gone), left.json()], exchange=gone)

    bare = api.call("tasks.get", id=task["id"])
    show.equal(
        "LS-MAIN-012",
        expected=[0, False],
        got=[bare.json()["total_annotations"], bare.json()["is_labeled"]],
        exchange=bare,
    )


@pytest.mark.requirement("LS-MAIN-013")
def test_a_prediction_is_added(api: Wire, show: Show, task: dict[str, Any]) -> None:
    wanted = {"result": [choice("Negative")], "score": 0.25, "model_version": "canteen-1"}
    made = api.call("predictions.create", json={"task": task["id"], **wanted})
    shown = api.call("tasks.get", id=task["id"])
    seen = [some(tuple(wanted), p) for p in [made.json(), *shown.json()["predictions"]]]
    show.equal("LS-MAIN-013", expected=[wanted, wanted], got=seen, exchange=shown)


@pytest.mark.requirement("LS-MAIN-014", "LS-MAIN-015")
def test_tasks_are_filtered_and_paged_through(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    tasks = imported(project, SENT)
    asked = {"filters": filters(("data.text", "contains", "String", "soup"))}
    found = tasks_page(api, project["id"], query=asked, fields="all")
    show.equal(
        "LS-MAIN-014",
        expected=[1, [tasks[0]["id"]]],
        got=[found.json()["total"], [t["id"] for t in found.json()["tasks"]]],
        exchange=found,
    )
    pages = [tasks_page(api, project["id"], page=n, page_size=2) for n in (1, 2)]
    show.equal(
        "LS-MAIN-015",
        expected=[[3, 3], sorted(t["id"] for t in tasks)],
        got=[[p.json()["total"] for p in pages], sorted(t["id"] for p in pages for t in p.json()["tasks"])],
        exchange=pages[-1],
    )


@pytest.fixture
def labelled(
    api: Wire, new_project: NewProject, imported: Imported
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """A project with three tasks, and annotations (by task id) of the first two."""
    project = new_project()
    tasks = imported(project, SENT)
    annotations = {
        tasks[0]["id"]: annotate(api, tasks[0], choice("Positive"), lead_time=3.5),
        tasks[1]["id"]: annotate(api, tasks[1], choice("Negative"), lead_time=8),
    }
    return project, tasks, annotations


Labelled = tuple[dict[str, Any], list[dict[str, Any]], dict[int, dict[str, Any]]]


@pytest.mark.requirement("LS-MAIN-016", "LS-MAIN-017", "LS-MAIN-018", "LS-MAIN-019", "LS-MAIN-020")
def test_a_direct_export_holds_what_went_in(api: Wire, show: Show, labelled: Labelled) -> None:
    project, tasks, annotations = labelled
    predict(api, tasks[2], choice("Positive"), score=0.5)
    exchange = export(api, project["id"], "JSON")
    exported = {task["id"]: task for task in exchange.json()}
    show.equal("LS-MAIN-016", expected=sorted(annotations), got=sorted(exported), exchange=exchange)
    show.equal(
        "LS-MAIN-017",
        expected=[SENT[0]["data"], SENT[1]["data"]],
        got=[exported[task["id"]]["data"] for task in tasks[:2] if task["id"] in exported],
        exchange=exchange,
    )
    show_same_annotations("LS-MAIN-018", show, exchange, expected=annotations, exported=exported)

    everything = exported_tasks(api, project["id"], everything=True)
    show.equal("LS-MAIN-019", expected=[t["id"] for t in tasks], got=[t["id"] for t in everything])

    show_read(
        "LS-MAIN-020",
        show,
        export(api, project["id"], "CSV"),
        lambda content: sorted((row["text"], row["stars"], row["label"]) for row in read_table(content)),
        sorted([(SENT[0]["data"]["text"], "5", "Positive"), (SENT[1]["data"]["text"], "1", "Negative")]),
    )


@pytest.mark.requirement("LS-MAIN-021", "LS-MAIN-022", "LS-MAIN-023", "LS-MAIN-024")
def test_a_snapshot_is_made_converted_downloaded_and_deleted(
    api: Wire, show: Show, eventually: Eventually, labelled: Labelled
) -> None:
    project, tasks, annotations = labelled
    snapshot = {
        "id": project["id"],
        "export_pk": api.call("projects.exports.create", id=project["id"], json={}).json()["id"],
    }
    ready = eventually(
        lambda: api.call("projects.exports.get", **snapshot),
        until=lambda seen: seen.json()["status"] in {"completed", "failed"},
        budget="export ready",
    )
    show.equal("LS-MAIN-021", expected="completed", got=ready.json()["status"], exchange=ready)

    download = api.call("projects.exports.download", **snapshot)
    exported = {task["id"]: task for task in download.json()}
    data = {task["id"]: exported.get(task["id"], {}).get("data") for task in tasks}
    if show.equal("LS-MAIN-022", expected={t["id"]: t["data"] for t in tasks}, got=data, exchange=download):
        show_same_annotations("LS-MAIN-022", show, download, expected=annotations, exported=exported)

    api.call("projects.exports.convert", json={"export_type": "CSV"}, **snapshot)
    table = eventually(
        lambda: api.call("projects.exports.download", query={"exportType": "CSV"}, expect=None, **snapshot),
        until=lambda seen: seen.ok,
        budget="conversion ready",
    )
    wanted = ["Positive", "Negative", ""]
    show_read(
        "LS-MAIN-023",
        show,
        table,
        lambda content: {row["id"]: (row["text"], row["label"]) for row in read_table(content)},
        {str(t["id"]): (t["data"]["text"], label) for t, label in zip(tasks, wanted, strict=True)},
    )
    api.call("projects.exports.delete", **snapshot)
    gone = api.call("projects.exports.get", expect=None, **snapshot)
    left = api.call("projects.exports.list", id=project["id"]).json()
    show.equal("LS-MAIN-024", expected=[404, []], got=[told_gone(gone), left], exchange=gone)


@pytest.mark.requirement("LS-MAIN-025", "LS-MAIN-026", "LS-MAIN-027")
def test_all_of_it_is_deleted_and_gone(api: Wire, show: Show, labelled: Labelled) -> None:
    project, tasks, _ = labelled
    first, *others = tasks
    api.call("tasks.delete", id=first["id"])
    gone = api.call("tasks.get", id=first["id"], expect=None)
    left = [t["id"] for t in list_tasks(api, project["id"])]
    show.equal("LS-MAIN-025", expected=[404, [t["id"] for t in others]], got=[told_gone(gone), left], exchange=gone)

    api.call("projects.delete", id=project["id"])
    gone = api.call("projects.get", id=project["id"], expect=None)
    listed = api.call("projects.list", query={"ids": project["id"]}).json()["results"]
    show.equal("LS-MAIN-026", expected=[404, []], got=[told_gone(gone), listed], exchange=gone)

    orphans = [api.call("tasks.get", id=task["id"], expect=None) for task in others]
    show.equal("LS-MAIN-027", expected=[404, 404], got=[told_gone(o) for o in orphans], exchange=orphans[0])


def show_same_annotations(
    requirement: str,
    show: Show,
    exchange: Exchange,
    *,
    expected: dict[int, dict[str, Any]],
    exported: dict[int, dict[str, Any]],
) -> None:
    """Compare exported annotations with what the server said when they were made, field by field."""
    show.equal(
        requirement,
        expected={task: [some(KEPT, annotation)] for task, annotation in expected.items()},
        got={
            number: [some(KEPT, annotation) for annotation in task["annotations"]]
            for number, task in exported.items()
            if task["annotations"]
        },
        exchange=exchange,
    )
