"""Which of thousands of covering cases a run sends: one per kind of thing, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.properties.binding import broken_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.properties.adapter import GeneratedCase

# Sent to operations without a body they say nothing: HTTP does not care for the type of no content.
_TYPE_PROBES = frozenset({"malformed_content_type", "unsupported_content_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """How much is generated per operation.

    Attributes:
        positive: covering positive cases.
        negative: covering negative cases; None for one of each kind.
        forms: also covering cases whose body is a form; they say little that the JSON ones don't.
        fuzz: random cases of each mode.
        everything: all covering cases, not one of each kind.
    """

    positive: int
    negative: int | None
    forms: int
    fuzz: int
    everything: bool = False


GEARS = {
    "quick": Gear(positive=1, negative=3, forms=0, fuzz=0),
    "gate": Gear(positive=4, negative=None, forms=1, fuzz=3),
    "deep": Gear(positive=10_000, negative=None, forms=10_000, fuzz=200, everything=True),
}


def select(cases: Iterable[GeneratedCase], gear: Gear, *, pinned: Iterable[str] = ()) -> Iterator[GeneratedCase]:
    """The cases to send, in a fixed order: positive ones first.

    Args:
        cases: all covering cases of an operation.
        gear: how many to send.
        pinned: body properties that are never varied: cases that break one of them are left out.
    """
    kept = frozenset(pinned)
    kinds: dict[tuple[object, ...], GeneratedCase] = {}
    for index, case in enumerate(cases):
        if case.scenario in _TYPE_PROBES and case.operation.body is None:
            continue
        if kept & broken_properties(case):
            continue
        key = (index,) if gear.everything else _kind(case)
        known = kinds.get(key)
        if known is None or _telling(case) > _telling(known):
            kinds[key] = case
    chosen = sorted(kinds.values(), key=lambda c: c.mode == "negative")
    forms = 0
    positive = [c for c in chosen if c.mode == "positive" and not _is_form(c)]
    # the fullest first: one request that covers many properties
    yield from sorted(positive, key=lambda c: -len(str(c.body)))[: gear.positive]
    negative = 0
    for case in chosen:
        if _is_form(case):
            forms += 1
            if forms > gear.forms:
                continue
        elif case.mode == "positive" or (gear.negative is not None and negative >= gear.negative):
            continue
        else:
            negative += 1
        yield case


def _is_form(case: GeneratedCase) -> bool:
    return "form" in (case.media_type or "") and (case.mode == "positive" or case.broken == "body")


def _kind(case: GeneratedCase) -> tuple[object, ...]:
    """What two cases have in common that are worth sending only once."""
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
