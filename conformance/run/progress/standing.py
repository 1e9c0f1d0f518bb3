"""Computes the progress of a run. Pure: times are given."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.judge.observation import Observation

_OPERATION = re.compile(r"\[([a-z][a-z0-9_.]*)")
_SCENARIO = re.compile(r"scenarios/(?:test_)?([a-z_]+)")
OTHERS = "other tests"
_UNKNOWN_COST = 1.0
"""Seconds that a test is taken to last of which nothing is known; only shares of it are used."""


@dataclass(slots=True)
class AreaStanding:
    """Counts of one area: tests that there are and that ended, and distinct failures that nobody accepted."""

    tests: int = 0
    done: int = 0
    failures: set[tuple[str, ...]] = field(default_factory=set)


class Standing:
    """Counts what tests tell.

    Attributes:
        areas: by name, in the order of the plan.
        requests: sent so far.
        newest: the last failure that nobody accepted, in one line; empty as long as there is none.
    """

    def __init__(self, areas: Mapping[str, str], accepted: Callable[[Observation], bool]) -> None:
        """Start with nothing.

        Args:
            areas: operationId -> area.
            accepted: whether somebody accepted a failure.
        """
        self.areas: dict[str, AreaStanding] = {}
        self.requests = 0
        self.newest = ""
        self._area_of_operation = areas
        self._accepted = accepted
        self._costs: dict[str, float] = {}
        self._ended: Counter[str] = Counter()
        self._spent = 0.0

    def plan(self, tests: Iterable[str], costs: Mapping[str, float]) -> None:
        """Settle which tests there are.

        Args:
            tests: node ids.
            costs: node id -> seconds, of those of which they are known.
        """
        for test in tests:
            if test not in self._costs:
                self._costs[test] = costs.get(test, _UNKNOWN_COST)
                self.areas.setdefault(self.area_of(test), AreaStanding()).tests += 1

    def area_of(self, test: str) -> str:
        """The area of a test: that of its operation, or its room among the scenarios."""
        found = _OPERATION.search(test)
        if found and found[1] in self._area_of_operation:
            return self._area_of_operation[found[1]]
        room = _SCENARIO.search(test)
        return room[1].replace("_", " ") if room else OTHERS

    def end(self, test: str) -> None:
        """Count a test that ended."""
        if test in self._costs and not self._ended[test]:
            self._ended[test] += 1
            self._spent += self._costs[test]
            self.areas[self.area_of(test)].done += 1

    def take(self, test: str, observations: Iterable[Observation], requests: int) -> None:
        """Count what a test showed and sent."""
        self.requests += requests
        for observation in observations:
            if observation.outcome is Outcome.FAIL and not self._accepted(observation):
                self.areas.setdefault(self.area_of(test), AreaStanding()).failures.add(observation.key)
                self.newest = f"{observation.requirement}: {observation.message or observation.got}"

    @property
    def tests(self) -> int:
        """How many tests there are."""
        return len(self._costs)

    @property
    def done(self) -> int:
        """How many of them ended."""
        return len(self._ended)

    @property
    def failures(self) -> int:
        """Distinct failures that nobody accepted."""
        return len({key for area in self.areas.values() for key in area.failures})

    def left(self, elapsed: float) -> float | None:
        """Seconds that the rest will take, if it goes on as it went; None as long as nothing ended.

        Args:
            elapsed: seconds since the first test began.
        """
        rest = sum(self._costs.values()) - self._spent
        return elapsed * rest / self._spent if self._spent else None
