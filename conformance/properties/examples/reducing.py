"""Reduces an example: leaves out or shortens whatever the failure does not need."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.properties.examples.model import Example

Place = tuple[str | int, ...]
MOST_TRIALS = 80
_DEEPEST = 5
_LONG = 8
# Beyond this a division of numbers is no longer exact.
_EXACT = 2**53


def reduced(example: Example, shows: Callable[[Example], bool], enough: Callable[[], bool]) -> Example:
    """The smallest that was found to show the same.

    Args:
        example: shows the failure.
        shows: sends an example, and says whether it still fails in the same way.
        enough: has it to stop?
    """
    trials = 0

    def holds(candidate: Example) -> bool:
        nonlocal trials
        trials += 1
        return trials <= MOST_TRIALS and not enough() and shows(candidate)

    return _shorter(_fewer(example, holds), holds)


def _fewer(example: Example, holds: Callable[[Example], bool]) -> Example:
    """Leave out ever smaller groups of parts."""
    size = max(1, len(list(_places(example))))
    while size >= 1:
        places = list(_places(example))
        for start in range(0, len(places), size):
            group = places[start : start + size]
            candidate = _without(example, group)
            if candidate != example and holds(candidate):
                example = candidate
        size //= 2
    return example


def _shorter(example: Example, holds: Callable[[Example], bool]) -> Example:
    """Halve long texts and large numbers as often as it goes."""
    changed = True
    while changed:
        changed = False
        for place, value in list(_leaves(example)):
            half = _half(value)
            if half is not None and holds(candidate := _put(example, place, half)):
                example, changed = candidate, True
    return example


def _half(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONG and not value.startswith("$"):
        return value[: len(value) // 2]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LONG:
        return int(value / 2) if abs(value) < _EXACT else value // 2
    return None


def _places(example: Example) -> Iterator[Place]:
    """Everything that can be left out: parameters, fields, elements; what is inside comes after it."""
    for name in example.query:
        yield "query", name
    yield from (("body", *place) for place in _inside(example.body))


def _inside(value: Any, depth: int = 0) -> Iterator[Place]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items if depth < _DEEPEST else ():
        yield (key,)
        yield from ((key, *place) for place in _inside(item, depth + 1))


def _leaves(example: Example) -> Iterator[tuple[Place, Any]]:
    for place in _places(example):
        value = _at(example, place)
        if not isinstance(value, dict | list):
            yield place, value


def _at(example: Example, place: Place) -> Any:
    value: Any = {"query": example.query, "body": example.body}
    for key in place:
        value = value[key]
    return value


def _put(example: Example, place: Place, value: Any) -> Example:
    parts = copy.deepcopy({"query": dict(example.query), "body": example.body})
    holder: Any = parts
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return example.with_parts(parts["query"], parts["body"])


def _without(example: Example, places: list[Place]) -> Example:
    parts: dict[str, Any] = {"query": dict(example.query), "body": copy.deepcopy(example.body)}
    # the last elements of a list first, so that the places of the others stay theirs
    for place in sorted(places, key=_order, reverse=True):
        holder: Any = parts
        try:
            for key in place[:-1]:
                holder = holder[key]
            del holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # it went with what it was in
    return example.with_parts(parts["query"], parts["body"])


def _order(place: Place) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(key, str), key) for key in place)
