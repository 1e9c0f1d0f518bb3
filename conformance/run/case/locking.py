"""Decides which tests run beside those of other workers on one target, and which alone."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

from conformance.contract.tables.resources import load_resources
from conformance.errors import ConformanceError
from conformance.run.options import target_settings
from conformance.wire.network.locks import SharedLock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import pytest

    from conformance.run.state import RunState

# Each worker starts a Label Studio of its own.
MOST_SERVERS = 4


def lock_of(item: pytest.Item, state: RunState) -> AbstractContextManager[None]:
    """Return what to run a test in, where several workers share a target.

    Alone runs what changes settings or accounts (``destructive``), what says so itself (``alone``), and what compares
    answers about the whole instance: of all that a neighbour's test must not see, and must not change meanwhile.
    """
    count = int(getattr(item.config, "workerinput", {}).get("workercount", 1))
    shared = state.worker.shared if state.works else None
    if shared is None or count == 1:
        return nullcontext()
    lock = SharedLock(shared, "tests")
    return lock.exclusive() if _runs_alone(item, state) else lock.shared()


def _runs_alone(item: pytest.Item, state: RunState) -> bool:
    if any(item.get_closest_marker(name) for name in ("alone", "destructive")):
        return True
    operation = getattr(item, "callspec", None) and item.callspec.params.get("operation")  # type: ignore[attr-defined]
    return getattr(operation, "id", None) in load_resources(edition=state.edition).whole


def workers_unasked(config: pytest.Config) -> int:
    """Return how many workers ``-n auto`` means: on a server that is not ours one, since several would meet there."""
    try:
        embedded = target_settings(config).embedded
    except ConformanceError:
        embedded = False  # which is told when the run begins
    return min(os.cpu_count() or 1, MOST_SERVERS) if embedded else 1
