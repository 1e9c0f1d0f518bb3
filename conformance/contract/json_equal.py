"""JSON values: read without losing a digit, and compared as JSON says. The one comparison of the suite.

Numbers are compared by value, exactly: ``1e20`` is ``100000000000000000000``, and ``9007199254740993`` is no
``9007199254740992.0``, which a comparison of floats says it is. Objects have no order. Lists have one, unless
:func:`any_order` says that nobody promised it.
"""

from __future__ import annotations

import json
import math
import operator
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["AnyOrder", "ExactFloat", "any_order", "differing", "equal", "parse", "same_instant"]

Json: TypeAlias = Any
Texts: TypeAlias = "Callable[[str, str], bool]"
"""Whether two strings that may differ say the same."""


class ExactFloat(float):
    """A number whose value a float can't hold; to all who do not compare it, it is the nearest float."""

    exact: Decimal

    def __new__(cls, text: str) -> Self:
        """Take the number as it was written."""
        made = super().__new__(cls, text)
        made.exact = Decimal(text)
        return made

    def __reduce__(self) -> tuple[type[ExactFloat], tuple[str]]:
        """Copies and other processes get all digits, too."""
        return ExactFloat, (str(self.exact),)

    def __repr__(self) -> str:
        return str(self.exact)


class AnyOrder(list[Any]):
    """A list of whose elements nobody promised an order: equal to each list of the same elements, each as often."""


def parse(content: bytes | str) -> Json:
    """A JSON text as a value, with each number as it was written.

    Raises:
        ValueError: it is none.
    """
    return json.loads(content, parse_float=_number)


def any_order(elements: Iterable[Json]) -> AnyOrder:
    """Say of a list that its order is nobody's promise."""
    return AnyOrder(elements)


def equal(  # noqa: PLR0911 - one line per JSON type
    one: Json, other: Json, *, texts: Texts = operator.eq
) -> bool:
    """Return whether two values are one as JSON; ``True`` is no number, a tuple is a list.

    Args:
        one: usually what was expected; a list in it may be an :class:`AnyOrder`.
        other: what came; the same.
        texts: compares two strings, where more than the same characters are equal (two ways to write an instant).
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return _same_number(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or texts(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(v, other[k], texts=texts) for k, v in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return False
        if isinstance(one, AnyOrder) or isinstance(other, AnyOrder):
            return _same_elements(list(one), list(other), texts)
        return all(equal(a, b, texts=texts) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def differing(one: Json, other: Json, *, texts: Texts = operator.eq) -> Iterator[str]:
    """Names of the members of two objects that are not equal, or that only one has; in alphabetical order."""
    for name in sorted(one.keys() | other.keys(), key=str):
        if name not in one or name not in other or not equal(one[name], other[name], texts=texts):
            yield name


def _number(text: str) -> float:
    """A float where its shortest text says the same as what was written; otherwise one that keeps the text."""
    rounded = float(text)
    try:
        kept = math.isfinite(rounded) and Decimal(repr(rounded)) == Decimal(text)
        return rounded if kept else ExactFloat(text)
    except ArithmeticError:  # an exponent of twenty digits, which nothing computes with
        return rounded


def _same_number(one: float, other: float) -> bool:
    a, b = _exact(one), _exact(other)
    return a == b or (a.is_nan() and b.is_nan())  # what is no JSON is at least equal to itself


def _exact(number: float) -> Decimal:
    """Return what a number says: of a float, its text, since that is what stands in JSON (0.1, and not 0.1000…0555)."""
    if isinstance(number, ExactFloat):
        return number.exact
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _same_elements(one: list[Json], other: list[Json], texts: Texts) -> bool:
    """Return whether each element of one list has a partner of its own in the other.

    Where nothing below has a freedom of its own, elements can be counted. Otherwise the first partner may be
    somebody else's only one: then partners are changed along a path (Kuhn).
    """
    if texts is operator.eq and not _free(one) and not _free(other):
        return Counter(map(_key, one)) == Counter(map(_key, other))
    partner: dict[int, int] = {}

    def find(index: int, tried: set[int]) -> bool:
        for place, element in enumerate(other):
            if place in tried or not equal(one[index], element, texts=texts):
                continue
            tried.add(place)
            if place not in partner or find(partner[place], tried):
                partner[place] = index
                return True
        return False

    return all(find(index, set()) for index in range(len(one)))


def _free(value: Json) -> bool:
    """Return whether there is a list in any order among the elements, or a number that is no number."""
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list | tuple) and any(isinstance(v, AnyOrder) or _free(v) for v in value)


def _key(value: Json) -> object:
    """Something hashable that two values have in common exactly if they are equal."""
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, int | float):
        exact = _exact(value)
        return ("number", "NaN" if exact.is_nan() else exact)
    if isinstance(value, dict):
        return ("object", frozenset((k, _key(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(_key, value)))
    return ("other", value)


def same_instant(one: str, other: str) -> bool:
    """Two ways to write one instant."""
    return _instant(one) is not None and _instant(one) == _instant(other)


def _instant(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
