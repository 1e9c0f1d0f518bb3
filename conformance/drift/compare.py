"""Compares two descriptions: each difference once, with the operations that have it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.drift.shape import Described, Description, Parameter, Shape


class Part(StrEnum):
    """What a difference is about."""

    OPERATION = "operation"
    PARAMETER = "parameter"
    PROPERTY = "property"
    REQUIRED = "required"
    TYPE = "type"
    ENUM = "enum"
    NULLABLE = "nullable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference.

    Attributes:
        part: what it is about.
        where: in the operation: ``query page``, ``body /title``, ``answer /tasks/0/id``; empty of an operation itself.
        before: what the contract says.
        after: what the other one says.
        operations: where it is met; more than one where they share a schema.
    """

    part: Part
    where: str
    before: str
    after: str
    operations: tuple[str, ...]


ABSENT = "—"
_Found = tuple[Part, str, str, str]


def compare(contract: Description, other: Description) -> tuple[Difference, ...]:
    """Compare two descriptions.

    What one of them does not say is no difference: an answer without a schema, a null that cannot be told from absence.

    Returns:
        differences by part, then by place.
    """
    met: dict[_Found, list[str]] = {}
    for key in sorted(contract.operations.keys() | other.operations.keys()):
        ours, theirs = contract.operations.get(key), other.operations.get(key)
        if ours is None or theirs is None:
            met[(Part.OPERATION, "", key if ours else ABSENT, key if theirs else ABSENT)] = [key]
            continue
        for found in _operation(ours, theirs):
            met.setdefault(found, []).append(ours.name)
    order = list(Part)
    return tuple(
        Difference(part=part, where=where, before=before, after=after, operations=tuple(operations))
        for (part, where, before, after), operations in sorted(met.items(), key=lambda m: (order.index(m[0][0]), m[0]))
    )


def _operation(ours: Described, theirs: Described) -> Iterator[_Found]:
    yield from _parameters(ours.parameters, theirs.parameters)
    for where, one, two in (("body", ours.body, theirs.body), ("answer", ours.answer, theirs.answer)):
        if one is not None and two is not None:
            yield from _shapes(where, "", one, two)


def _parameters(ours: Mapping[str, Parameter], theirs: Mapping[str, Parameter]) -> Iterator[_Found]:
    for name in sorted(ours.keys() | theirs.keys()):
        where, one, two = f"query {name}", ours.get(name), theirs.get(name)
        if one is None or two is None:
            yield Part.PARAMETER, where, _there(one), _there(two)
            continue
        if one.required != two.required:
            yield Part.REQUIRED, where, _needed(needed=one.required), _needed(needed=two.required)
        yield from _shapes(where, "", one.shape, two.shape)


def _shapes(where: str, pointer: str, one: Shape, two: Shape) -> Iterator[_Found]:
    place = f"{where} {pointer}".rstrip()
    if _numberless(one.types) != _numberless(two.types) and one.types and two.types:
        yield Part.TYPE, place, _listed(one.types), _listed(two.types)
        return
    if one.values != two.values and one.values and two.values:
        gone, new = one.values - two.values, two.values - one.values
        yield Part.ENUM, place, _listed(gone) or "all of the other side's", _listed(new) or "all of the contract's"
    if None not in (one.nullable, two.nullable) and one.nullable != two.nullable and one.types and two.types:
        yield Part.NULLABLE, place, _null(one), _null(two)
    yield from _properties(where, pointer, one, two)
    if one.items is not None and two.items is not None:
        yield from _shapes(where, f"{pointer}/0", one.items, two.items)


def _properties(where: str, pointer: str, one: Shape, two: Shape) -> Iterator[_Found]:
    if not (one.properties and two.properties):
        return
    for name in sorted(one.properties.keys() | two.properties.keys()):
        place = f"{where} {pointer}/{name}"
        ours, theirs = one.properties.get(name), two.properties.get(name)
        if ours is None or theirs is None:
            yield Part.PROPERTY, place, _there(ours), _there(theirs)
            continue
        if (name in one.required and name in two.optional) or (name in one.optional and name in two.required):
            yield Part.REQUIRED, place, _needed(needed=name in one.required), _needed(needed=name in two.required)
        yield from _shapes(where, f"{pointer}/{name}", ours, theirs)


def _numberless(types: frozenset[str]) -> frozenset[str]:
    """Types, an integer among them being a number where the other side says number as well."""
    return types - {"integer"} if {"integer", "number"} <= types else types


def _there(what: object) -> str:
    return ABSENT if what is None else "there"


def _needed(*, needed: bool) -> str:
    return "required" if needed else "optional"


def _null(shape: Shape) -> str:
    return "null allowed" if shape.nullable else "never null"


def _listed(values: frozenset[str]) -> str:
    return ", ".join(sorted(values))
