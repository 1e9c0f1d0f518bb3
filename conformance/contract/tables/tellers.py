"""Which operations tell of objects, and where in their answers: what lets two answers about one object be compared."""

from __future__ import annotations

import fnmatch
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
    """

    kind: Kind
    at: str
    told: Told


@dataclass(frozen=True, kw_only=True)
class Tellers:
    """All of them, and which fields may differ.

    Attributes:
        as_asked: kind, or a pattern of kinds → fields of which an operation tells as much as it was asked for.
        settles: likewise → fields that follow a write a moment later.
        volatile: fields of any kind that change by themselves.
        collections: fields whose lists have no order.
    """

    operations: Mapping[str, Teller]
    as_asked: Mapping[str, frozenset[str]]
    settles: Mapping[str, frozenset[str]]
    volatile: frozenset[str]
    collections: frozenset[str]

    def free(self, teller: Teller) -> frozenset[str]:
        """The fields in which this operation may differ from others."""
        by_now = _of(self.settles, teller.kind.name) if teller.told is Told.BY_A_WRITE else frozenset[str]()
        return self.volatile | _of(self.as_asked, teller.kind.name) | by_now


def _of(table: Mapping[str, frozenset[str]], kind: str) -> frozenset[str]:
    return frozenset(f for pattern, fields in table.items() if fnmatch.fnmatchcase(kind, pattern) for f in fields)


def telling(
    contract: Contract, resources: Resources, lists: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, Teller]]:
    """Each operation that tells of objects that a run can make and read.

    Args:
        contract: has the operations.
        resources: has the kinds.
        lists: list operation → the kind of its elements, and where they are.
    """
    for kind in resources.kinds.values():
        if kind.read is None or kind.create is None:
            continue
        yield kind.create, Teller(kind=kind, at="", told=Told.BY_A_WRITE)
        yield kind.read, Teller(kind=kind, at="", told=Told.ALONE)
        path = contract.operations[kind.read].path
        for operation in contract:
            if operation.path == path and operation.method in {"PATCH", "PUT"}:
                yield operation.id, Teller(kind=kind, at="", told=Told.BY_A_WRITE)
        for operation_id, (listed, at) in lists.items():
            if listed == kind.name:
                yield operation_id, Teller(kind=kind, at=at, told=Told.IN_A_LIST)
