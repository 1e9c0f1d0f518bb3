"""Which objects the operations are about: ``spec/resources.yaml`` as immutable values.

The guard asks it what a request would touch, the ledger what a response made, the world what a parameter needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract.load import SPEC, ContractError, load_contract, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """

    name: str
    parent: str | None
    create: str | None
    read: str | None
    delete: str | None
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """An operation that can hurt the run or the instance.

    Attributes:
        reach: ``key`` (the run's own credentials), ``account`` (users, memberships) or ``instance`` (settings).
        why: what it does.
    """

    reach: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The resource graph of the contract."""

    kinds: Mapping[str, Kind]
    paths: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, str]
    hazards: Mapping[str, Hazard]
    harmless: frozenset[str]
    yields: Mapping[str, Mapping[str, str]]
    partial: Mapping[str, frozenset[str]]
    document: Mapping[str, Any] = field(repr=False)

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


def _anonymous(path: str) -> str:
    """A template without the names of its slots: publishers rename them."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _known(contract: Contract, operation_id: str | None, where: str) -> str | None:
    if operation_id is not None and operation_id not in contract.operations:
        raise ContractError(f"spec/resources.yaml: {where}: the contract has no operation {operation_id}")
    return operation_id


@lru_cache(maxsize=4)
def load_resources(path: Path = SPEC / "resources.yaml") -> Resources:
    """Read the resource graph.

    Raises:
        ContractError: the file is malformed, or names an operation or kind that is not there.
    """
    contract = load_contract()
    try:
        data = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ContractError(f"{path}: can't be read: {problem.strerror}") from problem
    kinds = {
        name: Kind(
            name=name,
            parent=k.get("parent"),
            create=_known(contract, k.get("create"), f"kinds.{name}.create"),
            read=_known(contract, k.get("read"), f"kinds.{name}.read"),
            delete=_known(contract, k.get("delete"), f"kinds.{name}.delete"),
            identity=k.get("identity", "id"),
        )
        for name, k in data["kinds"].items()
    }
    for table in ("paths", "query", "body"):
        for key, kind in data[table].items():
            if kind not in kinds:
                raise ContractError(f"{path}: {table}.{key}: no kind {kind}")
    return Resources(
        kinds=kinds,
        paths={_anonymous(p): k for p, k in data["paths"].items()},
        query=data["query"],
        body=data["body"],
        hazards={
            str(_known(contract, op, f"hazards.{op}")): Hazard(reach=h["reach"], why=h["why"])
            for op, h in data["hazards"].items()
        },
        harmless=frozenset(str(_known(contract, op, "harmless")) for op in data.get("harmless", ())),
        yields={str(_known(contract, op, "yields")): y for op, y in (data.get("yields") or {}).items()},
        partial={str(_known(contract, op, "partial")): frozenset(n) for op, n in (data.get("partial") or {}).items()},
        document=data,
    )
