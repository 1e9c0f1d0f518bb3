"""What this run created on the target, so that it can tell its own from others', and clean up after itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.contract.places import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.contract.resources import Kind, Resources
    from conformance.wire.exchange import Exchange
    from conformance.wire.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of this run: its kind, identity, and the entry that it goes away with."""

    kind: str
    identity: str
    parent: tuple[str, str] | None = None


@dataclass(slots=True)
class Ledger:
    """Objects that this run created and that are, as far as it knows, still there.

    Identities are compared as text, as URLs carry them.
    """

    resources: Resources
    journal: Journal | None = None
    _entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    # objects that were deleted stay ours: a second DELETE of one is allowed and must not be refused
    _gone: set[tuple[str, str]] = field(default_factory=set)
    _adopted: set[tuple[str, str]] = field(default_factory=set)

    def add(
        self, kind: str, identity: object, parent: tuple[str, str] | None = None, *, created: object = None
    ) -> None:
        """Enter an object that this run created; ``created`` is the target's own time of it."""
        self._entries[kind, str(identity)] = Entry(kind=kind, identity=str(identity), parent=parent)
        if self.journal is not None:
            self.journal.made(kind, str(identity), parent, created)

    def adopt(self, kind: str, identity: object) -> None:
        """Own an object that came with one of ours (the tasks of an import): nothing to clean up on its own."""
        self._adopted.add((kind, str(identity)))

    def remove(self, kind: str, identity: object) -> None:
        """Note that an object is gone."""
        key = (kind, str(identity))
        self._gone.add(key)
        self._adopted.discard(key)
        if self._entries.pop(key, None) is not None and self.journal is not None:
            self.journal.gone(kind, str(identity))

    def owns(self, kind: str, identity: object) -> bool:
        """Did this run create it?"""
        key = (kind, str(identity))
        return key in self._entries or key in self._gone or key in self._adopted

    def may_exist(self, kind: str, identity: object) -> bool:
        """Is it there, for all that this run knows? Accounts and what no request makes are taken to be."""
        key = (kind, str(identity))
        known = key in self._entries or key in self._adopted
        return known or kind == "user" or self.resources.kinds[kind].create is None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def learn(self, exchange: Exchange) -> int:
        """Take note of what a successful exchange created, showed or deleted; returns how many objects it created."""
        operation = exchange.operation
        if operation is None or not 200 <= exchange.status < 300:  # noqa: PLR2004 - HTTP's 2xx
            return 0
        removed = self.resources.deleted_by(operation.id)
        if removed is not None and operation.slots:
            self.remove(removed.name, exchange.path_values.get(operation.slots[-1], ""))
        made = self.resources.created_by(operation.id)
        makes, yields = self.resources.makes.get(operation.id), self.resources.yields.get(operation.id)
        if made is None and not makes and not yields:
            return 0
        try:
            data = exchange.json()
        except (ValueError, RecursionError):
            return 0
        entered = self._enter(made, data, exchange) if made is not None else 0
        for kind, item in ((k, item) for k, place in (makes or {}).items() for item in at(data, place)):
            self.add(kind, item)
        for kind, place in (yields or {}).items():
            for item, root in _at(data, place):
                if self._ours(kind, root, exchange):
                    self.adopt(kind, item)
        return entered

    def _enter(self, kind: Kind, data: Any, exchange: Exchange) -> int:
        items = [
            item
            for item in (data if isinstance(data, list) else [data])
            if isinstance(item, dict) and item.get(kind.identity) is not None
        ]
        for item in items:
            parent = self._parent(kind, item, exchange)
            self.add(kind.name, item[kind.identity], parent, created=item.get("created_at"))
        return len(items)

    def _parent(self, kind: Kind, item: dict[str, Any], exchange: Exchange) -> tuple[str, str] | None:
        if kind.parent is None:
            return None
        if kind.parent in item and isinstance(item[kind.parent], int | str):
            return (kind.parent, str(item[kind.parent]))
        assert exchange.operation is not None  # noqa: S101 - learn() checked it; this is for the type checker
        for slot, slot_kind in self.resources.slot_kinds(exchange.operation).items():
            if slot_kind == kind.parent:
                return (kind.parent, exchange.path_values.get(slot, ""))
        return None

    def _ours(self, kind: str, item: object, exchange: Exchange) -> bool:
        """An object is ours if it says that it belongs to one of ours, or was read below one of ours."""
        parent = self.resources.kinds[kind].parent
        if parent is None:
            return False
        if isinstance(item, dict) and isinstance(item.get(parent), int | str):
            return self.owns(parent, item[parent])
        if exchange.operation is None:
            return False
        slots = self.resources.slot_kinds(exchange.operation)
        return any(k == parent and self.owns(parent, exchange.path_values.get(s, "")) for s, k in slots.items())

    def clean_up(self, delete: Callable[[Entry], bool]) -> list[Entry]:
        """Delete everything in reverse order; what goes away with its parent is left to the parent.

        Args:
            delete: removes one object; True if it is gone. A broken DELETE gives False, and the rest is still tried.

        Returns:
            What is left on the target.
        """
        left: list[Entry] = []
        for entry in reversed(tuple(self._entries.values())):
            if entry.parent is not None and entry.parent in self._entries:
                continue
            if delete(entry):
                self.remove(entry.kind, entry.identity)
            else:
                left.append(entry)
        for entry in tuple(self._entries.values()):
            if entry.parent in self._gone:
                self.remove(entry.kind, entry.identity)
        return left + [e for e in self._entries.values() if e not in left]


def _at(data: Any, place: str) -> Iterator[tuple[Any, Any]]:
    """Values at ``/tasks/*/id`` with the object that holds each."""
    holders: list[tuple[Any, Any]] = [(data, data)]
    for part in place.strip("/").split("/"):
        step: list[tuple[Any, Any]] = []
        for value, _ in holders:
            if part == "*" and isinstance(value, list):
                step += [(item, item) for item in value]
            elif isinstance(value, dict) and value.get(part) is not None:
                step.append((value[part], value))
        holders = step
    yield from holders
