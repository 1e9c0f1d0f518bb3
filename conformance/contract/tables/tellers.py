"""Which operations tell of objects, and where in their answers: what lets two answers about one object be compared."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.model import Contract
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
    """

    kind: Kind
    at: str
    told: Told
    having: str = ""


@dataclass(frozen=True, kw_only=True)
class Tellers:
    """All of them, and which fields may differ.

    Attributes:
        as_asked: kind, or a pattern of kinds → fields of which an operation tells as much as it was asked for.
        settles: likewise → fields that follow a write a moment later.
        reshaping: query parameters that ask for the same in another form.
        volatile: fields of any kind that change by themselves.
        collections: fields whose lists have no order.
    """

    operations: Mapping[str, tuple[Teller, ...]]
    as_asked: Mapping[str, frozenset[str]]
    settles: Mapping[str, frozenset[str]]
    reshaping: frozenset[str]
    volatile: frozenset[str]
    collections: frozenset[str]

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
) -> dict[str, tuple[Teller, ...]]:
    """Return each operation that tells of objects that a run can make and read, with what it tells.

    Args:
        contract: has the operations.
        resources: has the kinds.
        lists: list operation → the kind of its elements, and where they are.
        besides: operation → kind → where more of them are, ``/*/annotations/*``; ``/*?data``: of what has ``data``.
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
    return {operation: tuple(tellers) for operation, tellers in found.items()}


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
