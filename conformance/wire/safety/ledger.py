"""What this run created on the target, so that it can tell its own from others', and clean up after itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from conformance.contract.places import at
from conformance.naming import run_of
from conformance.wire.safety.journal import Intended, Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Kind, Resources
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.wire.messages import RawRequest
    from conformance.wire.safety.journal import Journal

Key = tuple[str, str]
"""Kind and identity."""
_NAMES = ("title", "email", "name")
_FORM = "x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of this run: its kind, identity, and the entry that it goes away with."""

    kind: str
    identity: str
    parent: tuple[str, str] | None = None


@dataclass(slots=True)
class Ledger:
    """Objects that this run created and that are, as far as it knows, still there.

    Identities are compared as text, as URLs carry them. What hangs on an object goes away with it.
    """

    resources: Resources
    journal: Journal | None = None
    _entries: dict[Key, Entry] = field(default_factory=dict)
    # objects that were deleted stay ours: a second DELETE of one is allowed and must not be refused
    _gone: set[Key] = field(default_factory=set)
    _intended: dict[str, Intended] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    # what came with one of ours -> what it hangs on
    _adopted: dict[Key, Key | None] = field(default_factory=dict)

    def intend(self, ref: str, kind: str, name: str) -> None:
        """Write down, before a request leaves, what it is to make.

        Args:
            ref: names the intent: ``add`` and ``void`` close it.
            kind: of the object.
            name: that it is to have; empty where it bears none of the run's.
        """
        if self.journal is not None:
            sent = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._intended[ref] = Intended(kind=kind, name=name, sent=sent)
            self._open.add(ref)
            self.journal.intend(ref, kind, name)

    def memory(self) -> Memory:
        """Return what is not known by its identity, or may be there a second time: for a look at the target."""
        return Memory(
            intended=tuple(self._intended.values()),
            open=tuple(self._intended[ref] for ref in sorted(self._open)),
            until=datetime.now(UTC).isoformat(),
        )

    def void(self, ref: str) -> None:
        """Write down that nothing came of an intent."""
        if self._intended.pop(ref, None) is not None and self.journal is not None:
            self._open.discard(ref)
            self.journal.void(ref)

    def announce(self, request: RawRequest, operation: Operation | None, ref: str) -> bool:
        """Write down what a request is to create, unless it goes with a parent; return whether it was written."""
        kind = self._root_made(operation)
        if kind is None or self.journal is None:
            return False
        self.intend(ref, kind, _name_in(request))
        return True

    def _root_made(self, operation: Operation | None) -> str | None:
        if operation is None:
            return None
        made = self.resources.created_by(operation.id)
        kinds = [*([made.name] if made else []), *self.resources.makes.get(operation.id, {})]
        return next((k for k in kinds if self.resources.root(k).name == k), None)

    def add(
        self, kind: str, identity: object, parent: Key | None = None, *, created: object = None, ref: str = ""
    ) -> None:
        """Enter an object that this run created; ``created`` is the target's own time of it, ``ref`` its intent."""
        self._open.discard(ref)
        self._entries[kind, str(identity)] = Entry(kind=kind, identity=str(identity), parent=parent)
        if self.journal is not None:
            self.journal.made(kind, str(identity), self._entered(parent), created, ref)

    def _entered(self, key: Key | None) -> Key | None:
        """The next above that was entered itself: what only came along is in no journal."""
        above = key
        while above is not None and above not in self._entries and above in self._adopted:
            above = self._adopted[above]
        return above

    def adopt(self, kind: str, identity: object, parent: Key | None = None) -> None:
        """Own an object that came with one of ours (the tasks of an import): nothing to clean up on its own."""
        self._adopted[kind, str(identity)] = parent

    def remove(self, kind: str, identity: object) -> None:
        """Note that an object is gone, and with it what hung on it."""
        key = (kind, str(identity))
        if self._entries.get(key) is not None and self.journal is not None:
            self.journal.gone(*key)
        pending = [key]
        while pending:
            gone = pending.pop()
            self._gone.add(gone)
            self._adopted.pop(gone, None)
            self._entries.pop(gone, None)
            pending += [k for k, e in self._entries.items() if e.parent == gone]
            pending += [k for k, parent in self._adopted.items() if parent == gone]

    def owns(self, kind: str, identity: object) -> bool:
        """Return whether this run created the object."""
        key = (kind, str(identity))
        return key in self._entries or key in self._gone or key in self._adopted

    def may_exist(self, kind: str, identity: object) -> bool:
        """Return whether the object may exist, as far as this run knows; accounts always may."""
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
        if operation is None or not exchange.succeeded:
            if exchange.rejected and self._root_made(operation) is not None:
                self.void(exchange.request_id)
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
            self.add(kind, item, ref=exchange.request_id)
        for kind, place in (yields or {}).items():
            for item, root in _at(data, place):
                parent = self._owner(kind, root, exchange)
                if parent is not None:
                    self.adopt(kind, item, parent)
        return entered

    def _enter(self, kind: Kind, data: Any, exchange: Exchange) -> int:
        items = [
            item
            for item in (data if isinstance(data, list) else [data])
            if isinstance(item, dict) and item.get(kind.identity) is not None
        ]
        for item in items:
            parent = self._parent(kind, item, exchange)
            created = item.get("created_at", item.get("date_joined"))
            self.add(kind.name, item[kind.identity], parent, created=created, ref=exchange.request_id)
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

    def _owner(self, kind: str, item: object, exchange: Exchange) -> Key | None:
        """Return what of ours an object hangs on: it says so, or was read below it; None where it is not ours."""
        parent = self.resources.kinds[kind].parent
        if parent is None:
            return None
        named: list[object] = []
        if isinstance(item, dict) and isinstance(item.get(parent), int | str):
            named = [item[parent]]
        elif exchange.operation is not None:
            slots = self.resources.slot_kinds(exchange.operation)
            named = [exchange.path_values.get(s, "") for s, k in slots.items() if k == parent]
        return next(((parent, str(n)) for n in named if self.owns(parent, n)), None)

    def mark(self) -> frozenset[Key]:
        """Return what there is at this moment: what comes later can be removed apart."""
        return frozenset(self._entries)

    def leave(self, kind: str, *, but: Collection[Key] = ()) -> None:
        """Let go of the objects of a kind, and of what hangs on them: whatever they are on goes, and they with it."""
        for key in [key for key in self._entries if key[0] == kind and key not in but]:
            self.remove(*key)

    def clean_up(self, delete: Callable[[Entry], bool], *, but: Collection[Key] = ()) -> list[Entry]:
        """Delete in reverse order what was created; what goes away with its parent is left to the parent.

        Args:
            delete: removes one object; True if it is gone. A broken DELETE gives False, and the rest is still tried.
            but: what stays, such as an earlier :meth:`mark`.

        Returns:
            What is left on the target although it was to go.
        """
        for entry in reversed(tuple(self._entries.values())):
            key = (entry.kind, entry.identity)
            if key in self._entries and key not in but and not self._goes_with(entry, but) and delete(entry):
                self.remove(*key)
        return [e for k, e in self._entries.items() if k not in but]

    def _goes_with(self, entry: Entry, but: Collection[Key]) -> bool:
        """Return whether a parent of the object, direct or not, is to be removed as well."""
        parent = entry.parent
        while parent is not None:
            if parent in self._entries and parent not in but:
                return True
            above = self._entries.get(parent)
            parent = above.parent if above else self._adopted.get(parent)
        return False


def _name_in(request: RawRequest) -> str:
    """The name that a request gives to what it makes; empty where there is none."""
    content_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    try:
        if _FORM in content_type:
            data: Any = {k: v[0] for k, v in parse_qs((request.content or b"").decode()).items()}
        else:
            data = json.loads(request.content or b"")
    except (ValueError, RecursionError):
        return ""
    named = [data[n] for n in _NAMES if isinstance(data.get(n), str)] if isinstance(data, dict) else []
    return next((n for n in named if any(run_of(place, n) for place in ("title", "email"))), "")


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
