"""Selects one operation of those that share a parser, a look-up or a serializer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.contract import Edition, load_contract
from conformance.properties.generation.bodies import properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Resources


def speaks_for_parser(operation: Operation) -> bool:
    """Return whether the operation is the first of its area with this kind of body: the others use the same parser."""
    return operation.id in _parsers()


def _in_order() -> Iterator[Operation]:
    """Those first that every server offers: whoever speaks for others has to be asked."""
    for edition in (Edition.COMMUNITY, Edition.ENTERPRISE):
        yield from load_contract().of(edition)


@lru_cache(maxsize=1)
def _parsers() -> frozenset[str]:
    first: dict[tuple[str, ...], str] = {}
    for operation in _in_order():
        if operation.body is not None:
            first.setdefault((operation.area, *sorted(operation.body.content)), operation.id)
    return frozenset(first.values())


def speaks_for_kind(operation: Operation, slot: str, resources: Resources) -> bool:
    """Return whether the operation is the first that finds an object of this kind by its id: the others do it alike."""
    return (operation.id, slot) in _kinds(resources)


@lru_cache(maxsize=2)
def _kinds(resources: Resources) -> frozenset[tuple[str, str]]:
    first: dict[str, tuple[str, str]] = {}
    for operation in _in_order():
        for slot, kind in resources.slot_kinds(operation).items():
            first.setdefault(kind, (operation.id, slot))
    return frozenset(first.values())


def speaks_for_field(operation: Operation, name: str, *, method: str = "") -> bool:
    """Return whether the operation is the first of its area with this field: others share the serializer.

    Args:
        operation: has the field.
        name: of the field.
        method: only operations of this method are looked at; of any, if it is empty.
    """
    return (operation.id, name) in _fields(method)


@lru_cache(maxsize=2)
def _fields(method: str) -> frozenset[tuple[str, str]]:
    contract = load_contract()
    first: dict[tuple[str, str, str], tuple[str, str]] = {}
    for operation in _in_order():
        if method not in {"", operation.method}:
            continue
        for name, given in properties(contract, operation).items():
            first.setdefault((operation.area, name, repr(given)), (operation.id, name))
    return frozenset(first.values())
