"""What may be wrong with a property of an answer: it is missing, null, of another type, or has another valid value."""

from __future__ import annotations

import re
from collections import defaultdict
from copy import deepcopy
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EACH: Final = "*"
"""Stands for each element of a list."""
DEEPEST: Final = 7
Place = tuple[str, ...]
"""Names of properties from the root on, :data:`EACH` for the elements of lists."""


class Way(StrEnum):
    """How a property is spoiled."""

    DROPPED = "dropped"
    NULLED = "nulled"
    RETYPED = "retyped"
    CHANGED = "changed"


class Unchanged(Exception):
    """A way changes nothing here."""


def places(value: Any, here: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Each property in a JSON value, with a sample of what it holds; the root, if it is a list."""
    if isinstance(value, dict):
        for name, item in value.items():
            if len(here) < DEEPEST:
                yield (*here, name), item
                yield from places(item, (*here, name))
    elif isinstance(value, list):
        if not here:
            yield here, value
        for item in value:
            yield from places(item, (*here, EACH))


def mutated(value: Any, place: Place, way: Way) -> Any:
    """The value with one property spoiled wherever it stands.

    Raises:
        Unchanged: that makes no difference.
    """
    changed = deepcopy(value)
    changed = _at(changed, place, way)
    if changed == value and _plain(changed) == _plain(value):
        raise Unchanged
    return changed


def changes(value: Any, place: Place, way: Way) -> bool:
    """Whether a way makes a difference here: null is null already, and nothing else is another valid object."""
    try:
        mutated(value, place, way)
    except Unchanged:
        return False
    return True


def _plain(value: Any) -> str:
    return repr(value)  # 1, 1.0 and True are equal, and yet three answers


def _at(value: Any, place: Place, way: Way) -> Any:
    if not place:
        return _SPOILS[way]("", value)
    first, rest = place[0], place[1:]
    if first == EACH and isinstance(value, list):
        return [_at(item, rest, way) for item in value]
    if not isinstance(value, dict) or first not in value:
        return value
    if rest:
        value[first] = _at(value[first], rest, way)
    elif way is Way.DROPPED:
        del value[first]
    else:
        value[first] = _SPOILS[way](first, value[first])
    return value


def _retyped(_: str, value: Any) -> Any:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return 7
        case list():
            return {}
        case dict():
            return []
        case _:
            return {"a": 7}


def _changed(name: str, value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value + 0.5
        case str():
            return _another_text(name, value)
        case list():
            return value[:-1]
        case _:
            return value


def _another_text(name: str, value: str) -> str:
    for values in _enums().get(name, ()):
        if value in values and (others := [v for v in values if v != value]):
            return others[0]
    if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        try:
            moved = datetime.fromisoformat(value) + timedelta(days=1)
        except ValueError:
            return value
        return moved.isoformat().replace("+00:00", "Z" if value.endswith("Z") else "+00:00")
    if re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        return f"x{value}"
    return value[:-1] + ("y" if value.endswith("x") else "x") if value else "x"


@cache
def _enums() -> dict[str, list[list[str]]]:
    """The enumerations of the contract, by the name of a property."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    components = load_contract().document["components"]["schemas"]
    for name, schema in _properties(components):
        for one in (schema, *(part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ()))):
            reference = str(one.get("$ref", "")).rpartition("/")[2]
            found[name].append([v for v in components.get(reference, one).get("enum", ()) if isinstance(v, str)])
    return found


def _properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each property that is declared anywhere in a schema, by its name."""
    if isinstance(schema, dict):
        declared = schema.get("properties")
        if isinstance(declared, dict):
            yield from ((name, one) for name, one in declared.items() if isinstance(one, dict))
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from _properties(one)


_SPOILS: Final[dict[Way, Callable[[str, Any], Any]]] = {
    Way.NULLED: lambda _, __: None,
    Way.RETYPED: _retyped,
    Way.CHANGED: _changed,
    Way.DROPPED: lambda _, value: value,
}
