"""Selects which of thousands of covering cases a run sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.properties.campaigns.keeping import ExampleCollector
from conformance.properties.generation.binding import broken_properties
from conformance.properties.generation.sparing import speaks_for_field, speaks_for_parser
from conformance.run.time_budget import UNBOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.generation.adapter import GeneratedCase, Generator, Mode
    from conformance.run.time_budget import TimeSlice

# More rounds of random cases than any time budget is for.
ROUNDS = 10_000
# Sent to operations without a body they say nothing: HTTP does not care for the type of no content.
_TYPE_PROBES = frozenset({"malformed_content_type", "unsupported_content_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthPolicy:
    """How much is generated per operation.

    Attributes:
        positive: covering positive cases.
        negative: covering negative cases; None for one of each kind.
        forms: also covering cases whose body is a form; they say little that the JSON ones don't.
        fuzz: random cases of each mode; of each round, if there are rounds.
        hard: classes of hard values at places of a body, per operation.
        hard_texts: values of each class.
        hard_searches: attempts at finding the one that did harm.
        watch: also look at what writes did to those who read.
        thorough: also what costs much and tells less: many objects, all that a reader may choke on, all wrong keys.
        examples: also what earlier deep runs found.
        everything: all covering cases, not one of each kind, and rounds of random ones as long as there is time.
    """

    positive: int
    negative: int | None
    forms: int
    fuzz: int
    hard: int = 0
    hard_texts: int = 0
    hard_searches: int = 0
    watch: bool = True
    thorough: bool = True
    examples: bool = True
    everything: bool = False


DEPTH_POLICIES = {
    "quick": DepthPolicy(positive=0, negative=1, forms=0, fuzz=0, watch=False, thorough=False, examples=False),
    "gate": DepthPolicy(positive=2, negative=None, forms=1, fuzz=2, hard=16, hard_texts=1, hard_searches=16),
    "deep": DepthPolicy(
        positive=10_000,
        negative=None,
        forms=10_000,
        fuzz=50,
        hard=10_000,
        hard_texts=100,
        hard_searches=1_000,
        everything=True,
    ),
}


@dataclass(frozen=True, kw_only=True)
class CampaignOptions:
    """How far one test goes.

    Attributes:
        policy: how much is generated.
        time_slice: the time that there is.
        known: operation and id of the examples that are kept already.
        found: by which run examples are found, for people.
    """

    policy: DepthPolicy
    time_slice: TimeSlice = UNBOUNDED
    known: set[tuple[str, str]] = field(default_factory=set)
    found: str = ""

    def collector(self, schemas: SchemaChecker, *, usual: int) -> ExampleCollector | None:
        """Return who keeps what is found: nobody but in a deep run.

        Args:
            schemas: validates against the contract, independently of Schemathesis.
            usual: how many cases, from the first, the gate sends as well.
        """
        return ExampleCollector(schemas, self.known, found=self.found, usual=usual) if self.policy.everything else None


def select(
    cases: Iterable[GeneratedCase], policy: DepthPolicy, *, pinned: Iterable[str] = ()
) -> Iterator[GeneratedCase]:
    """The cases to send, in a fixed order: positive ones first.

    Args:
        cases: all covering cases of an operation.
        policy: how many to send.
        pinned: body properties that are never varied: cases that break one of them are left out.
    """
    kept = frozenset(pinned)
    kinds: dict[tuple[object, ...], GeneratedCase] = {}
    for case in cases:
        if not _tells(case, kept) or _repeats(case):
            continue
        key = _kind(case)
        known = kinds.get(key)
        if known is None or _telling(case) > _telling(known):
            kinds[key] = case
    chosen = sorted(kinds.values(), key=lambda c: c.mode == "negative")
    forms = 0
    positive = [c for c in chosen if c.mode == "positive" and not _is_form(c)]
    # the fullest first: one request that covers many properties
    for case in sorted(positive, key=lambda c: -len(str(c.body)))[: policy.positive]:
        case.sensible = True
        yield case
    negative = 0
    for case in chosen:
        if _is_form(case):
            forms += 1
            if forms > policy.forms:
                continue
            case.sensible = case.mode == "positive"
        elif case.mode == "positive" or (policy.negative is not None and negative >= policy.negative):
            continue
        else:
            negative += 1
        yield case


def in_turn(
    cases: Iterable[GeneratedCase], policy: DepthPolicy, *, pinned: Iterable[str] = ()
) -> tuple[list[GeneratedCase], int]:
    """The cases to send, those of the gate first; and how many those are."""
    if not policy.everything:
        chosen = list(select(cases, policy, pinned=pinned))
        return chosen, len(chosen)
    whole, kept = list(cases), frozenset(pinned)
    usual = list(select(whole, DEPTH_POLICIES["gate"], pinned=pinned))
    known = {id(case) for case in usual}
    rest = [case for case in whole if id(case) not in known and _tells(case, kept)]
    return [*usual, *rest], len(usual)


def in_rounds(
    generator: Generator, operation: Operation, mode: Mode, policy: DepthPolicy, *, pinned: Iterable[str] = ()
) -> Iterator[GeneratedCase]:
    """Random cases: one round, or (``everything``) round after round until nothing new comes."""
    kept, seen = frozenset(pinned), set[str]()
    for number in range(ROUNDS if policy.everything else 1):
        batch = generator.fuzz(operation, mode, policy.fuzz, round_number=number)
        fresh = {key: case for case in batch if (key := _random_part(case)) not in seen}
        if not fresh:
            return
        seen |= fresh.keys()
        yield from (case for case in fresh.values() if not kept & broken_properties(case))


def _random_part(case: GeneratedCase) -> str:
    """Return what is left of a random case when real objects are in its path."""
    return repr((case.path if case.broken == "path" else {}, case.query, case.body, case.media_type, case.broken))


def _repeats(case: GeneratedCase) -> bool:
    """Return whether another operation with the same parser or field shows the same."""
    if case.scenario == "malformed_content_type":
        return not speaks_for_parser(case.operation)
    names = broken_properties(case)
    if case.scenario != "incorrect_type" or case.broken != "body" or len(names) != 1:
        return False
    return not speaks_for_field(case.operation, next(iter(names)))


def _tells(case: GeneratedCase, kept: frozenset[str]) -> bool:
    """Return whether the case can show anything, and changes nothing that is never varied."""
    if case.scenario in _TYPE_PROBES and case.operation.body is None:
        return False
    return not kept & broken_properties(case)


def _is_form(case: GeneratedCase) -> bool:
    return "form" in (case.media_type or "") and (case.mode == "positive" or case.broken == "body")


def _kind(case: GeneratedCase) -> tuple[object, ...]:
    """Return what two cases have in common that are worth sending only once."""
    if case.broken == "body":
        top = case.place.split("/properties/", 1)[-1].split("/")[0] if "/properties/" in case.place else ""
        return (case.mode, case.broken, case.media_type, case.scenario, top or tuple(sorted(broken_properties(case))))
    if case.mode == "positive":
        return (case.mode, case.scenario, case.media_type, case.what)
    return (case.mode, case.broken, case.scenario, case.parameter)


def _telling(case: GeneratedCase) -> int:
    """A list where a word is due can't be taken for a word; ``0`` for ``"0"`` can."""
    if case.scenario != "incorrect_type" or case.broken != "body":
        return 0
    names = broken_properties(case)
    if not isinstance(case.body, dict) or len(names) != 1:
        return 1 if isinstance(case.body, list) else 0
    value = case.body.get(next(iter(names)))
    return 2 if isinstance(value, list) else 1 if isinstance(value, dict | str) else 0
