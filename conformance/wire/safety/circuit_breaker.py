"""Stops a run early when nothing works at all, which would be reported thousands of times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from conformance.wire.safety.monitor import TargetLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.exchanges.exchange import Exchange

GREETING: Final = frozenset({"versions.get", "users.whoami"})
REQUESTS, OPERATIONS = 60, 5
SECONDS, FEWEST = 45.0, 3


class NothingWorks(TargetLost):
    """Not one operation answered as it should; what was seen until then stands."""

    title = "nothing works"


class CircuitBreaker:
    """Looks at each exchange until one succeeded.

    Args:
        works: asks for something that every Label Studio has.
        clock: monotonic seconds; for tests.
    """

    def __init__(self, works: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._works = works
        self._clock = clock
        self._began = clock()
        self._asked: dict[str, int] = {}
        self._done = False

    def look(self, exchange: Exchange) -> None:
        """Look at one exchange.

        Raises:
            NothingWorks: many were asked for, or for long, and none answered with success.
        """
        operation = exchange.operation
        if self._done or operation is None or exchange.role != "default" or operation.id in GREETING:
            return
        if exchange.ok:
            self._done = True
            return
        if not self._asked:
            self._began = self._clock() - (exchange.response.elapsed if exchange.response else 0.0)
        self._asked[operation.id] = self._asked.get(operation.id, 0) + 1
        requests, seconds = sum(self._asked.values()), self._clock() - self._began
        many = requests >= REQUESTS and len(self._asked) >= OPERATIONS
        if not many and not (seconds >= SECONDS and requests >= FEWEST):
            return
        self._done = True  # the question itself is not looked at
        self._done = self._works()
        if not self._done:
            raise NothingWorks(
                code="nothing-works",
                message="Nothing works on this target, so the run stops here.",
                cause=f"{requests} requests to {len(self._asked)} operations in {seconds:.0f} s, and none succeeded; "
                f"the last: {exchange.brief()}",
                hint="Begin with `projects.create` and `projects.list`: most of the others need a project. "
                "The summary shows the first answers; run again when one of them is right.",
            )
