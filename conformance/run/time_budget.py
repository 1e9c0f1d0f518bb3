"""Divides the time of a deep run: open-ended tests share what the others leave."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conformance.outcomes import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pytest

UNREACHED: Final = "unreached"
"""Name of the recorder's notes that say what there was no time for."""
# Of a test's share, what it may spend on sending; the rest is for confirming what it found.
SENDING = 0.7
# At the end a worker cleans up and the result is written.
CLEANING = 0.02


@dataclass(slots=True)
class TimeBudget:
    """The clock of one worker.

    Attributes:
        seconds: of the run; None where no time is set: then nothing is cut.
        started: when the session began, as monotonic seconds.
        shares: node id of an open-ended test -> seconds that it may take.
    """

    seconds: float | None
    started: float
    shares: Mapping[str, float] = field(default_factory=dict)
    _spare: float = 0.0

    @property
    def deadline(self) -> float | None:
        """When the last test has to be over, as monotonic seconds."""
        return None if self.seconds is None else self.started + self.seconds * (1 - CLEANING)

    def share_out(
        self, weights: Mapping[str, float], bounded: Iterable[str], costs: Mapping[str, float], *, workers: int
    ) -> None:
        """Divide the time among open-ended tests.

        Args:
            weights: of the open-ended tests, by node id.
            bounded: node ids of all other tests.
            costs: seconds that they are known to take.
            workers: how many processes run tests side by side.
        """
        if self.seconds is None or not weights:
            return
        left = max(0.0, (self.deadline or 0.0) - time.monotonic()) * workers
        free = max(0.0, left - sum(costs.get(test, 0.0) for test in bounded))
        unit = free / sum(weights.values())
        self.shares = {test: unit * weight for test, weight in weights.items()}

    def begin(self, test: str) -> TimeSlice:
        """A test begins: until when it may go on."""
        now = time.monotonic()
        if self.deadline is None or test not in self.shares:
            return TimeSlice(now, None, None)
        share = self.shares[test]
        # time that earlier tests did not need: as much again at most
        extra = min(self._spare, share)
        self._spare -= extra
        until = min(now + share + extra, self.deadline)
        return TimeSlice(now, until, now + (until - now) * SENDING)

    def end(self, time_slice: TimeSlice) -> None:
        """A test is over: what it left is for those that follow."""
        if time_slice.until is not None:
            self._spare = max(0.0, self._spare + time_slice.until - time.monotonic())

    def check(self) -> None:
        """Raise if the time is over.

        Raises:
            NotMeasured: no further test may begin.
        """
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise NotMeasured(f"the time budget was used up before this test ({self.seconds:.0f} s, --time-budget)")


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """The time of one open-ended test, as monotonic seconds.

    Attributes:
        until: when it has to be over; None where nothing is set.
        send_until: when it has to have sent what it explores with.
    """

    started: float
    until: float | None
    send_until: float | None

    def over(self) -> bool:
        """Return whether the test's time is over."""
        return self.until is not None and time.monotonic() >= self.until

    def sent(self) -> bool:
        """Return whether the test's time for sending is over."""
        return self.send_until is not None and time.monotonic() >= self.send_until


UNBOUNDED = TimeSlice(0.0, None, None)
"""The time of a test that comes to its end by itself."""


def weight_of(item: pytest.Item) -> float | None:
    """Return how much of the time an open-ended test gets, beside others; None for any other test."""
    marker = item.get_closest_marker("open_ended")
    return float(marker.args[0]) if marker is not None else None
