"""Keeps what history needs of one result: a month of whole ones would not fit into memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.judge.compare import by_requirement, standing
from conformance.judge.findings.impact import impact_of
from conformance.judge.observation import Outcome
from conformance.report.figures import headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.observation import Impact, Observation
    from conformance.report.document import Report

_MEDIAN, _SLOW = 0.5, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How one requirement stood in one night.

    Attributes:
        outcome: of all its observations.
        accepted: it failed, and every failure is accepted.
        message: what its failure says; empty where it does not fail.
        impact: who is hurt; None where it does not fail.
        operation: that it is about, if it is about one.
    """

    outcome: Outcome
    accepted: bool = False
    message: str = ""
    impact: Impact | None = None
    operation: str = ""

    @property
    def state(self) -> str:
        """``accepted``, or the outcome."""
        return "accepted" if self.accepted else self.outcome.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One result, reduced to what a history shows.

    Attributes:
        when: ISO 8601 time at which it ended.
        run_id: its id.
        target: what was judged, without its version.
        version: what the target said of it.
        suite: version of the suite, with the first characters of the contract's digest.
        depth: ``quick``, ``gate`` or ``deep``.
        state: of the verdict.
        reason: of the verdict.
        level: headline of the claimed profile.
        shares: aspect -> share of what was asked that holds, in percent.
        requests: that were sent.
        seconds: that the run took.
        median, slow: milliseconds: median and 95th percentile of all responses; None where nothing was answered.
        cells: requirement -> how it stood.
    """

    when: str
    run_id: str
    target: str
    version: str
    suite: str
    depth: str
    state: str
    reason: str
    level: str
    shares: Mapping[str, float]
    requests: int
    seconds: float
    median: int | None
    slow: int | None
    cells: Mapping[str, Cell]

    def count(self, *states: str) -> int:
        """Return how many requirements stand so."""
        counts = Counter(cell.state for cell in self.cells.values())
        return sum(counts[state] for state in states)


def night_of(report: Report) -> Night:
    """Reduce a result."""
    header, verdict = report.header, report.end.verdict
    profile = verdict["profiles"].get(report.basis.profile)
    took = sorted(ms for samples in report.statistics.elapsed.values() for ms in samples)
    where = "embedded" if header.target.embedded else header.target.url
    return Night(
        when=header.finished,
        run_id=header.run_id,
        target=f"{header.target.product} ({header.target.edition}) at {where}",
        version=header.target.version,
        suite=f"{header.suite}, contract {header.contract[:19]}",
        depth=header.depth,
        state=verdict["state"],
        reason=verdict["reason"],
        level=headline(profile) if profile else "",
        shares={
            name: 100 * aspect["held"] / aspect["asked"]
            for name, aspect in (profile or {}).get("aspects", {}).items()
            if aspect["asked"]
        },
        requests=report.statistics.requests,
        seconds=report.statistics.seconds,
        median=_at(took, _MEDIAN),
        slow=_at(took, _SLOW),
        cells={requirement: _cell(seen, report) for requirement, seen in by_requirement(report.observations).items()},
    )


def _cell(seen: Sequence[Observation], report: Report) -> Cell:
    outcome = standing(seen)
    operation = next((o.operation for o in seen if o.operation), "") or ""
    if outcome is not Outcome.FAIL:
        return Cell(outcome=outcome, operation=operation)
    failures = [o for o in seen if o.outcome is Outcome.FAIL]
    open_ones = [o for o in failures if not any(d.accepts(o) for d in report.basis.deviations)]
    told = (open_ones or failures)[0]
    return Cell(
        outcome=outcome,
        accepted=not open_ones,
        message=told.message or told.got,
        impact=impact_of(told),
        operation=operation,
    )


def _at(ordered: Sequence[int], part: float) -> int | None:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None


def in_order(nights: Iterable[Night]) -> list[Night]:
    """Nights by the time at which they ended; one that was given twice counts once."""
    return sorted({night.run_id: night for night in nights}.values(), key=lambda night: (night.when, night.run_id))
