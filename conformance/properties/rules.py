"""The rules as data: ``spec/rules.yaml``, compiled to one requirement per operation that each applies to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract import SPEC, ContractError, load_contract
from conformance.contract.load import parse_yaml
from conformance.contract.resources import load_resources
from conformance.judge.observation import Verb
from conformance.world.requests import load_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.contract import Contract, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is asked of every operation it applies to.

    Attributes:
        statement: one sentence of ours.
        source: where it is written.
        applies: the group of operations.
    """

    id: str
    verb: Verb
    statement: str
    source: str
    applies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list operation and what it shows.

    Attributes:
        at: where the elements are, ``/tasks/*``.
        by: query parameter that takes the ids asked for; None where the list has none.
    """

    operation: str
    kind: str
    at: str
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All rules, and what they need to know of the operations."""

    rules: Mapping[str, Rule]
    filters: Mapping[str, Mapping[str, Mapping[str, str]]]
    paged: Mapping[str, Mapping[str, str]]
    ordered: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, Listing]
    readers: Mapping[str, tuple[str, ...]]
    volatile: frozenset[str]

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def applies(self, rule: Rule, operation: Operation) -> bool:  # noqa: C901, PLR0911, PLR0912 - a table
        """Is the rule about this operation?"""
        resources = load_resources()
        kinds = resources.slot_kinds(operation)
        match rule.applies:
            case "all":
                return True
            case "secured":
                return operation.secured
            case "object":
                return bool(kinds)
            case "body":
                return operation.body is not None
            case "query":
                return any(p.location == "query" for p in operation.parameters)
            case "read":
                return operation.reads()
            case "write":
                return not operation.reads()
            case "delete":
                return resources.deleted_by(operation.id) is not None
            case "create":
                return resources.created_by(operation.id) is not None
            case "update":
                return operation.method == "PATCH" and bool(kinds)
            case "child":
                return any(
                    k.read == operation.id and k.parent and resources.kinds[k.parent].delete
                    for k in resources.kinds.values()
                )
            case "filter":
                return operation.id in self.filters
            case "made":
                return resources.created_by(operation.id) is not None or operation.id in _makers()
            case "below":
                made = resources.created_by(operation.id)
                parent = resources.kinds.get(made.parent or "") if made else None
                return parent is not None and parent.delete is not None
            case "lists":
                return operation.id in self.lists
            case "deletable":
                known = resources.kinds
                itself = {k.read for k in known.values()} | {k.delete for k in known.values()}
                return (
                    any(known[k].delete for k in kinds.values())
                    and operation.id not in itself
                    and operation.method != "PATCH"
                )
            case "paged":
                return operation.id in self.paged
            case "ordered":
                return operation.id in self.ordered
            case "path":
                return first_of_path(operation)
        raise ContractError(f"spec/rules.yaml: {rule.id}: no group of operations {rule.applies!r}")

    def compiled(self, contract: Contract) -> Iterator[tuple[Operation, Rule]]:
        """Every requirement: an operation with a rule that applies to it."""
        for operation in contract:
            for rule in self.rules.values():
                if self.applies(rule, operation):
                    yield operation, rule


@lru_cache(maxsize=1)
def _makers() -> frozenset[str]:
    return frozenset(m.operation for m in load_requests().makers.values())


@lru_cache(maxsize=1)
def _firsts() -> frozenset[str]:
    seen: dict[str, str] = {}
    for operation in load_contract():
        seen.setdefault(operation.path, operation.id)
    return frozenset(seen.values())


def first_of_path(operation: Operation) -> bool:
    """Is it the operation that speaks for its path?"""
    return operation.id in _firsts()


@lru_cache(maxsize=4)
def load_rules(path: Path = SPEC / "rules.yaml") -> Rules:
    """Read the rules.

    Raises:
        ContractError: the file is malformed, or names an operation or kind that is not there.
    """
    try:
        data: dict[str, Any] = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ContractError(f"{path}: can't be read: {problem.strerror}") from problem
    contract, kinds = load_contract(), load_resources().kinds
    for table in ("filters", "paged", "ordered", "lists"):
        for operation_id in data[table]:
            if operation_id not in contract.operations:
                raise ContractError(f"{path}: {table}: the contract has no operation {operation_id}")
    for kind, operations in data["readers"].items():
        unknown = {kind} - set(kinds) | set(operations) - set(contract.operations)
        if unknown:
            raise ContractError(f"{path}: readers: unknown {sorted(unknown)}")
    lists = {
        operation_id: Listing(operation=operation_id, kind=one["kind"], at=one["at"])
        for operation_id, table in data["filters"].items()
        for one in table.values()
    }
    lists |= {operation_id: Listing(operation=operation_id, **entry) for operation_id, entry in data["lists"].items()}
    return Rules(
        rules={
            name: Rule(
                id=name, verb=Verb(r["verb"]), statement=r["statement"], source=r["source"], applies=r["applies"]
            )
            for name, r in data["rules"].items()
        },
        filters=data["filters"],
        paged=data["paged"],
        ordered=data["ordered"],
        lists=lists,
        readers={k: tuple(v) for k, v in data["readers"].items()},
        volatile=frozenset(data["volatile"]),
    )
