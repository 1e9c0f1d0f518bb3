"""Names of what storages for export write, below a prefix that is written in some way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate
from conformance.scenarios.storages.connections import Drain
from conformance.scenarios.storages.stores import FOLDER, Store, each, open_store

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


@each(43, kinds=("s3", "gcs", "azure"))
def test_a_slash_at_the_end_of_a_prefix_is_no_folder(
    api: Wire, show: Show, store: Store, eventually: Eventually, project: dict[str, Any], task: dict[str, Any]
) -> None:
    """What is written below ``tasks/`` has the name that it has below ``tasks``."""
    annotate(api, task, choice("Positive"))
    named: dict[str, set[str]] = {}
    for prefix in (FOLDER, f"{FOLDER}/"):
        drain = Drain(api, eventually, store, project["id"])
        before = set(store.exported())
        drain.connect(**{store.within: prefix})
        synced = drain.sync()
        named[prefix] = set(store.exported()) - (before if prefix == FOLDER else set())
    usual = named[FOLDER]
    if not usual:
        show.not_measured(f"below {FOLDER} nothing is written")
    expected, got = sorted(usual), sorted(named[f"{FOLDER}/"])
    show.equal(store.requirement(43), expected=expected, got=got, exchange=synced)
