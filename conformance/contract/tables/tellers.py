"""Which operations tell of objects, and where in their answers: what lets two answers about one object be compared."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from conformance.contract.json_equal import any_order, equal, same_instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from conformance.contract.model import Contract, Operation
    from conformance.contract.tables.resources import Kind, Resources


class Told(IntEnum):
    """By what an object is told; of two that differ the later one in this order is to blame, if nothing else says."""

    ALONE = 0
    BY_A_WRITE = 1
    IN_A_LIST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """An operation that tells of objects.

    Attributes:
        kind: of the objects.
        at: where they are in its answer, ``/tasks/*``; empty for the answer itself.
        having: a field without which something at that place is none of them; empty for all.
        due: the fields that the contract declares there.
    """

    kind: Kind
    at: str
    told: Told
    having: str = ""
    due: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to ask a reader for what holds one object.

    Attributes:
        takes: parameter → the field of the object that it takes.
        given: parameter → its value, whatever the object.
    """

    operation: str
    takes: Mapping[str, str]
    given: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Tellers:
    """All of them, and which fields may differ.

    Attributes:
        ways: kind → how readers are asked for what holds an object: its list first.
        as_asked: kind, or a pattern of kinds → fields of which an operation tells as much as it was asked for.
        settles: likewise → fields that follow a write a moment later.
        reshaping: query parameters that ask for the same in another form.
        selecting: query parameters that say which fields to tell.
        volatile: fields of any kind that change by themselves.
        collections: fields whose lists have no order.
    """

    operations: Mapping[str, tuple[Teller, ...]]
    ways: Mapping[str, tuple[Way, ...]]
    as_asked: Mapping[str, frozenset[str]]
    settles: Mapping[str, frozenset[str]]
    reshaping: frozenset[str]
    selecting: frozenset[str]
    volatile: frozenset[str]
    collections: frozenset[str]

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field say the same: a time however it is written, a collection in any order."""
        if name in self.collections and isinstance(one, list):
            one = any_order(one)
        return equal(one, other, texts=same_instant)

    def free(self, teller: Teller) -> frozenset[str]:
        """The fields in which this operation may differ from others."""
        by_now = _of(self.settles, teller.kind.name) if teller.told is Told.BY_A_WRITE else frozenset[str]()
        return self.volatile | _of(self.as_asked, teller.kind.name) | by_now


def _of(table: Mapping[str, frozenset[str]], kind: str) -> frozenset[str]:
    return frozenset(f for pattern, fields in table.items() if fnmatch.fnmatchcase(kind, pattern) for f in fields)


def telling(
    contract: Contract,
    resources: Resources,
    lists: Mapping[str, tuple[str, str]],
    besides: Mapping[str, Mapping[str, str]],
    free: Mapping[str, Collection[str]],
) -> dict[str, tuple[Teller, ...]]:
    """Return each operation that tells of objects that a run can make and read, with what it tells.

    Args:
        contract: has the operations.
        resources: has the kinds.
        lists: list operation → the kind of its elements, and where they are.
        besides: operation → kind → where more of them are, ``/*/annotations/*``; ``/*?data``: of what has ``data``.
        free: kind → the fields to tell where the contract declares none.
    """
    found: dict[str, list[Teller]] = defaultdict(list)
    for kind in resources.kinds.values():
        if kind.read is not None and kind.create is not None:
            for operation, teller in _of_kind(kind, contract, lists):
                found[operation].append(teller)
    for operation, places in besides.items():
        for name, place in places.items():
            at, _, having = place.partition("?")
            if name in resources.kinds:
                told = Told.IN_A_LIST if contract.operations[operation].reads() else Told.BY_A_WRITE
                found[operation].append(Teller(kind=resources.kinds[name], at=at, told=told, having=having))
    return {
        operation: tuple(
            replace(t, due=declared(contract, contract[operation], t.at) or frozenset(free.get(t.kind.name, ())))
            for t in tellers
        )
        for operation, tellers in found.items()
    }


def declared(contract: Contract, operation: Operation, place: str) -> frozenset[str]:
    """The names of the fields that the contract declares of what is at a place of an operation's successful answers."""
    media = (operation.responses[status].content.get("application/json") for status in operation.success)
    schemas = [one.schema for one in media if one and one.schema]
    for name in filter(None, place.split("/")):
        schemas = [inner for schema in schemas for inner in _inside(contract, schema, name)]
    return frozenset().union(*(_names(contract, schema) for schema in schemas))


def _inside(contract: Contract, schema: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The schemas of a field, or of the elements (``*``)."""
    schema = contract.followed(schema)
    found = schema.get("items") if name == "*" else schema.get("properties", {}).get(name)
    if found:
        yield found
    for part in (*schema.get("allOf", ()), *_alternatives(schema)):
        yield from _inside(contract, part, name)


def _names(contract: Contract, schema: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a schema declares; of alternatives those that each of them declares."""
    schema = contract.followed(schema)
    found = frozenset(schema.get("properties", ())).union(*(_names(contract, s) for s in schema.get("allOf", ())))
    alternatives = [_names(contract, s) for s in _alternatives(schema)]
    return found | (frozenset.intersection(*alternatives) if alternatives else frozenset())


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [s for s in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if s.get("type") != "null"]


def _of_kind(kind: Kind, contract: Contract, lists: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Teller]]:
    yield kind.create or "", Teller(kind=kind, at="", told=Told.BY_A_WRITE)
    yield kind.read or "", Teller(kind=kind, at="", told=Told.ALONE)
    path = contract.operations[kind.read or ""].path
    for operation in contract:
        if operation.path == path and operation.method in {"PATCH", "PUT"}:
            yield operation.id, Teller(kind=kind, at="", told=Told.BY_A_WRITE)
    for operation_id, (listed, at) in lists.items():
        if listed == kind.name:
            yield operation_id, Teller(kind=kind, at=at, told=Told.IN_A_LIST)
