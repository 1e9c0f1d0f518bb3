"""Which objects the operations are about: ``spec/resources.yaml`` as immutable values.

The guard asks it what a request would touch, the ledger what a response made, the world what a parameter needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract.load import load_contract
from conformance.contract.model import Edition
from conformance.contract.reading import SPEC, ContractError, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.contract.model import Contract, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object that operations make, read and delete.

    Attributes:
        parent: the kind that it goes away with; None for a root.
        create: operation that makes one.
        delete: operation that removes one; None where only the parent can.
        read: operation that shows one.
        identity: key of the created object that later paths name it by, ``id``.
        found: operation that lists what the server makes by itself; None where a request makes one.
        at: where the identities stand in that list, ``/*/id``.
    """

    name: str
    parent: str | None
    create: str | None
    read: str | None
    delete: str | None
    identity: str
    found: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """An operation that can hurt the run or the instance.

    Attributes:
        reach: ``key`` (the run's own credentials), ``account`` (users, memberships) or ``instance`` (settings).
        why: what it does.
        spared: where it hurts nobody: ``account``, ``object``, ``made`` (see the file); empty = nowhere.
    """

    reach: str
    why: str
    spared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Something in a body that nothing undoes.

    Attributes:
        place: where, ``/data/filters``.
        filled: whether a value there does it, or none.
        why: what cannot be undone.
    """

    place: str
    filled: bool
    why: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Resources:
    """The resource graph of the contract, as far as one edition has it.

    Attributes:
        alone: operations that are sent beside no other request to a server that is not ours.
        whole: operations that look at a whole instance.
        beside: kind → what its histories need besides and do not make: kinds and services.
        empties: operation → the kind whose objects it removes: those its body names, or all below what it names.
    """

    edition: Edition
    kinds: Mapping[str, Kind]
    paths: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, str]
    body_of: Mapping[str, Mapping[str, str]]
    hazards: Mapping[str, Hazard]
    lasting: Mapping[str, tuple[Lasting, ...]]
    creates: frozenset[str]
    harmless: frozenset[str]
    yields: Mapping[str, Mapping[str, str]]
    partial: Mapping[str, frozenset[str]]
    makes: Mapping[str, Mapping[str, str]]
    consumes: Mapping[str, str]
    empties: Mapping[str, str]
    remains: Mapping[str, Mapping[str, str]]
    apart: tuple[str, ...]
    alone: frozenset[str]
    whole: frozenset[str]
    beside: Mapping[str, tuple[str, ...]]

    def offered(self, operation: Operation) -> bool:
        """Return whether a server of this edition owes the operation: Enterprise owes those of Community, too."""
        return not operation.absent and (operation.edition is Edition.COMMUNITY or self.edition is Edition.ENTERPRISE)

    def field_kind(self, operation_id: str, name: str) -> str | None:
        """The kind that a field of an operation's body names."""
        own = self.body_of.get(operation_id, {})
        return own[name] or None if name in own else self.body.get(name)

    def root(self, kind: str) -> Kind:
        """The farthest that an object of this kind goes away with, of what requests make."""
        found = self.kinds[kind]
        while found.parent is not None and self.kinds[found.parent].create is not None:
            found = self.kinds[found.parent]
        return found

    def slot_kinds(self, operation: Operation) -> dict[str, str]:
        """Path parameter → kind, for the parameters that name an object."""
        found = {}
        for slot in operation.slots:
            prefix = operation.path[: operation.path.index("{" + slot + "}")] + "{" + slot + "}"
            kind = self.paths.get(_anonymous(prefix))
            if kind is not None:
                found[slot] = kind
        return found

    def created_by(self, operation_id: str) -> Kind | None:
        """The kind that an operation makes."""
        return next((k for k in self.kinds.values() if k.create == operation_id), None)

    def deleted_by(self, operation_id: str) -> Kind | None:
        """The kind that an operation removes."""
        return next((k for k in self.kinds.values() if k.delete == operation_id), None)


_OF_A_KIND = ("create", "read", "delete", "found")


def _anonymous(path: str) -> str:
    """A template without the names of its slots: publishers rename them."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _known(contract: Contract, operation_id: str | None, where: str) -> str | None:
    if operation_id is not None and operation_id not in contract.operations:
        raise ContractError(f"spec/resources.yaml: {where}: the contract has no operation {operation_id}")
    return operation_id


@lru_cache(maxsize=8)
def load_resources(path: Path = SPEC / "resources.yaml", *, edition: Edition = Edition.ENTERPRISE) -> Resources:
    """Read the resource graph.

    Args:
        path: the file.
        edition: of the target. On a Community server nothing is made, or named, that only Enterprise has; what can do
            harm is the same for both.

    Raises:
        ContractError: the file is malformed, or names an operation or kind that is not there.
    """
    contract = load_contract()
    data = read_table(path, "kinds", "paths", "hazards")
    whole = [data, data.get("enterprise") or {}]
    parts = whole if edition is Edition.ENTERPRISE else whole[:1]
    kinds = {name: _kind(contract, name, k) for name, k in _merged(parts, "kinds").items()}
    tables = {table: _merged(parts, table) for table in ("paths", "query", "body", "consumes", "empties")}
    for table, entries in tables.items():
        for key, kind in entries.items():
            if kind not in kinds:
                raise ContractError(f"{path}: {table}.{key}: no kind {kind}")
    return Resources(
        edition=edition,
        kinds=kinds,
        paths={_anonymous(p): k for p, k in tables["paths"].items()},
        query=tables["query"],
        body=tables["body"],
        body_of=_by_operation(contract, parts, "body_of"),
        hazards={
            op: Hazard(reach=h["reach"], why=h["why"], spared=h.get("spared", ""))
            for op, h in _by_operation(contract, whole, "hazards").items()
        },
        lasting={
            op: tuple(Lasting(place=p, filled=what == "filled", why=why) for p, (what, why) in places.items())
            for op, places in _by_operation(contract, whole, "lasting").items()
        },
        partial={op: frozenset(names) for op, names in _by_operation(contract, parts, "partial").items()},
        creates=frozenset(_operations(contract, parts, "creates")),
        harmless=frozenset(_operations(contract, parts, "harmless")),
        yields=_by_operation(contract, parts, "yields"),
        makes=_by_operation(contract, parts, "makes"),
        consumes=_by_operation(contract, parts, "consumes"),
        empties=_by_operation(contract, parts, "empties"),
        remains=_by_operation(contract, parts, "remains"),
        apart=tuple(data.get("apart") or ()),
        alone=frozenset(_operations(contract, parts, "alone")),
        whole=frozenset(_operations(contract, parts, "whole")),
        beside={kind: tuple(needed) for kind, needed in _merged(parts, "beside").items()},
    )


def _kind(contract: Contract, name: str, given: Mapping[str, Any]) -> Kind:
    operations = {key: _known(contract, given.get(key), f"kinds.{name}.{key}") for key in _OF_A_KIND}
    return Kind(
        name=name,
        parent=given.get("parent"),
        identity=given.get("identity", "id"),
        at=given.get("at", ""),
        **operations,
    )


def _merged(parts: list[Mapping[str, Any]], table: str) -> dict[str, Any]:
    return {key: value for part in parts for key, value in (part.get(table) or {}).items()}


def _by_operation(contract: Contract, parts: list[Mapping[str, Any]], table: str) -> dict[str, Any]:
    return {str(_known(contract, op, f"{table}.{op}")): value for op, value in _merged(parts, table).items()}


def _operations(contract: Contract, parts: list[Mapping[str, Any]], table: str) -> Iterator[str]:
    for part in parts:
        for operation_id in part.get(table) or ():
            yield str(_known(contract, operation_id, table))
