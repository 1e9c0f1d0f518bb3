"""The figures that every form of a report shows, counted once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.judge.deviations import acceptance
from conformance.judge.findings.causes import consequences, findings
from conformance.judge.observation import Outcome
from conformance.judge.verdict import red

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.deviations import Deviation
    from conformance.judge.findings.causes import Finding
    from conformance.judge.observation import Observation
    from conformance.report.document import Report

OTHER_EDITION = "enterprise"
"""The area of the operations that a Community target does not owe."""
SEPARATOR = " · "
"""Between the aspects of a headline."""
SCENARIOS = "scenarios"
"""The area of requirements that are about no single operation."""

WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.FLAKY,
    Outcome.BLOCKED,
    Outcome.WARN,
    Outcome.REFUSED,
    Outcome.NOT_MEASURED,
    Outcome.UNSUPPORTED,
    Outcome.PASS,
)
"""Which outcome stands for a requirement that was observed more than once."""

_RANK = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFigures:
    """One area of the contract in numbers.

    Attributes:
        area: the tag.
        operations: how many operations the area has.
        reached: how many of them gave a documented 2xx.
        outcomes: worst outcome -> number of requirements.
        accepted: how many more are broken in a way that somebody accepted.
    """

    area: str
    operations: int
    reached: int
    outcomes: Mapping[Outcome, int]
    accepted: int = 0

    @property
    def passed(self) -> int:
        """Requirements that were only seen to hold."""
        return self.outcomes.get(Outcome.PASS, 0)

    @property
    def failed(self) -> int:
        """Requirements that were seen broken, in a way that nobody accepted."""
        return self.outcomes.get(Outcome.FAIL, 0)

    @property
    def executed(self) -> bool:
        """Whether the target was asked anything of this area, except whether it has it."""
        return any(n for outcome, n in self.outcomes.items() if outcome is not Outcome.UNSUPPORTED) or self.accepted > 0


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that stands for all (at least one)."""
    return min(outcomes, key=_RANK.__getitem__)


def outcome_for(observations: Sequence[Observation], deviations: Sequence[Deviation]) -> Outcome | None:
    """The outcome that stands for all observations of a requirement; None where that is an accepted deviation."""
    outcome = worst(o.outcome for o in observations)
    if outcome in {Outcome.FAIL, Outcome.UNSUPPORTED}:
        bad = [o for o in observations if o.outcome is outcome]
        return None if all(acceptance(o, deviations) for o in bad) else outcome
    return outcome


def area_of(operation: str | None, areas: Mapping[str, str]) -> str:
    """The area of an operation; where the contract does not know it, the first word of its id."""
    if not operation:
        return SCENARIOS
    return areas.get(operation) or operation.partition(".")[0]


def reached(observations: Iterable[Observation]) -> frozenset[str]:
    """Operations of which a documented 2xx was seen."""
    return frozenset(
        o.operation for o in observations if o.rule == "success" and o.outcome is Outcome.PASS and o.operation
    )


def open_findings(report: Report) -> tuple[Finding, ...]:
    """Return what makes a run red, grouped by cause: the worst impact first, then the most consequences."""
    bad = red(report.observations, report.basis)
    found = [
        finding
        for outcome in (Outcome.FAIL, Outcome.UNSUPPORTED)
        for finding in findings(report.observations, outcome=outcome, among=bad, results=report.tests)
    ]
    return tuple(sorted(found, key=consequences))


def by_area(report: Report, areas: Mapping[str, str]) -> tuple[AreaFigures, ...]:
    """Figures per area, sorted by name.

    Args:
        report: a run.
        areas: operationId -> tag, of all operations that are asked of the target.
    """
    seen: dict[str, list[Observation]] = {}
    for o in report.observations:
        seen.setdefault(o.requirement, []).append(o)
    outcomes: dict[str, Counter[Outcome]] = {}
    accepted: Counter[str] = Counter()
    for several in seen.values():
        # a failure names the operation that shows it: the requirement is counted once, where it is worst
        area = area_of(min(several, key=lambda o: _RANK[o.outcome]).operation, areas)
        outcome = outcome_for(several, report.basis.deviations)
        if outcome is None:
            accepted[area] += 1
        else:
            outcomes.setdefault(area, Counter())[outcome] += 1
    done = reached(report.observations)
    known = set(areas) | {o.operation for o in report.observations if o.operation}
    operations = Counter(area_of(operation, areas) for operation in known)
    hit = Counter(area_of(operation, areas) for operation in done)
    return tuple(
        AreaFigures(
            area=area,
            operations=operations[area],
            reached=hit[area],
            outcomes=dict(outcomes.get(area, {})),
            accepted=accepted[area],
        )
        for area in sorted(set(operations) | set(outcomes) | set(accepted))
    )


def clock(seconds: float) -> str:
    """A duration for people: ``48 s``, ``4 min 05 s``, ``1 h 02 min``."""
    whole = round(seconds)
    minutes, seconds_left = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if not minutes:
        return f"{whole} s"
    if not hours:
        return f"{minutes} min {seconds_left:02d} s"
    return f"{hours} h {minutes_left:02d} min"


def count(number: int, word: str, plural: str | None = None) -> str:
    """``1 failure``, ``2 failures``, ``1,000 failures``."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def one_line(text: str, limit: int) -> str:
    """Text of unknown origin on one line, control characters taken out, at most ``limit`` characters.

    What a server sent must not move the cursor of a terminal or break a table.
    """
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= limit else clean[: max(limit - 1, 0)] + "…"


def share(held: int, asked: int) -> str:
    """A share in per cent, never rounded up: ``100 %`` is all."""
    if not asked:
        return "nothing asked"
    tenths = 1000 * held // asked
    return "100 %" if held == asked else f"{tenths // 10}.{tenths % 10} %"


def headline(profile: Mapping[str, Any], *, figures: bool = True) -> str:
    """The levels of a profile on one line: ``interoperable core 97.0 % · strict partial 90.2 % · …``.

    Args:
        profile: as the verdict of a report has it.
        figures: also say how much of what was asked holds.
    """
    if not profile["measured"]:
        return "not measured"
    if not profile.get("aspects"):
        return str(profile["level"])
    return SEPARATOR.join(
        f"{name} {aspect['level']}" + (f" {share(aspect['held'], aspect['asked'])}" if figures else "")
        for name, aspect in profile["aspects"].items()
    )


def set_aside(profile: Mapping[str, Any]) -> str:
    """The levels that accepted deviations hold back: ``interoperable core, strict full``; empty where none does."""
    if not profile["measured"]:
        return ""
    return ", ".join(
        f"{name} {aspect['allowing']}"
        for name, aspect in profile.get("aspects", {}).items()
        if aspect["allowing"] != aspect["level"]
    )


def unmeasured(report: Report) -> list[tuple[str, int]]:
    """Why something was not measured, with the number of requirements, the most first."""
    reasons: dict[str, set[str]] = {}
    for o in report.observations:
        if o.outcome is Outcome.NOT_MEASURED and o.message:
            reasons.setdefault(" ".join(o.message.split()), set()).add(o.requirement)
    return sorted(((why, len(ids)) for why, ids in reasons.items()), key=lambda one: (-one[1], one[0]))
