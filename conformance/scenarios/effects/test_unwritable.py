"""Changes and deletions while the folder of a storage for export is missing or a file, and what they leave there."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, import_tasks, tasks_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

DEED = "a storage whose folder is none"


@contextmanager
def without(folder: Path, way: str) -> Iterator[None]:
    """Take the folder away, or put a file in its place, for as long as this lasts."""
    shutil.rmtree(folder)
    if way == "a file":
        folder.write_text("in the way", encoding="utf-8")
    try:
        yield
    finally:
        if folder.is_file():
            folder.unlink()
        folder.mkdir(exist_ok=True)


@pytest.fixture
def connected(api: Wire, project: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Two tasks whose annotations were written to the folder."""
    body = {"project": project["id"], "path": str(folder), "can_delete_objects": True}
    api.call("export_storage.local.create", json=body)
    tasks = import_tasks(api, project["id"], [{"data": {"text": word}} for word in "ab"])
    for task in tasks:
        annotate(api, task, choice("Positive"))
    return tasks


def left(api: Wire, project: int) -> list[list[Any]]:
    """The tasks of a project, and how many annotations each has."""
    tasks = tasks_page(api, project, fields="all").json()["tasks"]
    return sorted([task["data"]["text"], len(task["annotations"])] for task in tasks)


@pytest.mark.requirement("LS-EFFECT-018")
@pytest.mark.parametrize("way", ["nothing", "a file"])
def test_an_update_that_cannot_be_written(
    api: Wire, show: Show, connected: list[dict[str, Any]], folder: Path, way: str
) -> None:
    if not any(folder.iterdir()):
        show.not_measured("no annotation was written to the folder before")
    annotation = api.call("annotations.list", id=connected[0]["id"]).json()[0]["id"]
    new = [choice("Negative")]
    with without(folder, way):
        answer = api.call("annotations.update", id=annotation, json={"result": new}, expect=None, deed=DEED)
        changed = api.call("annotations.get", id=annotation).json()["result"] == new
    show(
        "LS-EFFECT-018",
        changed == answer.succeeded,
        expected="an update that is answered as it is: done, or refused",
        got=f"{answer.brief()}, and {'changed' if changed else 'not changed'}",
        exchange=answer,
        signature=way,
    )


# what is deleted → what is left then
DELETED: dict[str, list[list[Any]]] = {
    "annotations.delete": [["a", 0], ["b", 1]],
    "tasks.delete": [["b", 1]],
    "delete_tasks": [["b", 1]],
    "delete_tasks_annotations": [["a", 0], ["b", 1]],
    "tasks.delete_all_tasks": [],
}


def delete(api: Wire, project: int, task: int, what: str) -> Exchange:
    """Delete something of a task, by an operation or an action."""
    if what.startswith("delete"):
        selected = {"selectedItems": {"all": False, "included": [task]}}
        query = {"id": what, "project": project}
        return api.call("actions.create", query=query, json=selected, expect=None, deed=DEED)
    number = {"tasks.delete": task, "tasks.delete_all_tasks": project}.get(what)
    if number is None:
        number = api.call("annotations.list", id=task).json()[0]["id"]
    return api.call(what, id=number, expect=None, deed=DEED)


@pytest.mark.destructive  # of a deletion that fails half-way, rows may stay that no operation reaches
@pytest.mark.requirement("LS-EFFECT-019")
@pytest.mark.parametrize("way", ["nothing", "a file"])
@pytest.mark.parametrize("what", DELETED)
def test_a_deletion_that_cannot_be_followed(
    api: Wire,
    show: Show,
    project: dict[str, Any],
    connected: list[dict[str, Any]],
    folder: Path,
    what: str,
    way: str,
) -> None:
    if not any(folder.iterdir()):
        show.not_measured("no annotation was written to the folder before")
    after = DELETED[what]
    with without(folder, way):
        answer = delete(api, project["id"], connected[0]["id"], what)
        got = left(api, project["id"])
    show(
        "LS-EFFECT-019",
        got == (after if answer.succeeded else [["a", 1], ["b", 1]]),
        expected=f"a success, and {after}, or an error, and nothing deleted",
        got=f"{answer.brief()}, and {got}",
        exchange=answer,
        signature=f"{what}: {way}",
    )


@pytest.mark.requirement("LS-EFFECT-054")
@pytest.mark.usefixtures("connected")
def test_a_deleted_project_leaves_nothing_that_may_be_deleted(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    if not any(folder.iterdir()):
        show.not_measured("no annotation was written to the folder before")
    gone = api.call("projects.delete", id=project["id"])
    files = eventually(lambda: list(folder.iterdir()), until=lambda seen: not seen, budget="deletion followed")
    show.equal("LS-EFFECT-054", expected=0, got=len(files), exchange=gone)
