"""Finds the operation that several findings have in common, by which tests fail and which do not. Pure.

Fault localisation by spectrum: of the operations that a failed test used up to the answer that shows the failure, the
one at fault is the one without which tests pass. A task that is read wrong because it was written wrong is the
write's fault: reads of other tests are right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult

CERTAIN: Final = 0.6
"""Of the tests that use an operation so many fail, at least, if it is at fault for what they show."""
MOST: Final = 0.8
"""Of the observations of one group so many came after the operation, at least, if it explains the group."""
SEVERAL: Final = 2
"""Fewer groups, or fewer tests, are no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """An operation, and the groups of observations that it explains, as their positions."""

    operation: str
    groups: frozenset[int]


def suspects(groups: Sequence[Collection[Observation]], results: Iterable[NodeResult]) -> list[Suspect]:
    """The operations that explain several groups each; no group is explained twice.

    Args:
        groups: failures, those with one signature together.
        results: of all tests, each with the operations that it used; without these nothing is suspected.
    """
    used = {result.id: frozenset(result.operations) for result in results if result.operations}
    failed = {o.test for group in groups for o in group}
    passed: dict[str, int] = defaultdict(int)
    for test, operations in used.items():
        if test not in failed:
            for operation in operations:
                passed[operation] += 1
    left, found = set(range(len(groups))), []
    while best := _best(groups, left, passed) if used else None:
        found.append(best)
        left -= best.groups
    return found


def _best(
    groups: Sequence[Collection[Observation]], left: Collection[int], passed: Mapping[str, int]
) -> Suspect | None:
    explained: dict[str, set[int]] = defaultdict(set)
    tests: dict[str, set[str]] = defaultdict(set)
    depth: dict[str, int] = defaultdict(int)
    for n in sorted(left):
        for operation, (share, by, last) in _explaining(groups[n]).items():
            if share >= MOST:
                explained[operation].add(n)
                tests[operation] |= by
                depth[operation] += last
    ranked = []
    for operation, members in explained.items():
        failing = len(tests[operation])
        certainty = failing / (failing + passed[operation])
        if len(members) >= SEVERAL and failing >= SEVERAL and certainty >= CERTAIN:
            # of two that explain as much, the one that is used closer to the failure
            ranked.append((-failing * certainty, depth[operation] / len(members), operation))
    if not ranked:
        return None
    operation = min(ranked)[2]
    return Suspect(operation=operation, groups=frozenset(explained[operation]))


def _explaining(group: Collection[Observation]) -> dict[str, tuple[float, set[str], int]]:
    """Operation -> the share of the group that came after it, the tests of that share, and how far before at least."""
    tests: dict[str, set[str]] = defaultdict(set)
    number: dict[str, int] = defaultdict(int)
    distance: dict[str, int] = {}
    for o in group:
        for place, operation in enumerate(dict.fromkeys(filter(None, (o.operation, *reversed(o.after))))):
            tests[operation].add(o.test)
            number[operation] += 1
            distance[operation] = min(place, distance.get(operation, place))
    return {op: (number[op] / len(group), tests[op], distance[op]) for op in number}
