"""Updates that set an object's parent to null: the object stays where it is, and in every list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate, import_tasks, predict
from conformance.world.addresses import unused

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Wire

# kind → the fields that say what it belongs to, and its list in a project
BELONGS: dict[str, tuple[tuple[str, ...], str]] = {
    "webhook": (("project", "organization"), "webhooks.list"),
    "view": (("project",), "views.list"),
    "prediction": (("project", "task"), "predictions.list"),
    "annotation": (("project", "task"), ""),
    "task": (("project",), "tasks.list"),
    "project": (("organization",), ""),
}


@pytest.fixture
def away(request: pytest.FixtureRequest, target: TargetInUse, api: Wire) -> Wire:
    """A server where what belongs to nobody is in nobody's way: who belongs to no organisation would see it."""
    if target.server is None:
        return api
    apart: Wire = request.getfixturevalue("apart")
    return apart


@pytest.mark.requirement("LS-OWNED-030")
def test_nothing_vanishes_by_an_update(
    away: Wire, show: Show, target: TargetInUse, new_name: Callable[[str], str]
) -> None:
    api = away
    if not api.disposable:
        show.left_alone("what nobody can reach any more could not be removed from this target")
    for kind, (fields, listing) in BELONGS.items():
        for field in fields:
            if field == "organization" and target.server is None:
                # who belongs to no organisation would see it from then on, and be taken for let in
                continue
            config = {"title": new_name("owned"), "label_config": TEXT_CHOICES}
            project = api.call("projects.create", json=config).json()["id"]
            identity = made(api, kind, project)
            body: dict[str, Any] = {"data": {"title": "a"}} if kind == "view" else {}
            answer = api.call(
                f"{kind}s.update", id=identity, json={**body, field: None}, expect=None, deed=f"{kind} of no {field}"
            )
            read = api.call(f"{kind}s.get", id=identity, expect=None)
            there = [identity]
            if listing:
                listed = api.call(listing, query={"project": project}, expect=None)
                told = listed.json() if listed.ok else []
                there = [one["id"] for one in (told["tasks"] if isinstance(told, dict) else told)]
            show(
                "LS-OWNED-030",
                read.ok and identity in there,
                expected=f"the {kind}, read and listed as before",
                got=f"{answer.brief()}, then {read.brief()}, listed: {identity in there}",
                exchange=answer,
                signature=f"{kind} of no {field}",
            )


def made(api: Wire, kind: str, project: int) -> int:
    """Make an object of a kind in a project; returns its id."""
    if kind == "project":
        return project
    if kind in {"webhook", "view"}:
        body: dict[str, Any] = {"url": unused(api)} if kind == "webhook" else {"data": {"title": "a"}}
        return int(api.call(f"{kind}s.create", json={"project": project, **body}).json()["id"])
    task = import_tasks(api, project, [{"text": "a"}])[0]
    if kind == "task":
        return int(task["id"])
    return int((annotate if kind == "annotation" else predict)(api, task, choice("Positive"))["id"])
