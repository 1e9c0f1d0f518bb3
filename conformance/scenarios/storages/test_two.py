"""Two storages of one kind that a project exports to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate
from conformance.scenarios.storages.connections import Drain
from conformance.scenarios.storages.stores import Store, each, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.fixture
def store(request: pytest.FixtureRequest, peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty store of the kind that the test runs for."""
    yield from open_store(request.param, peers, target)


@each(44)
def test_two_storages_keep_nobody_from_annotating(
    api: Wire, show: Show, store: Store, eventually: Eventually, project: dict[str, Any], task: dict[str, Any]
) -> None:
    Drain(api, eventually, store, project["id"]).connect()
    first = annotate(api, task, choice("Positive"))["id"]
    Drain(api, eventually, store, project["id"]).connect()
    body = {"result": [choice("Negative")]}
    deed = "in a project that exports to two storages of a kind"
    made = api.call("annotations.create", id=task["id"], json=body, expect=None, deed=deed)
    second = [made.json()["id"]] if made.ok else []
    there = [one["id"] for one in api.call("tasks.get", id=task["id"]).json()["annotations"]]
    show.equal(
        store.requirement(44),
        expected=[201, sorted([first, *second])],
        got=[made.status, sorted(there)],
        exchange=made,
        signature=f"HTTP {made.status}",
    )
