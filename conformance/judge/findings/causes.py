"""Findings: failures grouped by what causes them, across operations and tests."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.judge.findings.difference import LESS, difference
from conformance.judge.findings.impact import impact_of, severity, worst
from conformance.judge.findings.suspects import suspects
from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from conformance.judge.observation import Impact, Observation
    from conformance.judge.plan import NodeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, with all the observations that it explains.

    Attributes:
        rule: the kind of check that failed.
        signature: what the failures have in common.
        observations: at least one, in a stable order; the first is the one to show.
        blocked: how many requirements could not be looked at because of it.
        suspect: the operation that all of it came after, and without which tests pass; empty where none stands out.
    """

    rule: str
    signature: str
    observations: tuple[Observation, ...]
    blocked: int = 0
    suspect: str = ""

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
        """The operation at fault: the one that stands out, or else that whose answer shows the failure."""
        return self.suspect or self.first.operation or self.first.requirement

    @property
    def asked(self) -> str:
        """The write that most of it is asked of, where it shows in another operation's answer; empty if there is none.

        Which of the two is wrong, one look does not tell.
        """
        told = Counter(o.asked for o in self.observations if o.asked in o.after)
        one, times = told.most_common(1)[0] if told else ("", 0)
        return one if one != self.place and 2 * times > len(self.observations) else ""

    @property
    def reason(self) -> str:
        """One line for a person."""
        return " ".join((self.first.message or self.signature or self.first.requirement).split())

    @property
    def places(self) -> tuple[str, ...]:
        """The operations (or requirements, where none is named) where it shows, sorted."""
        return tuple(sorted({o.operation or o.requirement for o in self.observations}))

    @property
    def requirements(self) -> tuple[str, ...]:
        """The ids of all that is broken by it, sorted."""
        return tuple(sorted({o.requirement for o in self.observations}))


# Where a list keeps its elements: the element is what is broken, whatever it is wrapped in.
_WRAPPING = re.compile(r" at (?:/[^/]+)*/\*(?=/|$)")
_COMPONENT = re.compile(r"#/components/schemas/\S+")
_AT = re.compile(r"^[a-z_0-9]+(?:\.[a-z_0-9]+)+ HTTP (\d)\d\d$")
_BARE = re.compile(r"HTTP 5\d\d")
# A part that an answer has, and another answer of the same operation has not.
_PASSING = re.compile(r"come and go: ")
_LACKING = re.compile(r"required '([^']+)' at /")
# What an error names (numbers, ids, quoted values) differs from request to request.
_NAMED = re.compile(r"\d[\da-f.-]*|\\?'[^']*'")
_TOLD = 200
_SERVER_ERROR = 500

Key = tuple[str, ...]


def kind_of(observation: Observation) -> Key:
    """Equal for failures of one kind: the same rule broken in the same way, or the same behaviour.

    Rules compiled from the contract are the same for each operation, so equal signatures tell of one cause
    behind several operations. Behaviours differ from requirement to requirement. Without a signature nothing
    says that two places share a cause.
    """
    if "#" not in observation.requirement or not observation.signature:
        # one behaviour that is broken at many operations names each: `tasks.create HTTP 201`, `tasks.get HTTP 200`
        said = _AT.sub(r"HTTP \1xx", observation.signature) or observation.message
        return (observation.rule, f"{observation.requirement}: {said}")
    if _BARE.fullmatch(observation.signature):  # that two operations break says nothing of why
        return (observation.rule, observation.signature, observation.operation or "")
    return (observation.rule, _WRAPPING.sub(" at ", observation.signature).replace(" at /", " at ").rstrip())


def _keys(observation: Observation) -> Iterator[Key]:
    """What a failure may have in common with others: any of these that is equal tells of one cause.

    Its kind; the part of a shared schema that is broken; the step of a test that was taken for several products; the
    operation, and how what came differs from what was expected; the operation that broke, and what it said of that;
    the part of an answer that comes and goes.
    """
    yield kind_of(observation)
    component = _COMPONENT.search(observation.expected) if observation.rule == "response-schema" else None
    if component:
        yield ("component", component[0], observation.signature.partition(" at ")[0])
    lacking = _LACKING.fullmatch(observation.signature) if observation.rule == "response-schema" else None
    if lacking and observation.operation:
        yield ("passing", observation.operation, lacking[1])
    response = observation.evidence.response if observation.evidence else None
    if observation.operation and response and response.get("status", 0) >= _SERVER_ERROR:
        yield ("broke", observation.operation, _NAMED.sub("…", str(response.get("body") or ""))[:_TOLD])
    if observation.rule == "readable" and observation.got.startswith("[]") and observation.operation:
        # somebody reached for an element that is not there
        yield ("differs", observation.operation, LESS)
    if "#" in observation.requirement or not observation.operation:
        return
    if observation.test:
        # one step of one test, for several products: LS-STORAGE-117 and -217
        yield ("step", observation.test.partition("[")[0], observation.requirement[-2:], observation.signature)
    for part in _PASSING.sub("", observation.signature).split(", ") if _PASSING.match(observation.signature) else ():
        yield ("passing", observation.operation, part)
    different = difference(observation.expected, observation.got)
    if different:
        yield ("differs", observation.operation, different)


def _shared(observations: Iterable[Observation]) -> Iterator[tuple[Observation, Key]]:
    """Failures that one exchange shows. Two parts of one answer that break its schema are two causes all the same."""
    by: dict[str, list[Observation]] = {}
    for o in observations:
        if o.evidence is not None and o.evidence.request_id:
            by.setdefault(o.evidence.request_id, []).append(o)
    for request_id, several in by.items():
        schemas = [o for o in several if o.rule == "response-schema"]
        for o in several if len(schemas) == 1 else [o for o in several if o.rule != "response-schema"]:
            yield o, ("exchange", request_id)


def _together(observations: Sequence[Observation]) -> list[list[Observation]]:
    """Groups of failures that have something in common, be it by way of others."""
    parent = list(range(len(observations)))

    def top(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    place = {id(o): n for n, o in enumerate(observations)}
    first: dict[Key, int] = {}
    keyed = [(o, key) for o in observations for key in _keys(o)] + list(_shared(observations))
    for o, key in keyed:
        one, other = top(first.setdefault(key, place[id(o)])), top(place[id(o)])
        parent[max(one, other)] = min(one, other)
    groups: dict[int, list[Observation]] = {}
    for n, o in enumerate(observations):
        groups.setdefault(top(n), []).append(o)
    return list(groups.values())


def roots(observations: Iterable[Observation]) -> dict[str, str]:
    """Return what is really in the way of each blocked requirement.

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


def _prominence(observation: Observation) -> tuple[int, bool, int, str, str, str]:
    return (
        severity(impact_of(observation)),
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
    results: Iterable[NodeResult] = (),
) -> tuple[Finding, ...]:
    """Group observations with one outcome by cause.

    Args:
        observations: all of a run; those with other outcomes only serve to count what is blocked.
        outcome: which to group.
        among: the only ones to group; None = all.
        results: of the run's tests: what failed ones have in common, and others have not, is a cause too.

    Returns:
        Findings, in the order of :func:`consequences`.
    """
    seen = tuple(observations)
    wanted = None if among is None else {id(o) for o in among}
    chosen = [o for o in seen if o.outcome is outcome and (wanted is None or id(o) in wanted)]
    groups = _together(sorted(chosen, key=_prominence))
    blocked = Counter(roots(seen).values())
    explained = suspects(groups, results)
    taken = {n for one in explained for n in one.groups}
    found = [
        _finding([o for n in sorted(one.groups) for o in groups[n]], blocked, suspect=one.operation)
        for one in explained
    ]
    found += [_finding(group, blocked) for n, group in enumerate(groups) if n not in taken]
    return tuple(sorted(found, key=consequences))


def _finding(members: Iterable[Observation], blocked: Mapping[str, int], *, suspect: str = "") -> Finding:
    # of what a suspect explains, its own answer is the one to show
    ordered = tuple(sorted(members, key=lambda o: (bool(suspect) and o.operation != suspect, *_prominence(o))))
    return Finding(
        rule=ordered[0].rule,
        signature=ordered[0].signature,
        observations=ordered,
        blocked=sum(blocked.get(requirement, 0) for requirement in {o.requirement for o in ordered}),
        suspect=suspect,
    )


def consequences(finding: Finding) -> tuple[int, int, str, str]:
    """Sorts the finding that hurts most first, then the one that reaches farthest (places, and what it blocks)."""
    return (severity(finding.impact), -finding.blocked - len(finding.places), finding.rule, finding.signature)
