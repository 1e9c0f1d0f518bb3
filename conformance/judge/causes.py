"""Findings: failures grouped by what causes them, across operations and tests."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.judge.impact import impact_of, severity, worst
from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from conformance.judge.observation import Impact, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, with all the observations that it explains.

    Attributes:
        rule: the kind of check that failed.
        signature: what the failures have in common.
        observations: at least one, in a stable order; the first is the one to show.
        blocked: how many requirements could not be looked at because of it.
    """

    rule: str
    signature: str
    observations: tuple[Observation, ...]
    blocked: int = 0

    @property
    def first(self) -> Observation:
        """The observation to show for all of them: the one with an exchange and the shortest message."""
        return self.observations[0]

    @property
    def impact(self) -> Impact:
        """Who is hurt: the worst of what was seen."""
        return worst(impact_of(o) for o in self.observations)

    @property
    def place(self) -> str:
        """Where the first observation was made."""
        return self.first.operation or self.first.requirement

    @property
    def reason(self) -> str:
        """One line for a person."""
        return " ".join((self.first.message or self.signature or self.first.requirement).split())

    @property
    def places(self) -> tuple[str, ...]:
        """The operations (or requirements, where none is named) where it shows, sorted."""
        return tuple(sorted({o.operation or o.requirement for o in self.observations}))


# Where a list keeps its elements: the element is what is broken, whatever it is wrapped in.
_WRAPPING = re.compile(r" at (?:/[^/]+)*/\*(?=/)")


def _cause(observation: Observation) -> tuple[str, str]:
    """Equal for failures with one cause.

    Rules compiled from the contract are the same for each operation, so equal signatures tell of one cause
    behind several operations. Behaviours differ from requirement to requirement. Without a signature nothing
    says that two places share a cause.
    """
    if "#" not in observation.requirement or not observation.signature:
        return (
            observation.rule,
            f"{observation.requirement}: {observation.signature or observation.message}",
        )
    signature = _WRAPPING.sub(" at ", observation.signature)
    if signature.startswith("required at"):  # the name of what is missing stands in the message only
        signature = f"{signature}: {observation.got}"
    return (observation.rule, signature)


def roots(observations: Iterable[Observation]) -> dict[str, str]:
    """What is really in the way of each blocked requirement.

    Returns:
        Blocked requirement -> the failed one at the end of its chain. Where a chain ends without a failure
        (or goes in a circle), nothing explains the block and the requirement is left out.
    """
    failed: set[str] = set()
    by: dict[str, list[str]] = {}
    for o in observations:
        if o.outcome in {Outcome.FAIL, Outcome.UNSUPPORTED}:
            failed.add(o.requirement)
        elif o.outcome is Outcome.BLOCKED:
            by.setdefault(o.requirement, []).append(o.blocked_by or "")
    found: dict[str, str] = {}
    for requirement, ways in by.items():
        ends = [_end(way, failed, by) for way in sorted(set(ways))]
        if all(ends):
            found[requirement] = ends[0] or ""
    return found


def _end(requirement: str, failed: Container[str], by: Mapping[str, list[str]]) -> str | None:
    """The first failure on the way from a requirement through what blocks it."""
    passed: set[str] = set()
    while requirement not in failed:
        if requirement in passed or requirement not in by:
            return None
        passed.add(requirement)
        requirement = min(by[requirement])
    return requirement


def _prominence(observation: Observation) -> tuple[bool, int, str, str, str]:
    return (
        observation.evidence is None,
        len(observation.message),
        observation.operation or "",
        observation.requirement,
        observation.test,
    )


def findings(
    observations: Iterable[Observation],
    *,
    outcome: Outcome = Outcome.FAIL,
    among: Iterable[Observation] | None = None,
) -> tuple[Finding, ...]:
    """Group observations with one outcome by cause.

    Args:
        observations: all of a run; those with other outcomes only serve to count what is blocked.
        outcome: which to group.
        among: the only ones to group; None = all.

    Returns:
        Findings, in the order of :func:`consequences`.
    """
    seen = tuple(observations)
    wanted = None if among is None else {id(o) for o in among}
    blocked = Counter(roots(seen).values())
    groups: dict[tuple[str, str], list[Observation]] = {}
    for observation in seen:
        if observation.outcome is outcome and (wanted is None or id(observation) in wanted):
            groups.setdefault(_cause(observation), []).append(observation)
    found = [
        Finding(
            rule=rule,
            signature=signature,
            observations=tuple(sorted(members, key=_prominence)),
            blocked=sum(blocked[requirement] for requirement in {o.requirement for o in members}),
        )
        for (rule, signature), members in groups.items()
    ]
    return tuple(sorted(found, key=consequences))


def consequences(finding: Finding) -> tuple[int, int, str, str]:
    """Sorts the finding that hurts most first, then the one that reaches farthest (places, and what it blocks)."""
    return (severity(finding.impact), -finding.blocked - len(finding.places), finding.rule, finding.signature)
