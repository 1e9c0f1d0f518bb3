"""Synchronisation of storages: what it reports is there, and the counters agree with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.tally import of_task
from conformance.scenarios.data.configs import choice
from conformance.scenarios.effects.syncing import brought, needs_synchronisation, synchronised
from conformance.scenarios.steps import annotate, export, import_tasks, list_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

NOBODY = 2_000_000_001
DRAWN = [choice("Positive")]
# what is odd about an object's annotations or predictions → them; each is in a file of its own
ANNOTATIONS: dict[str, Any] = {
    "plain": [{"result": DRAWN}],
    "two": [{"result": DRAWN}, {"result": [choice("Negative")]}],
    "empty result": [{"result": []}],
    "skipped": [{"result": [], "was_cancelled": True}],
    "one skipped of two": [{"result": DRAWN}, {"result": [], "was_cancelled": True}],
    "ground truth": [{"result": DRAWN, "ground_truth": True}],
    "author as an object": [{"result": DRAWN, "completed_by": {"id": 1}}],
    "author as an address": [{"result": DRAWN, "completed_by": "somebody@example.com"}],
    "author is nobody": [{"result": DRAWN, "completed_by": NOBODY}],
    "result is null": [{"result": None}],
    "result is an object": [{"result": {}}],
    "annotations are null": None,
    "annotations are an object": {},
}
PREDICTIONS: dict[str, Any] = {
    "plain": [{"result": DRAWN, "score": 0.5, "model_version": "1"}],
    "two": [{"result": DRAWN, "score": 0.5}, {"result": DRAWN, "score": 0.25}],
    "no result": [{"score": 0.5}],
    "score is a word": [{"result": DRAWN, "score": "high"}],
    "nothing": [{}],
}


FOLDER_GONE = "a storage whose folder is gone"


@pytest.mark.requirement("LS-EFFECT-001", "LS-EFFECT-002", "LS-EFFECT-003")
@pytest.mark.parametrize(("what", "table"), [("annotations", ANNOTATIONS), ("predictions", PREDICTIONS)])
def test_what_a_synchronisation_brings_is_there(
    api: Wire,
    show: Show,
    eventually: Eventually,
    project: dict[str, Any],
    folder: Path,
    what: str,
    table: dict[str, Any],
) -> None:
    for case, held in table.items():
        (folder / f"{case}.json").write_text(json.dumps({"data": {"text": case}, what: held}), encoding="utf-8")
    synced = brought(api, eventually, project, folder)
    completed = synced.json().get("status") == "completed"
    tasks = {t["data"]["text"]: t for t in list_tasks(api, project["id"])}
    for case, task in tasks.items():
        for counter, (counts, there) in of_task(task).items():
            show.equal(
                "LS-EFFECT-001", expected=there, got=counts, exchange=synced, signature=f"{what}, {case}: {counter}"
            )
        sent, stored = len(table[case] or ()), len(task[what])
        show(
            "LS-EFFECT-002",
            stored == sent or not completed,
            expected=f"{sent} {what}, or a synchronisation that failed",
            got=f"status {synced.json().get('status')}, {stored} stored",
            exchange=synced,
            signature=f"{what}, {case}",
        )
    if completed:
        count = synced.json().get("last_sync_count")
        show.equal("LS-EFFECT-003", expected=len(table), got=count, exchange=synced, signature="told")
        show.equal("LS-EFFECT-003", expected=sorted(table), got=sorted(tasks), exchange=synced, signature="there")


# what is odd about an object → its name and content; beside it there is one that is right
OBJECTS: dict[str, tuple[str, str]] = {
    "no JSON": ("b.json", "{"),
    "empty": ("b.json", ""),
    "a number": ("b.json", "5"),
    "null": ("b.json", "null"),
    "an empty object": ("b.json", "{}"),
    "without the config's field": ("b.json", '{"elsewhere": "x"}'),
    "data is a text": ("b.json", '{"data": "x"}'),
    "data is null": ("b.json", '{"data": null}'),
    "one of two without the config's field": ("b.json", '[{"text": "x"}, {"elsewhere": "x"}]'),
    "a picture": ("b.png", "\x89PNG"),
}


@pytest.mark.requirement("LS-EFFECT-004", "LS-EFFECT-005")
@pytest.mark.parametrize("case", list(OBJECTS))
def test_an_object_that_is_no_task_is_told(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path, case: str
) -> None:
    project = new_project()
    name, content = OBJECTS[case]
    (folder / "a.json").write_text('{"text": "right"}', encoding="utf-8")
    (folder / name).write_text(content, encoding="utf-8")
    synced = brought(api, eventually, project, folder)
    status, count = synced.json().get("status"), synced.json().get("last_sync_count")
    tasks = list_tasks(api, project["id"])
    if not tasks:
        needs_synchronisation(api, eventually, new_project(), folder)
    wrong = [t["data"] for t in tasks if "text" not in (t["data"] or {})]
    show.equal("LS-EFFECT-004", expected=[], got=wrong, exchange=synced, signature=case)
    agrees = count == len(tasks) or (status == "failed" and not tasks)
    show(
        "LS-EFFECT-005",
        agrees,
        expected="a count of the tasks that came",
        exchange=synced,
        signature=case,
        got=f"status {status}, last_sync_count {count}, {len(tasks)} tasks",
    )


@pytest.mark.requirement("LS-EFFECT-006")
def test_a_second_synchronisation_brings_what_is_new(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    (folder / "a.json").write_text('{"text": "a"}', encoding="utf-8")
    first = brought(api, eventually, project, folder)
    storage = first.json()["id"]
    seen = []
    for names in ((), ("b", "c"), ()):
        for name in names:
            (folder / f"{name}.json").write_text(json.dumps([{"text": name}, {"text": name * 2}]), encoding="utf-8")
        again = synchronised(api, eventually, "import_storage", storage)
        seen.append([again.json().get("last_sync_count"), len(list_tasks(api, project["id"]))])
    show.equal("LS-EFFECT-006", expected=[[0, 1], [4, 5], [0, 5]], got=seen)


@pytest.fixture
def exported(api: Wire, project: dict[str, Any], folder: Path) -> int:
    """A storage for export of a project with two annotated tasks and one that is not."""
    tasks = import_tasks(api, project["id"], [{"data": {"text": str(n)}} for n in range(3)])
    annotate(api, tasks[0], choice("Positive"))
    annotate(api, tasks[0], choice("Negative"))
    annotate(api, tasks[1], was_cancelled=True)
    body = {"project": project["id"], "path": str(folder)}
    return int(api.call("export_storage.local.create", json=body).json()["id"])


@pytest.mark.requirement("LS-EFFECT-010", "LS-EFFECT-011", "LS-EFFECT-012")
def test_what_an_export_says_that_it_wrote_is_there(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], exported: int, folder: Path
) -> None:
    synced = synchronised(api, eventually, "export_storage", exported)
    count, there = synced.json().get("last_sync_count"), sorted(p.name for p in folder.iterdir())
    show.equal("LS-EFFECT-010", expected=len(there), got=count, exchange=synced)
    wanted = sorted(a["id"] for t in list_tasks(api, project["id"]) for a in t["annotations"])
    written = sorted(json.loads(p.read_text(encoding="utf-8"))["id"] for p in folder.iterdir())
    show.equal("LS-EFFECT-011", expected=wanted, got=written, exchange=synced)
    task = list_tasks(api, project["id"])[2]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    answer = api.call("annotations.create", id=task["id"], json={"result": DRAWN}, expect=None, deed=FOLDER_GONE)
    kept = len(api.call("annotations.list", id=task["id"]).json())
    show(
        "LS-EFFECT-012",
        kept == int(answer.succeeded),
        expected="an annotation that is answered as it is: stored, or refused",
        got=f"{answer.brief()}, and {kept} stored",
        exchange=answer,
    )
    failed = synchronised(api, eventually, "export_storage", exported, deed=FOLDER_GONE)
    anew = folder.is_dir() and any(folder.iterdir())
    told = anew or not failed.succeeded or failed.json().get("status") == "failed"
    show(
        "LS-EFFECT-010",
        told,
        expected="a failure, or a folder made anew",
        got=failed.brief(),
        exchange=failed,
        signature="gone",
    )


@pytest.mark.requirement("LS-EFFECT-007")
def test_what_was_exported_comes_back(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, exported: int, folder: Path
) -> None:
    synchronised(api, eventually, "export_storage", exported)
    if not any(folder.iterdir()):
        show.not_measured("nothing was exported that could come back")
    elsewhere = new_project()
    synced = brought(api, eventually, elsewhere, folder)
    tasks = list_tasks(api, elsewhere["id"])
    got = sorted([str(task["data"].get("text")), len(task["annotations"])] for task in tasks)
    refused = not synced.succeeded or synced.json().get("status") != "completed"
    if refused and not got:
        needs_synchronisation(api, eventually, new_project(), folder)
    show(
        "LS-EFFECT-007",
        got == [["0", 2], ["1", 1]] or (refused and not got),
        expected='tasks "0" and "1" with their annotations, or a synchronisation that failed and brought nothing',
        got=f"{synced.brief()}: {got}",
        exchange=synced,
    )


@pytest.mark.requirement("LS-EFFECT-044")
def test_an_export_of_another_project_is_synchronised(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, project: dict[str, Any], folder: Path
) -> None:
    """The annotations of an export have ids that they have once only, as long as the first project is there."""
    import_tasks(api, project["id"], [{"data": {"text": "a"}, "annotations": [{"result": [choice("Positive")]}]}])
    exported = export(api, project["id"], "JSON")
    (folder / "exported.json").write_bytes(exported.content)
    elsewhere = new_project()
    synced = brought(api, eventually, elsewhere, folder)
    got = [[task["data"].get("text"), len(task["annotations"])] for task in list_tasks(api, elsewhere["id"])]
    show.equal("LS-EFFECT-044", expected=[["a", 1]], got=got, exchange=synced)
