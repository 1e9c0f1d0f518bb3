"""Was a fault found? What its run says, less what a run without it says."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conformance.judge.deviations import acceptance
from conformance.judge.findings.causes import findings
from conformance.judge.observation import Outcome, Verb
from conformance.judge.verdict import red

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from conformance.judge.findings.causes import Finding
    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult
    from conformance.report.document import Report
    from tests.faults.loading import Fault

MOST_BESIDE: Final = 3
"""Findings that are not about the fault, at most."""
Kind = tuple[str, str]
"""Requirement and signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding, as far as the table needs it."""

    place: str
    requirement: str
    impact: str
    signature: str
    reason: str
    asked: str = ""

    def names(self, operations: Collection[str]) -> bool:
        """Does it name one of these: as the one whose answer is wrong, or whose effect it is that is asked for?"""
        return self.place in operations or self.asked in operations

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """From the report's."""
        return cls(
            place=finding.place,
            asked=finding.asked,
            requirement=finding.first.requirement,
            impact=finding.impact.value,
            signature=finding.signature[:200],
            reason=finding.reason[:300],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What became of a fault.

    Attributes:
        met: how many requests met it.
        acted: in how many of them it did something.
        about: findings that name an operation which they may name, the one first that comes first.
        beside: findings that name others.
        first: whether the first finding of all is about it.
        warned: broken *shoulds* about it, where nothing else was found.
        trouble: why there is no result, or what the run could not show.
    """

    fault: str
    met: int = 0
    acted: int = 0
    about: tuple[Told, ...] = ()
    beside: tuple[Told, ...] = ()
    first: bool = False
    warned: tuple[Told, ...] = ()
    trouble: str = ""
    tests: int = 0
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        """Found, named, and not buried."""
        return bool(self.about) and len(self.beside) <= MOST_BESIDE

    @property
    def unnoticed(self) -> bool:
        """Nothing was told, and nothing went wrong: more tests may tell."""
        return not (self.about or self.beside or self.trouble)

    @property
    def why_not(self) -> str:
        """Why it survived."""
        if self.killed:
            return ""
        if self.trouble:
            return self.trouble
        if not (self.acted or self.about or self.beside):
            return "no test asked what it spoils" if self.met else "no test asked an operation that has it"
        if self.about:
            return f"found, beside {len(self.beside)} findings that are not about it"
        if self.beside:
            return f"found, and told of {self.beside[0].place}"
        return "a warning only" if self.warned else "no test noticed"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "killed": self.killed, "why_not": self.why_not}


@dataclass(slots=True)
class Baseline:
    """What is told without any fault, test by test."""

    tests: dict[str, set[Kind]] = field(default_factory=dict)

    @property
    def kinds(self) -> set[Kind]:
        """Of all tests."""
        return {kind for kinds in self.tests.values() for kind in kinds}

    def take(self, report: Report) -> None:
        """Add what a run without faults says."""
        for test in report.tests:
            self.tests.setdefault(test.id, set())
        for o in report.observations:
            if o.outcome in {Outcome.FAIL, Outcome.WARN}:
                self.tests.setdefault(o.test, set()).add(_kind(o))

    def write(self, path: Path) -> None:
        """Keep it for other runs of the same suite."""
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {test: sorted(kinds) for test, kinds in sorted(self.tests.items())}
        path.write_text(json.dumps(plain, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The one that was kept; an empty one where none was."""
        if not path.exists():
            return cls()
        plain = json.loads(path.read_text(encoding="utf-8"))
        return cls({test: {(a, b) for a, b in kinds} for test, kinds in plain.items()})


def _kind(o: Observation) -> Kind:
    return (o.requirement, o.signature)


def kill(
    fault: Fault,
    report: Report,
    before: Baseline,
    *,
    tests: Collection[str],
    met: int,
    acted: int = 1,
    seconds: float,
    others: Iterable[NodeResult] = (),
) -> Kill:
    """Look for a fault in the report of a run that had it while its tests ran.

    Args:
        fault: what was wrong.
        report: of the run.
        before: what is told without it.
        tests: that met it.
        met: how often.
        acted: in how many requests it did something.
        seconds: what it took.
        others: tests that were not run, as if they had passed: whether an operation is one that all use, a whole run
            knows.
    """
    known = before.kinds
    mine = set(tests)
    new = [o for o in red(report.observations, report.basis) if o.test in mine and _kind(o) not in known]
    ran = {test.id for test in report.tests}
    results = [*report.tests, *(other for other in others if other.id not in ran)]
    found = findings(report.observations, among=new, results=results)
    told = [Told.of(f) for f in found]
    about = tuple(t for t in told if t.names(fault.expect))
    return Kill(
        fault=fault.id,
        met=met,
        acted=acted,
        about=about,
        beside=tuple(t for t in told if not t.names(fault.expect)),
        first=bool(told) and told[0].names(fault.expect),
        # without a baseline nobody knows which warnings are the real server's
        warned=() if about or not before.tests else _warned(fault, report, before, mine),
        tests=len(mine),
        seconds=round(seconds, 1),
    )


def _warned(fault: Fault, report: Report, before: Baseline, mine: Collection[str]) -> tuple[Told, ...]:
    accepted = report.basis.deviations if report.basis else ()
    known = before.kinds
    new = [
        o
        for o in report.observations
        if o.outcome is Outcome.WARN
        and o.verb is Verb.SHOULD
        and o.test in mine
        and _kind(o) not in known
        and not acceptance(o, accepted)
    ]
    found = findings(report.observations, among=new, outcome=Outcome.WARN)
    warned = (Told.of(f) for f in found)
    return tuple(t for t in warned if t.names(fault.expect))


def others(kills: Collection[Kill]) -> list[Kill]:
    """Those that survived."""
    return [k for k in kills if not k.killed]
