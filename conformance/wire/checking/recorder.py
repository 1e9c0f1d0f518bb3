"""Collects the observations of the test that is running."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from conformance.judge.observation import Observation, Outcome
from conformance.wire.checking.statistics import WireStatistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Key: TypeAlias = tuple[str, str, str, str]


class Aside:
    """What was observed within one :meth:`Recorder.aside`; it is the caller's to record, or to drop."""

    def __init__(self, kept: Mapping[Key, Observation]) -> None:
        self._kept = kept

    @property
    def observations(self) -> tuple[Observation, ...]:
        """All of it, so far."""
        return tuple(self._kept.values())

    def failures(self) -> tuple[Observation, ...]:
        """The failed ones among them."""
        return _failures(self._kept)


class Recorder:
    """Observations of one test at a time; the same one again only counts.

    A pass keeps its first evidence, a failure the smallest (the shortest curl line is the one to read).
    """

    def __init__(self) -> None:
        self.test = ""
        self.statistics = WireStatistics()
        self._kept: dict[Key, Observation] = {}
        self._lock = threading.Lock()  # scenarios about concurrency send from several threads

    def begin(self, test: str) -> None:
        """Start over for the test with this node id."""
        self.test = test
        self._kept = {}

    @contextmanager
    def aside(self) -> Iterator[Aside]:
        """Collect apart what is observed meanwhile; all else (counts, times, notes) goes where it always does.

        Nothing has to be brought back at the end, so nothing is lost, however the block ends.
        """
        before, self._kept = self._kept, {}
        try:
            yield Aside(self._kept)
        finally:
            self._kept = before

    def observe(self, observation: Observation) -> None:
        """Keep an observation of the running test."""
        observation = replace(observation, test=observation.test or self.test)
        with self._lock:
            known = self._kept.get(observation.key)
            if known is None:
                self._kept[observation.key] = observation
                return
            better = known
            if observation.outcome is not Outcome.PASS and _size(observation) < _size(known):
                better = observation
            self._kept[observation.key] = replace(better, count=known.count + observation.count)

    def knows(self, observation: Observation) -> bool:
        """Return whether this test observed the same before."""
        return observation.key in self._kept

    def extend(self, observations: Iterable[Observation]) -> None:
        """Keep several."""
        for observation in observations:
            self.observe(observation)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What the running test has shown so far."""
        return tuple(self._kept.values())

    def failures(self) -> tuple[Observation, ...]:
        """The failed ones among them."""
        return _failures(self._kept)

    def shown(self) -> frozenset[str]:
        """Ids of the requirements that the running test has an outcome for."""
        return frozenset(o.requirement for o in self._kept.values())

    def timed(self, budget: str, seconds: float) -> None:
        """Keep how long something took that has a named budget."""
        self.statistics.waits.setdefault(budget, []).append(round(seconds * 1000))

    def note(self, name: str, value: object) -> None:
        """Keep something for the controller, as JSON."""
        self.statistics.notes.setdefault(name, []).append(value)

    def drain_statistics(self) -> WireStatistics:
        """Return what was counted since the last call."""
        counted, self.statistics = self.statistics, WireStatistics()
        return counted


def _failures(kept: Mapping[Key, Observation]) -> tuple[Observation, ...]:
    return tuple(o for o in kept.values() if o.outcome is Outcome.FAIL)


def _size(observation: Observation) -> int:
    return len(observation.evidence.curl) if observation.evidence else 1 << 30
