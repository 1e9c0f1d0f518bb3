"""The store of a test: of the kind that ``each`` says, unless a module has one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.scenarios.storages.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.storages.stores import Store


@pytest.fixture
def store(request: pytest.FixtureRequest, peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty store of the kind that the test runs for."""
    yield from open_store(request.param, peers, target)
