"""Adds up what workers (or this process itself) tell of their tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.judge.plan import NodeResult, Plan, plan_digest
from conformance.report.document.header import Statistics
from conformance.wire.checking.statistics import NO_ANSWER, WireStatistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.judge import Observation
    from conformance.run.messages import EndMessage, PhaseMessage
    from conformance.run.result.resuming import Phase, Told

STATUSES = (*(f"{n}xx" for n in range(1, 6)), NO_ANSWER)
# The worse of two phases is a test's outcome.
_RANK = {"passed": 0, "skipped": 1, "xfailed": 1, "xpassed": 1, "failed": 2, "error": 3}


@dataclass(slots=True)
class Planned:
    """What the run sets out to do.

    Attributes:
        claims: node id -> the requirements that the test says it shows, in the order of collection.
        whole: node ids before the plan was split; empty where it was not.
        deselected: how many tests a person left out.
    """

    claims: dict[str, tuple[str, ...]] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    deselected: int = 0

    def plan(self, shard: tuple[int, int] | None) -> Plan:
        """The plan, for the judge."""
        part = shard is not None and bool(self.whole)
        return Plan(
            requirements=tuple(r for ids in self.claims.values() for r in ids),
            tests=tuple(self.claims),
            deselected=self.deselected,
            whole=plan_digest(self.whole) if part else "",
            shard="/".join(map(str, shard)) if shard and part else None,
        )


class Collector:
    """What is known of the run so far.

    Attributes:
        planned: what it sets out to do.
        results: node id -> what pytest said of the test.
        observations: of all tests.
        open_ended: ids of the tests that go on for as long as there is time.
        refused: how many requests the guard did not let leave.
        generated: how generated tests fared, by name.
        remains: what the target may keep for ever -> how often it was made.
        notes: what workers noted for the end of the run, by name.
        left: what could not be removed from the target.
        secrets: what may not stand in any artefact.
        announced: operations that the target's own schema offers; None where nobody could ask.
        lost: what became of the target, where it was lost.
        stands: what was seen until then is the verdict all the same.
    """

    def __init__(self, keep: Callable[[Sequence[Observation]], None]) -> None:
        """Start with nothing.

        Args:
            keep: is handed what was seen for the first time, at once: a run that dies leaves what it learned.
        """
        self.planned = Planned()
        self.results: dict[str, NodeResult] = {}
        self.observations: list[Observation] = []
        self.open_ended: set[str] = set()
        self.refused = 0
        self.generated: Counter[str] = Counter()
        self.remains: Counter[str] = Counter()
        self.notes: dict[str, list[Any]] = {}
        self.left: list[str] = []
        self.secrets: set[str] = set()
        self.announced: frozenset[str] | None = None
        self.lost: str | None = None
        self.stands = False
        self._keep = keep
        self._seen: set[tuple[str, ...]] = set()
        self._parts: list[Statistics] = []

    def restore(self, told: Mapping[str, Sequence[Told]]) -> None:
        """Take what an earlier part of the run learned; it is kept already."""
        keep, self._keep = self._keep, lambda _: None
        for phases in told.values():
            for phase, message in phases:
                self.take(phase, message)
        self._keep = keep

    def take(self, phase: Phase, message: PhaseMessage | None) -> PhaseMessage | None:
        """Take one phase of one test, and what the test told of it.

        Returns:
            What of it is worth keeping: evidence of what was seen before is not.
        """
        self.results[phase.test] = _together(self.results.get(phase.test), phase, message)
        if message is None:
            return None
        fresh, lean = [], []
        for observation in message.observations:
            self.observations.append(observation)
            if observation.incidental and observation.key in self._seen:
                lean.append(replace(observation, evidence=None, script=None))
            else:
                self._seen.add(observation.key)
                fresh.append(observation)
                lean.append(observation)
        self._keep(fresh)
        self.planned.claims[phase.test] = message.claimed
        if message.open_ended:
            self.open_ended.add(phase.test)
        self._count(message.statistics)
        self.stands = message.stands if not self.lost else self.stands
        self.lost = self.lost or message.lost
        return replace(message, observations=tuple(lean))

    def take_end(self, message: EndMessage) -> None:
        """Take what a worker left behind."""
        self.left += message.left
        self.secrets |= message.secrets
        self.planned.whole = self.planned.whole or message.whole
        self.planned.deselected = max(self.planned.deselected, message.deselected)  # all workers collect the same
        self._count(message.statistics)
        if message.announced is not None:
            self.announced = message.announced

    def statistics(self, *, seconds: float, first: float) -> Statistics:
        """How the run went on the wire.

        Args:
            seconds: of the session.
            first: seconds until the first test had a result.
        """
        return Statistics.together([*self._parts, Statistics(seconds=seconds, first=first)])

    def _count(self, counted: WireStatistics) -> None:
        self.refused += counted.refused
        self.generated.update(counted.generated)
        self.remains.update(counted.remains)
        for name, values in counted.notes.items():
            self.notes.setdefault(name, []).extend(values)
        self._parts.append(
            Statistics(
                requests=counted.requests,
                statuses={name: counted.statuses[name] for name in STATUSES if counted.statuses[name]},
                waiting=counted.waited,
                elapsed=counted.elapsed,
                waits=counted.waits,
            )
        )


def _together(known: NodeResult | None, phase: Phase, message: PhaseMessage | None) -> NodeResult:
    """A test's result with one more phase of it."""
    known = known or NodeResult(id=phase.test, outcome="passed")
    statistics = message.statistics if message else WireStatistics()
    return NodeResult(
        id=phase.test,
        # the later of two that are equally bad
        outcome=max((_outcome(phase), known.outcome), key=_RANK.__getitem__),
        duration=known.duration + phase.duration,
        requests=known.requests + statistics.requests,
        created=dict(Counter(known.created) + statistics.created),
        operations=tuple(sorted({*known.operations, *(message.operations if message else ())})),
    )


def _outcome(phase: Phase) -> str:
    if phase.outcome == "failed":
        return "failed" if phase.when == "call" else "error"
    if phase.outcome == "skipped":
        return "xfailed" if phase.expected else "skipped"
    return "passed"
