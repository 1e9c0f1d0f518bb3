"""Task data that are not an object, in projects whose labelling config reads no field and so refuses nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, bring_in, export, import_tasks, upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

NOTHING_READ = "<View></View>"
# what they are called in signatures, and what is sent
KINDS: dict[str, tuple[str, Any]] = {
    "an empty list": ("an empty list", []),
    "a list of a number": ("a list", [1]),
    "a list of a text": ("a list", ["a"]),
    "a list of an object": ("a list", [{"text": "a"}]),
    "a list of a list": ("a list", [["text", "a"]]),
    "a text": ("a plain value", "a"),
    "a number": ("a plain value", 5),
    "a boolean": ("a plain value", True),
    "null": ("null", None),
}
KEPT = {"text": "kept"}


def created(api: Wire, task: dict[str, Any], data: Any, deed: str) -> Exchange:
    """Create another task with these data."""
    return api.call("tasks.create", json={"project": task["project"], "data": data}, expect=None, deed=deed)


def updated(api: Wire, task: dict[str, Any], data: Any, deed: str) -> Exchange:
    """Give the task these data."""
    return api.call("tasks.update", id=task["id"], json={"data": data}, expect=None, deed=deed)


def sent(api: Wire, task: dict[str, Any], data: Any, deed: str) -> Exchange:
    """Import another task with these data, in a body."""
    return bring_in(api, task["project"], json=[{"data": data}], expect=None, deed=deed)


WAYS: dict[str, tuple[str, Callable[[Wire, dict[str, Any], Any, str], Exchange]]] = {
    "created": ("LS-TASK-037", created),
    "updated": ("LS-TASK-037", updated),
    "imported": ("LS-IMPORT-166", sent),
}


def everything(api: Wire, project: int, task: int, *, tables: bool) -> dict[str, Exchange]:
    """Read the task in every way; or the ``tables`` only, where other answers would show the data as they were sent."""
    deed = "a project in which data that are no object were sent"
    lists = {"the list": None, "the list with all fields": "all"}
    read = {name: export(api, project, name, everything=True, expect=None, deed=deed) for name in ("JSON_MIN", "CSV")}
    if tables:
        return read
    return {
        **{
            name: api.call("tasks.list", query={"project": project, "fields": fields}, expect=None, deed=deed)
            for name, fields in lists.items()
        },
        "the task": api.call("tasks.get", id=task, expect=None, deed=deed),
        "JSON": export(api, project, "JSON", everything=True, expect=None, deed=deed),
        **read,
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=pytest.mark.requirement(asked, "LS-TASK-038")) for way, (asked, _) in WAYS.items()],
)
def test_data_that_are_no_object_harm_nothing(
    api: Wire, show: Show, new_project: NewProject, way: str, kind: str
) -> None:
    """They are refused, and the task that was there before can be read as before."""
    requirement, do = WAYS[way]
    project = new_project(label_config=NOTHING_READ)
    task = api.call("tasks.create", json={"project": project["id"], "data": KEPT}).json()
    annotate(api, task, choice())
    called, data = KINDS[kind]
    answer = do(api, task, data, f"data that are {kind}")
    show(
        requirement,
        answer.rejected,
        expected="a 4xx",
        got=f"{answer.brief()}: {answer.text[:200]}",
        exchange=answer,
        signature=f"{way} with {called}: HTTP {answer.status}",
    )
    readers = everything(api, project["id"], task["id"], tables=kind == "an empty list")
    broken = [name for name, read in readers.items() if not read.ok]
    shown = next((readers[name] for name in broken), readers["CSV"])
    told = f"{', '.join(broken)} cannot be read" if broken else "all can be read"
    show.equal("LS-TASK-038", expected="all can be read", got=told, exchange=shown, signature=f"{way} with {called}")
    if "the list" in readers and not broken:
        listed = [one["data"] for one in readers["the list"].json()["tasks"]]
        got = {"list": listed, "task": readers["the task"].json()["data"]}
        show.equal(
            "LS-TASK-038",
            expected={"list": [KEPT], "task": KEPT},
            got=got,
            exchange=readers["the list"],
            signature=f"{way} with {called}: other data",
        )


@pytest.mark.requirement("LS-TASK-043")
def test_a_task_can_be_deleted_whatever_its_data_were_to_be(api: Wire, show: Show, new_project: NewProject) -> None:
    """After an action deleted another one: a server may do less for a task once a whole project was deleted."""
    project = new_project(label_config=NOTHING_READ)["id"]
    first, *tasks = import_tasks(api, project, [{"data": KEPT}] * 4)
    act(api, "delete_tasks", project, first["id"])
    for task, kind in zip(tasks, ("a list of a number", "a text", "a number"), strict=True):
        called, data = KINDS[kind]
        with api.unchecked():
            updated(api, task, data, f"data that are {kind}")
            gone = api.call("tasks.delete", id=task["id"], expect=None)
        got = f"{gone.brief()}: {gone.text[:200]}"
        signature = f"after {called}: HTTP {gone.status}"
        show("LS-TASK-043", gone.ok, expected="204", got=got, exchange=gone, signature=signature)


RICH: dict[str, dict[str, Any]] = {
    "with meta": {"data": {}, "meta": {"batch": 7}},
    "with an annotation": {"data": {}, "annotations": [{"result": [choice()], "lead_time": 3.5}]},
    "with a prediction": {"data": {}, "predictions": [{"result": [choice()], "score": 0.5, "model_version": "m"}]},
    "alone": {"data": {}},
}


@pytest.mark.requirement("LS-IMPORT-167")
@pytest.mark.parametrize("form", ["a body", "a file with a list", "a file with one task"])
@pytest.mark.parametrize("case", RICH)
def test_a_task_with_empty_data_keeps_what_comes_with_it(
    api: Wire, show: Show, new_project: NewProject, case: str, form: str
) -> None:
    project = new_project(label_config=NOTHING_READ)
    task = RICH[case]
    if form == "a body":
        answer = bring_in(api, project["id"], json=[task], expect=None)
    else:
        content = json.dumps([task] if form == "a file with a list" else task).encode()
        answer = upload(api, project, ("tasks.json", content), expect=None)
    told = api.call("tasks.list", query={"project": project["id"], "fields": "all"})
    expected = [] if answer.rejected else [summary(task)]
    got = [summary(one) for one in told.json()["tasks"]]
    show(
        "LS-IMPORT-167",
        (answer.rejected or answer.succeeded) and got == expected,
        expected=f"a 4xx and no task, or a success and {[summary(task)]}",
        got=f"{answer.brief()}, and {got}",
        exchange=answer,
        signature=form,
    )


def summary(task: dict[str, Any]) -> dict[str, Any]:
    """What of a task has to be kept: its data, its meta, and the results that people and models gave it."""
    return {
        "data": task["data"],
        "meta": task.get("meta") or {},
        **{
            part: [[one["value"] for one in held["result"]] for held in task.get(part, [])]
            for part in ("annotations", "predictions")
        },
    }
