"""Objects of a storage and what they become: compared with an import of the same JSON, and with what readers say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.effects.syncing import brought, needs_synchronisation, synchronised
from conformance.scenarios.steps import act, bring_in, export, list_tasks, tasks_page

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

DRAWN = [choice("Positive", region_id="q1")]
# what an object says of a task
SAID: dict[str, Any] = {
    "data": {"text": "Zażółć “said” 🜚"},
    "meta": {"of": ["the object", 0.123456789]},
    "annotations": [
        {"id": 4711, "result": DRAWN, "lead_time": 12.503125, "ground_truth": False},
        {"id": 4712, "result": [], "was_cancelled": True, "ground_truth": False},
        {"id": 4713, "result": DRAWN, "ground_truth": True},
    ],
    "predictions": [{"result": DRAWN, "score": 0.912345678901234, "model_version": "Model “Ä” 1.0"}],
}
# what another one leaves open
OPEN: dict[str, Any] = {
    "data": {"text": "open"},
    "annotations": [{"result": DRAWN}],
    "predictions": [{"result": DRAWN}],
}
KEPT = {
    "task": ("data", "meta", "total_annotations", "cancelled_annotations", "total_predictions", "is_labeled"),
    "annotations": ("result", "lead_time", "ground_truth", "was_cancelled", "import_id", "result_count"),
    "predictions": ("result", "score", "model_version"),
}
FILLED = {
    "task": ("meta", "inner_id", "overlap"),
    "annotations": ("lead_time", "ground_truth", "was_cancelled", "completed_by"),
    "predictions": ("score", "model_version"),
}


def fields(task: dict[str, Any], named: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The values of some fields of a task and its parts, those of parts in the order of their ids."""
    found: dict[str, Any] = {f"task.{name}": task.get(name) for name in named["task"]}
    for part in ("annotations", "predictions"):
        parts = sorted(task[part], key=lambda one: one["id"])
        found |= {f"{part}.{name}": [one.get(name) for one in parts] for name in named[part]}
    return found


@pytest.mark.requirement("LS-EFFECT-008", "LS-EFFECT-009")
def test_an_object_becomes_what_its_import_does(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path
) -> None:
    for requirement, described, named in (("LS-EFFECT-008", SAID, KEPT), ("LS-EFFECT-009", OPEN, FILLED)):
        imported, synced = new_project()["id"], new_project()
        bring_in(api, imported, json=[described])
        (folder / "a.json").write_text(json.dumps(described), encoding="utf-8")
        answer = brought(api, eventually, synced, folder)
        (wanted,) = list_tasks(api, imported)
        got = [*list_tasks(api, synced["id"]), {"annotations": [], "predictions": []}][0]
        expected, there = fields(wanted, named), fields(got, named)
        for name in expected:
            show.equal(requirement, expected=expected[name], got=there[name], exchange=answer, signature=name)


# what is odd about the value of a text → the JSON of an object; each in a project of its own
ODD = {
    "half a surrogate pair": '{"text": "\\ud800"}',
    "a number beyond 64 bits": '{"text": "a", "n": 36893488147419103232}',
    "annotations are a text": '{"data": {"text": "a"}, "annotations": "x"}',
}


@pytest.mark.requirement("LS-EFFECT-013")
def test_readers_go_on_after_a_synchronisation(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path
) -> None:
    needs_synchronisation(api, eventually, new_project(), folder)
    for case, content in ODD.items():
        project = new_project()
        (folder / "a.json").write_text(content, encoding="utf-8")
        synced = brought(api, eventually, project, folder)
        read: dict[str, Exchange] = {
            "list": tasks_page(api, project["id"], fields="all", expect=None, deed=f"an object: {case}"),
            "export": export(api, project["id"], "JSON", everything=True, expect=None, deed=f"an object: {case}"),
        }
        show_each(
            "LS-EFFECT-013",
            show,
            next((r for r in read.values() if not r.ok), synced),
            {name: (200, answer.status) for name, answer in read.items()},
            about=case,
        )


@pytest.mark.requirement("LS-EFFECT-014")
def test_an_annotation_that_cannot_be_written_is_told(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    tasks = [{"data": {"text": str(n)}, "annotations": [{"result": DRAWN}]} for n in range(3)]
    bring_in(api, project["id"], json=tasks)
    body = {"project": project["id"], "path": str(folder)}
    storage = api.call("export_storage.local.create", json=body).json()["id"]
    synchronised(api, eventually, "export_storage", storage)
    names = sorted(path.name for path in folder.iterdir())
    if len(names) != len(tasks):
        show.blocked("LS-EFFECT-015", f"of {len(tasks)} annotations {len(names)} files were written, none in the way")
    for path in folder.iterdir():
        path.unlink()
    (folder / names[1]).mkdir()  # nothing can be written where a folder is
    synced = synchronised(api, eventually, "export_storage", storage, deed="a file that cannot be written")
    written = [path for path in folder.iterdir() if path.is_file()]
    status, count = (synced.json().get(name) for name in ("status", "last_sync_count"))
    told = not synced.succeeded or status != "completed" or count == len(written) == len(names)
    show(
        "LS-EFFECT-014",
        told,
        expected=f"a failure, or errors: {len(names)} annotations, {len(written)} written",
        got=f"status {status}, last_sync_count {count}",
        exchange=synced,
    )


def ids_in(folder: Path) -> set[int]:
    """The annotations that are written in a folder."""
    return {json.loads(path.read_text(encoding="utf-8"))["id"] for path in folder.iterdir()}


def show_written(api: Wire, show: Show, folder: Path, synced: Exchange) -> None:
    """Show that the newest files say what their annotations say."""
    files = sorted(folder.iterdir())
    if not files:
        show.not_measured("no annotation was written that could be followed")
    for path in files[-2:]:
        written = json.loads(path.read_text(encoding="utf-8"))
        told = api.call("annotations.get", id=written["id"]).json()
        wrong = sorted(k for k in told if k not in {"completed_by", "task"} and told[k] != written.get(k))
        show.equal("LS-EFFECT-016", expected=[], got=wrong, exchange=synced)


@pytest.mark.requirement("LS-EFFECT-015", "LS-EFFECT-016", "LS-EFFECT-017")
def test_a_storage_follows_annotations_whichever_way(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    place = project["id"]
    body = {"project": place, "path": str(folder), "can_delete_objects": True}
    storage = api.call("export_storage.local.create", json=body).json()["id"]

    def come() -> set[int]:
        return {a["id"] for task in list_tasks(api, place) for a in task["annotations"]}

    whole = {**SAID, "annotations": [{"result": DRAWN}]}
    made = bring_in(api, place, json=[whole, whole, {"data": {"text": "b"}}])
    first, second, third = (task["id"] for task in list_tasks(api, place))
    ways = {"projects.import_tasks": made}
    known: set[int] = set()
    for way in ("projects.import_tasks", "annotations.create", "predictions_to_annotations"):
        if way == "annotations.create":
            sent = {"result": DRAWN, "lead_time": 7.03125, "ground_truth": True}
            ways[way] = api.call(way, id=third, json=sent)
        elif way != "projects.import_tasks":
            ways[way] = act(api, way, place, first)
        there = come()
        missing = sorted(there - known - ids_in(folder))
        show_none("LS-EFFECT-015", show, ways[way], missing, among=there - known, signature=way)
        known = there
    synced = synchronised(api, eventually, "export_storage", storage)
    show_written(api, show, folder, synced)
    astray: set[int] = set()
    for way in ("delete_tasks_annotations", "tasks.delete", "delete_tasks", "tasks.delete_all_tasks"):
        if way == "tasks.delete_all_tasks":
            api.call("annotations.create", id=first, json={"result": DRAWN})
        kept = ids_in(folder) & come()
        if way == "tasks.delete":
            gone = api.call(way, id=third)
        elif way == "tasks.delete_all_tasks":
            gone = api.call(way, id=place)
        else:
            gone = act(api, way, place, first if way == "delete_tasks_annotations" else second)
        there = come()
        left = ids_in(folder) - there
        show_none("LS-EFFECT-017", show, gone, sorted(left - astray), among=kept - there, signature=way)
        astray = left
