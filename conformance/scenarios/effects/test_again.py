"""Storages that are synchronised again and again: what changed there, what the project itself wrote there, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.effects.syncing import brought, synchronised
from conformance.scenarios.steps import annotate, list_tasks, texts

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Wire

LONG_AGO = {"created_at": "2020-01-02T03:04:05.000006Z", "updated_at": "2020-02-03T04:05:06.000007Z"}


@pytest.mark.requirement("LS-EFFECT-040")
def test_times_of_annotations_are_kept(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    whole = {"data": {"text": "a"}, "annotations": [{"result": [choice("Positive")], **LONG_AGO}]}
    (folder / "a.json").write_text(json.dumps(whole), encoding="utf-8")
    synced = brought(api, eventually, project, folder)
    got = [{name: a[name] for name in LONG_AGO} for task in list_tasks(api, project["id"]) for a in task["annotations"]]
    show.equal("LS-EFFECT-040", expected=[LONG_AGO], got=got, exchange=synced)


@pytest.mark.requirement("LS-EFFECT-041")
def test_what_the_project_wrote_is_no_task_of_it(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    (folder / "a.json").write_text('{"text": "a"}', encoding="utf-8")
    storage = brought(api, eventually, project, folder).json()["id"]
    (task,) = list_tasks(api, project["id"])
    annotate(api, task, choice("Positive"))
    body = {"project": project["id"], "path": str(folder)}
    export = api.call("export_storage.local.create", json=body).json()["id"]
    synchronised(api, eventually, "export_storage", export)
    again = synchronised(api, eventually, "import_storage", storage)
    show.equal("LS-EFFECT-041", expected=["a"], got=texts(list_tasks(api, project["id"])), exchange=again)


@pytest.mark.requirement("LS-EFFECT-042")
def test_a_changed_object_is_not_passed_over_in_silence(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    (folder / "a.json").write_text('{"text": "before"}', encoding="utf-8")
    storage = brought(api, eventually, project, folder).json()["id"]
    (folder / "a.json").write_text('{"text": "afterwards"}', encoding="utf-8")
    again = synchronised(api, eventually, "import_storage", storage)
    got = texts(list_tasks(api, project["id"]))
    told = again.succeeded and again.json().get("status") != "completed"
    show(
        "LS-EFFECT-042",
        told or "afterwards" in got,
        expected="the new text, or another status than completed",
        got=f"{got}, status {again.json().get('status')}",
        exchange=again,
    )
