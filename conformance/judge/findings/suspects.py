"""Finds the operation that several findings have in common, by which tests fail and which do not. Pure.

Fault localisation by spectrum: of the operations that a failed test used up to the answer that shows the failure, the
one at fault is the one without which tests pass. A task that is read wrong because it was written wrong is the
write's fault: reads of other tests are right. What is missing of a list wherever somebody looks through that list is
the list's fault, whatever was written before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.judge.findings.difference import LESS, MORE, difference

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
RARER: Final = 2
"""All that several failures share is at fault where nothing else that they share is used by fewer than so many times
its tests."""


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
    total = Counter(operation for operations in used.values() for operation in operations)
    for look in (_reader, _writer):
        while used and (one := look(groups, left, total)):
            found.append(one)
            left -= one.groups
    return found


def _reader(
    groups: Sequence[Collection[Observation]], left: Collection[int], total: Mapping[str, int]
) -> Suspect | None:
    """The operation in whose lists something is missing, or too much, whatever several failures are told of."""
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    for n in sorted(left):
        ways = [{(r, _amount(o)) for r in (*o.through, o.operation or "") if r and _amount(o)} for o in groups[n]]
        for way in set.intersection(*ways):
            seen[way].add(n)
    told = {o.operation for n in left for o in groups[n]}
    return _rarest({(operation, frozenset(members)) for (operation, _), members in seen.items()}, groups, total, told)


def _writer(
    groups: Sequence[Collection[Observation]], left: Collection[int], total: Mapping[str, int]
) -> Suspect | None:
    """The write that is told itself of something, and that all came after that readers are told of."""
    writes = {operation for n in left for o in groups[n] for operation in o.after}
    explained: dict[str, set[int]] = defaultdict(set)
    for n in sorted(left):
        told = {o.operation for o in groups[n]} & writes
        for operation in set.intersection(*({*o.after, o.operation or ""} for o in groups[n])) & writes:
            if told <= {operation}:
                explained[operation].add(n)
    return _rarest({(operation, frozenset(members)) for operation, members in explained.items()}, groups, total)


def _rarest(
    candidates: Collection[tuple[str, frozenset[int]]],
    groups: Sequence[Collection[Observation]],
    total: Mapping[str, int],
    told: Collection[str | None] = (),
) -> Suspect | None:
    """Of operations with what they may explain, the one that explains most; none where something else is as likely.

    Args:
        candidates: operations, each with the positions of groups.
        groups: failures.
        total: how many tests use an operation.
        told: operations that a failure is told of; empty: one has to be among those that it explains.
    """
    ranked = []
    for operation, members in candidates:
        concerned = [o for n in members for o in groups[n]]
        shared = set.intersection(*({*o.after, *o.through, o.operation or ""} for o in concerned)) - {operation, ""}
        if (
            len(members) >= SEVERAL
            and len({o.test for o in concerned}) >= SEVERAL
            and operation in (told or {o.operation for o in concerned})
            and all(total[other] >= RARER * total[operation] for other in shared)
        ):
            ranked.append((-len(members), total[operation], operation, sorted(members)))
    if not ranked:
        return None
    _, _, operation, explained = min(ranked)
    return Suspect(operation=operation, groups=frozenset(explained))


def _amount(observation: Observation) -> str:
    """``less`` or ``more``, of what a list holds or of how much it holds; empty for any other difference."""
    # in brackets, a bare number is a count as well
    different = difference(f"[{observation.expected}]", f"[{observation.got}]")
    return different if different in {LESS, MORE} else ""


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
