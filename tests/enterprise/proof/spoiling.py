"""What can be done to an answer so that it is wrong, and still looks like one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LISTS: Final = ("results", "data", "tasks", "jobs")
MARK: Final = "~"
DECIMAL: Final = re.compile(r"-?\d+\.\d+")
OTHERS: Final = 987654
"""An id of somebody else's."""


def only(value: Any, fields: Sequence[str], change: Callable[[Any], Any]) -> Any:
    """The value with a change of these fields, wherever they stand."""
    if isinstance(value, dict):
        return {k: change(v) if k in fields else only(v, fields, change) for k, v in value.items()}
    return [only(one, fields, change) for one in value] if isinstance(value, list) else value


def _each(value: Any, change: Callable[[Any], Any], *, top: bool = True) -> Any:
    """The value with every scalar in it changed, but for identities."""
    if isinstance(value, dict):
        return {k: v if k == "id" and top else _each(v, change, top=top) for k, v in value.items()}
    if isinstance(value, list):
        return [_each(one, change, top=top) for one in value]
    return change(value)


def drift(value: Any) -> Any:
    """Texts have a letter too many."""
    return _each(value, lambda one: f"{one}{MARK}" if isinstance(one, str) and not DECIMAL.fullmatch(one) else one)


def _by(value: Any, step: int) -> Any:
    """Numbers, also those that are written as texts, are other ones."""

    def moved(one: Any) -> Any:
        if isinstance(one, str) and DECIMAL.fullmatch(one):
            return str(Decimal(one) + step)
        return one + step if isinstance(one, int | float) and not isinstance(one, bool) else one

    return _each(value, moved)


def shift(value: Any) -> Any:
    """Numbers are too high by one."""
    return _by(value, 1)


def sink(value: Any) -> Any:
    """Numbers are too low by one."""
    return _by(value, -1)


def renumber(value: Any) -> Any:
    """Identities are those of others."""
    if isinstance(value, dict):
        return {k: v + 1 if k == "id" and isinstance(v, int) else renumber(v) for k, v in value.items()}
    return [renumber(one) for one in value] if isinstance(value, list) else value


def flip(value: Any) -> Any:
    """What is true is false."""
    return _each(value, lambda one: not one if isinstance(one, bool) else one)


def void(value: Any) -> Any:
    """Everything is null."""
    return _each(value, lambda _: None)


def fill(value: Any) -> Any:
    """What is null is a text."""
    return _each(value, lambda one: "something" if one is None else one)


def alter(value: Any) -> Any:
    """All is otherwise: texts, numbers, truths, what is null; lists of scalars lack one, what is empty is not."""
    if isinstance(value, list | dict) and not value:
        return [MARK] if isinstance(value, list) else {MARK: MARK}
    if isinstance(value, dict):
        return {k: v if k == "id" or v in ([], {}) else alter(v) for k, v in value.items()}
    if isinstance(value, list):
        return [alter(one) for one in value[0 if isinstance(value[0], dict | list) else 1 :]]
    return fill(flip(shift(drift(value))))


def drop(value: Any) -> Any:
    """What it was is null, or nothing."""
    return type(value)() if isinstance(value, list | dict) else None


def _lists(value: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(value, list):
        return change(value)
    if isinstance(value, dict):
        return {k: change(v) if k in LISTS and isinstance(v, list) else v for k, v in value.items()}
    return value


def empty(value: Any) -> Any:
    """Nothing is listed."""
    return _lists(value, lambda _: [])


def short(value: Any) -> Any:
    """The last one is not listed."""
    return _lists(value, lambda items: items[:-1])


def double(value: Any) -> Any:
    """The first one is listed twice."""
    return _lists(value, lambda items: [*items[:1], *items])


def grow(value: Any) -> Any:
    """Something is listed that is somebody else's."""
    return _lists(
        value, lambda items: [*items, {**(items[0] if items and isinstance(items[0], dict) else {}), "id": OTHERS}]
    )


def reverse(value: Any) -> Any:
    """The list is the other way round."""
    return _lists(value, lambda items: items[::-1])


def clear(value: Any) -> Any:
    """Lists and objects inside are empty."""
    if isinstance(value, dict):
        return {k: type(v)() if isinstance(v, list | dict) else v for k, v in value.items()}
    return _lists(value, lambda items: [clear(one) for one in items])


def telling(value: Any, told: Sequence[str]) -> Any:
    """The answer, or each that is listed in it, with texts that are nobody's business."""
    if isinstance(value, list):
        return [telling(one, told) for one in value] or list(told)
    return {**value, "told": list(told)} if isinstance(value, dict) else value


def echo(value: Any) -> Any:
    """Secrets of all kinds are told."""
    return telling(value, [v for one in KNOWN for v in one])


def texts(value: Any) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(one)


def cut(value: bytes) -> bytes:
    """What is no JSON lacks its last line."""
    return b"".join(value.splitlines(keepends=True)[:-1]) or b"\n"


KNOWN: list[tuple[str, ...]] = []
"""Secrets of the run, for ``echo``."""
SPOILS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "drift": drift,
    "shift": shift,
    "sink": sink,
    "renumber": renumber,
    "flip": flip,
    "void": void,
    "fill": fill,
    "empty": empty,
    "short": short,
    "double": double,
    "grow": grow,
    "reverse": reverse,
    "clear": clear,
    "echo": echo,
    "alter": alter,
    "drop": drop,
    "bytes": cut,
}
