"""Requests that leave at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.wire import Exchange


PATIENCE = 300.0  # a small database lets one writer in at a time


def at_once(actions: Sequence[Callable[[], Exchange]]) -> list[Exchange]:
    """Take all actions, beginning at the same moment; answers in order."""
    start = threading.Barrier(len(actions))

    def begin(action: Callable[[], Exchange]) -> Exchange:
        start.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(begin, actions))
