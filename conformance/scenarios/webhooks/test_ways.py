"""Each task and annotation that is created or deleted is delivered once, in whatever way it comes or goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, bring_in, import_tasks, list_tasks
from conformance.scenarios.webhooks.listening import Ear, hook, ids

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

ALL = {"selectedItems": {"all": True, "excluded": []}}
WHOLE = {"data": {"text": "whole"}, "annotations": [{"result": [choice("Positive")]}, {"result": []}]}


class Way:
    """A project with three tasks, two of them equal and with two annotations each, and who hears of it."""

    def __init__(self, api: Wire, eventually: Eventually, peers: Peers, project: dict[str, Any]) -> None:
        self.api, self.project = api, project["id"]
        self.tasks = import_tasks(api, self.project, [WHOLE, WHOLE, {"data": {"text": "bare"}}])
        self._inbox = peers.webhooks.inbox()
        hook(api, project, self._inbox)
        self._ear = Ear(api, eventually, self.project, self._inbox)

    def act(self, action: str) -> Exchange:
        """Take an action on all tasks."""
        return self.api.call("actions.create", query={"id": action, "project": self.project}, json=ALL, expect=None)

    def there(self, kind: str) -> set[int]:
        """Ids of the tasks, or of their annotations."""
        tasks = list_tasks(self.api, self.project)
        return {t["id"] for t in tasks} if kind == "task" else {a["id"] for t in tasks for a in t["annotations"]}

    def told(self, *actions: str, kind: str) -> list[int]:
        """Ids that deliveries of these actions named."""
        payloads = [d.json() for d in self._ear.heard()]
        chosen = [p for p in payloads if p.get("action") in actions]
        single = [{f"{kind}s": [p[kind]]} for p in chosen if isinstance(p.get(kind), dict)]
        listed = [p for p in chosen if isinstance(p.get(f"{kind}s"), list)]
        listed += [{f"{kind}s": p[kind]} for p in chosen if isinstance(p.get(kind), list)]
        return sorted(ids(single + listed, f"{kind}s"))


@pytest.fixture
def way(api: Wire, eventually: Eventually, peers: Peers, project: dict[str, Any]) -> Way:
    """A project of its own."""
    return Way(api, eventually, peers, project)


def show_told(show: Show, way: Way, before: dict[str, set[int]], cause: Exchange, name: str) -> None:
    """Show that each object that came or went was named once."""
    for kind, requirement, come, gone in (
        ("task", "LS-WEBHOOK-050", ("TASKS_CREATED",), ("TASKS_DELETED",)),
        ("annotation", "LS-WEBHOOK-051", ("ANNOTATION_CREATED", "ANNOTATIONS_CREATED"), ("ANNOTATIONS_DELETED",)),
    ):
        after = way.there(kind)
        show.equal(
            requirement,
            expected=sorted(after - before[kind]),
            got=way.told(*come, kind=kind),
            exchange=cause,
            signature=f"{kind}s made by {name}",
        )
        if kind == "annotation" and way.there("task") != before["task"]:
            continue  # what goes with its task is told by that
        show.equal(
            requirement,
            expected=sorted(before[kind] - after),
            got=way.told(*gone, kind=kind),
            exchange=cause,
            signature=f"{kind}s deleted by {name}",
        )


ACTIONS = ("delete_tasks", "delete_tasks_annotations", "remove_duplicates", "predictions_to_annotations")


@pytest.mark.requirement("LS-WEBHOOK-050", "LS-WEBHOOK-051")
@pytest.mark.parametrize("name", [*ACTIONS, "tasks.delete_all_tasks", "annotations.delete", "a file", "a body"])
def test_each_way_is_told(api: Wire, show: Show, way: Way, name: str) -> None:
    before = {kind: way.there(kind) for kind in ("task", "annotation")}
    if name in ACTIONS:
        cause = way.act(name)
    elif name == "tasks.delete_all_tasks":
        cause = api.call(name, id=way.project, expect=None)
    elif name == "annotations.delete":
        cause = api.call(name, id=min(before["annotation"]), expect=None)
    elif name == "a file":
        files = {"file": ("tasks.json", json.dumps([WHOLE, WHOLE]), "application/json")}
        cause = bring_in(api, way.project, files=files, expect=None)
    else:
        annotate(api, way.tasks[2], choice("Negative"))
        cause = bring_in(api, way.project, json=[WHOLE], expect=None)
    show_told(show, way, before, cause, name)


@pytest.mark.requirement("LS-WEBHOOK-050", "LS-WEBHOOK-051")
def test_a_synchronisation_is_told(api: Wire, show: Show, way: Way, folder: Path, eventually: Eventually) -> None:
    (folder / "one.json").write_text(json.dumps(WHOLE), encoding="utf-8")
    before = {kind: way.there(kind) for kind in ("task", "annotation")}
    body = {"project": way.project, "path": str(folder), "use_blob_urls": False}
    storage = api.call("import_storage.local.create", json=body).json()["id"]
    cause = api.call("import_storage.local.sync", id=storage, expect=None)
    eventually(
        lambda: api.call("import_storage.local.get", id=storage).json()["status"],
        until=lambda status: status not in {"queued", "in_progress"},
        budget="sync done",
    )
    show_told(show, way, before, cause, "a synchronisation")
