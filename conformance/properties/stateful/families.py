"""Splits the resource graph into families: a root, one kind of its children, and their children."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.contract import load_contract
from conformance.contract.tables.requests.prepared import load_requests, names
from conformance.contract.tables.rules import load_rules
from conformance.world.world import LASTING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Edition, Operation
    from conformance.contract.tables.requests.prepared import Template
    from conformance.contract.tables.resources import Kind, Resources


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """Kinds that are made in each other, and the operations about them.

    Attributes:
        resources: the resource graph of the target's edition.
        name: the kind that it is about; a stable id.
        kinds: the root first, parents before their children.
        operations: in the order of the contract.
        hazardous: it makes or removes accounts; disposable targets only.
    """

    resources: Resources
    name: str
    kinds: tuple[str, ...]
    operations: tuple[Operation, ...]
    hazardous: bool

    @property
    def edition(self) -> Edition:
        """Of the targets that have all of it."""
        return self.resources.edition

    @property
    def root(self) -> str:
        """The operation that a history begins with."""
        return str(self.resources.kinds[self.kinds[0]].create)

    @property
    def maker(self) -> str:
        """The operation that makes the kind that it is about."""
        made = self.resources.kinds[self.name].create
        return made or load_requests().makers[self.name].operation

    def basis(self) -> set[str]:
        """The operations without which there is no history: they make the root, and make, read and delete the kind."""
        kind = self.resources.kinds[self.name]
        return {self.root, self.maker, str(kind.read), str(kind.delete)}

    def path(self, operation: Operation) -> str:
        """The operation's path, with a dash for what no history makes (the organisation)."""
        path = operation.path
        for slot, kind in self.resources.slot_kinds(operation).items():
            if kind not in self.kinds:
                path = path.replace("{" + slot + "}", "-")
        return path

    def services(self) -> Iterator[str]:
        """References to loopback services without which there is nothing to walk."""
        given = [part for o in self.operations for part in (self.template(o.id).query, self.template(o.id).json)]
        yield from sorted({f"${name}" for name in names(given) if name.startswith("peer.")})

    def template(self, operation_id: str) -> Template:
        """What the operation is sent: what makes an object of one of the kinds, rather than the minimal request."""
        return template(operation_id, self.kinds)


def template(operation_id: str, kinds: tuple[str, ...]) -> Template:
    """Return what an operation is sent in a history about these kinds."""
    table = load_requests()
    maker = next((m for k, m in table.makers.items() if k in kinds and m.operation == operation_id), None)
    return maker.template if maker is not None else table[operation_id]


@lru_cache(maxsize=2)
def families(resources: Resources) -> tuple[Family, ...]:
    """All that a server has: each root alone, and each kind below one with all that hangs on it."""
    kinds = resources.kinds
    found = []
    for root in kinds.values():
        if not _is_root(root, resources):
            continue
        children = [k.name for k in kinds.values() if k.parent == root.name and _can_be_made(k)]
        found.append(_family(resources, root.name, (root.name,)))
        found += [_family(resources, name, (root.name, name, *_below(name, resources))) for name in children]
    return tuple(f for f in found if f.basis() <= {o.id for o in f.operations})


def _is_root(kind: Kind, resources: Resources) -> bool:
    """Return whether the kind is created and deleted by operations, and has no such parent."""
    parent = resources.kinds.get(kind.parent or "")
    return kind.create is not None and kind.delete is not None and (parent is None or parent.create is None)


def _can_be_made(kind: Kind) -> bool:
    return kind.create is not None or kind.name in load_requests().makers


def _below(name: str, resources: Resources) -> Iterator[str]:
    for kind in resources.kinds.values():
        if kind.parent == name and _can_be_made(kind):
            yield kind.name
            yield from _below(kind.name, resources)


def _family(resources: Resources, name: str, kinds: tuple[str, ...]) -> Family:
    hazard = resources.hazards.get(str(resources.kinds[kinds[0]].create))
    # accounts can be thrown away; who changes what roles may do can't be sure to put it right again
    hazardous = hazard is not None and hazard.reach == "account"
    chosen = (o for o in load_contract() if resources.offered(o) and _belongs(o, kinds, resources))
    return Family(
        resources=resources,
        name=name,
        kinds=kinds,
        operations=tuple(o for o in chosen if hazardous or o.id not in resources.hazards),
        hazardous=hazardous,
    )


def _belongs(operation: Operation, kinds: tuple[str, ...], resources: Resources) -> bool:
    """Return whether the operation is about these kinds, and not about the root alone if the family has more."""
    makers = load_requests().makers
    if operation.id in resources.consumes and operation.id not in resources.empties:
        return False  # what is there after it, nobody knows
    given = template(operation.id, kinds)
    beside = set(resources.beside.get(kinds[0], ())) - set(kinds)
    wanted = {n for part in (given.query, given.json) for n in names(part)} - beside
    services = {".".join(n.split(".")[:2]) for n in wanted if n.startswith("peer.")} - beside
    if given.form is not None or (len(kinds) == 1 and services):
        return False  # not with forms; nor with a service that would be started for a look-up
    slots = resources.slot_kinds(operation)
    named = [k for s, k in slots.items() if k in kinds or (s not in given.path and k not in LASTING)]
    about = {*named[-1:], *(wanted & set(resources.kinds) - LASTING)}
    made, listed = resources.created_by(operation.id), load_rules().lists.get(operation.id)
    about |= {k for k in (made and made.name, listed and listed.kind, resources.empties.get(operation.id)) if k}
    about |= {k for k in kinds if k in makers and makers[k].operation == operation.id}
    if not about or len(slots) != len(operation.slots) or not (about | set(named)) <= set(kinds):
        return False
    root = resources.kinds[kinds[0]]
    return len(kinds) == 1 or about != {kinds[0]} or operation.id in {root.create, root.read, root.delete}
