"""The rules as data: ``spec/rules.yaml``, compiled to one requirement per operation that each applies to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.load import load_contract
from conformance.contract.reading import SPEC, ContractError, entry, read_table
from conformance.contract.tables.requests.hard_values import load_hard_values, rich_kinds
from conformance.contract.tables.requests.prepared import load_requests
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.tellers import Tellers, Way, telling
from conformance.judge.observation import Aspect, Impact, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from conformance.contract.model import Contract, Operation
    from conformance.contract.tables.resources import Resources

_TABLES: Final = ("filters", "paged", "ordered", "lists", "tells", "asked_of")
_PARTS: Final = (
    "rules",
    *_TABLES,
    "readers",
    "follows",
    "parts_told_by",
    "volatile",
    "worked_out",
    "collections",
    "opaque",
    "as_asked",
    "settles",
    "reshaping",
    "selecting",
    "told_anywhere",
)
_KEYS: Final = frozenset({"verb", "applies", "statement", "source", "aspect", "impact"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is asked of every operation it applies to.

    Attributes:
        statement: one sentence of ours.
        source: where it is written.
        applies: the group of operations, a name of :data:`GROUPS`.
        aspect: what it is about.
        impact: who is hurt where it is broken; None where that follows from the aspect and from what is seen.
    """

    id: str
    verb: Verb
    statement: str
    source: str
    applies: str
    aspect: Aspect
    impact: Impact | None = None


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
    """All rules, and what they need to know of the operations.

    Attributes:
        resources: the resource graph, of all editions.
        makers: operations that make an object of a kind without a create operation.
    """

    rules: Mapping[str, Rule]
    filters: Mapping[str, Mapping[str, Mapping[str, str]]]
    paged: Mapping[str, Mapping[str, str]]
    ordered: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, Listing]
    readers: Mapping[str, tuple[str, ...]]
    follows: Mapping[str, Mapping[str, tuple[str, ...]]]
    parts_told_by: Mapping[str, str]
    moving: frozenset[str]
    worked_out: frozenset[str]
    collections: frozenset[str]
    opaque: frozenset[str]
    tells: Mapping[str, Mapping[str, str]]
    asked_of: Mapping[str, Mapping[str, Mapping[str, Any]]]
    as_asked: Mapping[str, frozenset[str]]
    settles: Mapping[str, frozenset[str]]
    reshaping: frozenset[str]
    selecting: frozenset[str]
    told_anywhere: Mapping[str, frozenset[str]]
    contract: Contract
    resources: Resources
    makers: frozenset[str]

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def applies(self, rule: Rule, operation: Operation) -> bool:
        """Return whether the rule applies to this operation."""
        return GROUPS[rule.applies](self, operation)

    @cached_property
    def volatile(self) -> frozenset[str]:
        """Fields that no comparison with what was written, or with what was before, is about."""
        return self.moving | self.worked_out

    @cached_property
    def tellers(self) -> Tellers:
        """Return the operations that tell of objects."""
        lists = {listing.operation: (listing.kind, listing.at) for listing in self.lists.values()}
        return Tellers(
            operations=telling(self.contract, self.resources, lists, self.tells, self.told_anywhere),
            ways=dict(self._ways()),
            as_asked=self.as_asked,
            settles=self.settles,
            reshaping=self.reshaping,
            selecting=self.selecting,
            volatile=self.moving,
            collections=self.collections,
        )

    def _ways(self) -> Iterator[tuple[str, tuple[Way, ...]]]:
        """Kind → how its readers are asked for what holds an object, its list first."""
        found: dict[str, list[Way]] = defaultdict(list)
        for operation_id, table in self.filters.items():
            for name, one in table.items():
                found[one["kind"]].append(Way(operation=operation_id, takes={name: one["field"]}, given={}))
        for listing in self.lists.values():
            if listing.by is not None:
                identity = self.resources.kinds[listing.kind].identity
                found[listing.kind].append(Way(operation=listing.operation, takes={listing.by: identity}, given={}))
        for operation_id, kinds in self.asked_of.items():
            for kind, values in kinds.items():
                takes = {name: value for name, value in values.items() if isinstance(value, str)}
                given = {name: value for name, value in values.items() if not isinstance(value, str)}
                found[kind].append(Way(operation=operation_id, takes=takes, given=given))
        yield from ((kind, tuple(ways)) for kind, ways in found.items())

    def first_of_path(self, operation: Operation) -> bool:
        """Return whether the operation is the first of its path: rules about paths are tested with it."""
        return operation.id in self._firsts

    @cached_property
    def _firsts(self) -> frozenset[str]:
        seen: dict[str, str] = {}
        for operation in self.contract:
            seen.setdefault(operation.path, operation.id)
        return frozenset(seen.values())

    def compiled(self, contract: Contract) -> Iterator[tuple[Operation, Rule]]:
        """Every requirement: an operation with a rule that applies to it."""
        for operation in contract:
            for rule in self.rules.values():
                if self.applies(rule, operation):
                    yield operation, rule


def _hangs_on_something_deletable(rules: Rules, operation: Operation) -> bool:
    kinds = rules.resources.kinds
    return any(k.read == operation.id and k.parent and kinds[k.parent].delete for k in kinds.values())


def _makes_below_something_deletable(rules: Rules, operation: Operation) -> bool:
    made = rules.resources.created_by(operation.id)
    parent = rules.resources.kinds.get(made.parent or "") if made else None
    return parent is not None and parent.delete is not None


def _acts_on_something_deletable(rules: Rules, operation: Operation) -> bool:
    kinds = rules.resources.kinds
    itself = {k.read for k in kinds.values()} | {k.delete for k in kinds.values()}
    named = rules.resources.slot_kinds(operation).values()
    return any(kinds[k].delete for k in named) and operation.id not in itself and operation.method != "PATCH"


def _makes(rules: Rules, operation: Operation) -> bool:
    return rules.resources.created_by(operation.id) is not None or operation.id in rules.makers


def _stores(rules: Rules, operation: Operation) -> bool:
    if operation.id in load_hard_values().bodies:
        return True
    if operation.id in rules.resources.hazards:
        return False
    kinds = rules.resources.kinds.values()
    kind = rules.resources.created_by(operation.id) or next(
        (k for k in kinds if operation.method == "PATCH" and k.read and rules.contract[k.read].path == operation.path),
        None,
    )
    return kind is not None and kind.name in rich_kinds() and operation.body is not None


GROUPS: Final[Mapping[str, Callable[[Rules, Operation], bool]]] = {
    "all": lambda _rules, _operation: True,
    "secured": lambda _, o: o.secured,
    "object": lambda r, o: bool(r.resources.slot_kinds(o)),
    "body": lambda _, o: o.body is not None,
    "query": lambda _, o: any(p.location == "query" for p in o.parameters),
    "read": lambda _, o: o.reads(),
    "keyed-read": lambda _, o: o.reads() and o.secured,
    "write": lambda _, o: not o.reads(),
    "create": lambda r, o: r.resources.created_by(o.id) is not None,
    "update": lambda r, o: o.method == "PATCH" and bool(r.resources.slot_kinds(o)),
    "delete": lambda r, o: r.resources.deleted_by(o.id) is not None,
    "child": _hangs_on_something_deletable,
    "filter": lambda r, o: o.id in r.filters,
    "paged": lambda r, o: o.id in r.paged,
    "ordered": lambda r, o: o.id in r.ordered,
    "path": lambda r, o: r.first_of_path(o),
    "made": _makes,
    "below": _makes_below_something_deletable,
    "lists": lambda r, o: o.id in r.lists,
    "tells": lambda r, o: o.id in r.tellers.operations,
    "stored": _stores,
    "patch": lambda _, o: o.method == "PATCH" and o.body is not None and "application/json" in o.body.content,
    "deletable": _acts_on_something_deletable,
}
"""Which operations a rule is about (``applies`` in ``spec/rules.yaml``): a name, and whether an operation belongs."""


@lru_cache(maxsize=4)
def load_rules(path: Path = SPEC / "rules.yaml") -> Rules:
    """Read the rules.

    Raises:
        ContractError: the file is malformed, or names an operation or kind that is not there.
    """
    data = read_table(path, *_PARTS)
    contract, resources = load_contract(), load_resources()
    for table in _TABLES:
        for operation_id in data[table]:
            if operation_id not in contract.operations:
                raise ContractError(f"{path}: {table}: the contract has no operation {operation_id}")
    for kind, operations in data["readers"].items():
        unknown = {kind} - set(resources.kinds) | set(operations) - set(contract.operations)
        if unknown:
            raise ContractError(f"{path}: readers: unknown {sorted(unknown)}")
    return Rules(
        rules={name: _rule(path, name, given) for name, given in data["rules"].items()},
        filters=data["filters"],
        paged=data["paged"],
        ordered=data["ordered"],
        lists=_lists(path, data),
        readers={kind: tuple(operations) for kind, operations in data["readers"].items()},
        follows={op: {f: tuple(names) for f, names in t.items()} for op, t in data["follows"].items()},
        parts_told_by=data["parts_told_by"],
        moving=frozenset(data["volatile"]),
        worked_out=frozenset(data["worked_out"]),
        collections=frozenset(data["collections"]),
        opaque=frozenset(data["opaque"]),
        tells=data["tells"],
        asked_of=data["asked_of"],
        as_asked={kind: frozenset(fields) for kind, fields in data["as_asked"].items()},
        settles={kind: frozenset(fields) for kind, fields in data["settles"].items()},
        reshaping=frozenset(data["reshaping"]),
        selecting=frozenset(data["selecting"]),
        told_anywhere={kind: frozenset(fields) for kind, fields in data["told_anywhere"].items()},
        contract=contract,
        resources=resources,
        makers=frozenset(m.operation for m in load_requests().makers.values()),
    )


def _rule(path: Path, name: str, given: Mapping[str, Any]) -> Rule:
    with entry(path, f"rules.{name}"):
        unknown = set(given) - _KEYS
        if unknown:
            raise ContractError(f"{path}: rules.{name}: unknown: {', '.join(sorted(unknown))}")
        if given["applies"] not in GROUPS:
            raise ContractError(f"{path}: rules.{name}: no group of operations {given['applies']!r}")
        return Rule(
            id=name,
            verb=Verb(given["verb"]),
            statement=given["statement"],
            source=given["source"],
            applies=given["applies"],
            aspect=Aspect(given["aspect"]),
            impact=Impact(given["impact"]) if "impact" in given else None,
        )


def _lists(path: Path, data: Mapping[str, Any]) -> dict[str, Listing]:
    """Return what each list shows: those that are filtered by a kind, and those that are not."""
    found = {}
    for operation_id, table in data["filters"].items():
        for one in table.values():
            with entry(path, f"filters.{operation_id}"):
                found[operation_id] = Listing(operation=operation_id, kind=one["kind"], at=one["at"])
    for operation_id, given in data["lists"].items():
        with entry(path, f"lists.{operation_id}"):
            found[operation_id] = Listing(operation=operation_id, **given)
    return found
