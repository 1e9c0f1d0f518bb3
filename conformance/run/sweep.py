"""Removes what a killed run left on a target: what its journal names, and what carries its id in its name.

Nothing is deleted on the word of a number alone: an object is read first, and left alone if it is not the one that
the run made. (Databases give the number of a deleted object to the next one.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.wire import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.wire import Exchange, Wire
    from conformance.wire.journal import Memory, Remembered
    from conformance.wire.ledger import Entry

NAMED = {"projects.list": ("project", "title"), "users.list": ("user", "email")}
"""List operations of the objects that are named by the run, with their kind and the field that carries the name."""
PAGE = 100
MOST_PAGES = 1000
_NOT_FOUND = 404


@dataclass(slots=True)
class Swept:
    """What came of it: each line is ``project 12 'title'``, with the reason where it was left."""

    removed: list[str] = field(default_factory=list)
    gone: int = 0
    left: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def sweep(wire: Wire, memory: Memory, run_id: str, *, dry_run: bool = False) -> Swept:
    """Find what the run left, and remove it unless it is a dry run.

    Args:
        wire: to the target; its ledger is empty.
        memory: what the run's journals say.
        run_id: of the run.
        dry_run: only say what would be removed.

    Returns:
        What was removed; what is left although it is the run's; and what was kept because it is not.

    Raises:
        TargetLost: the target is gone, or no longer takes the key.
    """
    swept = Swept()
    named: dict[tuple[str, str], str] = {}
    with wire.unchecked():
        known = {(r.kind, r.identity) for r in memory.left}
        for remembered in memory.left:
            if remembered.parent is not None and remembered.parent in known:
                if wire.ledger.owns(*remembered.parent):  # else it went with that one, or never was there
                    wire.ledger.add(remembered.kind, remembered.identity, remembered.parent)
                continue
            name = _look(wire, remembered, swept)
            if name is not None:
                wire.ledger.add(remembered.kind, remembered.identity, remembered.parent)
                named[remembered.kind, remembered.identity] = name
        for kind, identity, name in _named(wire, run_id, swept):
            if not wire.ledger.owns(kind, identity):
                wire.ledger.add(kind, identity)
            named[kind, identity] = name
        if dry_run:
            swept.removed = [f"{e.kind} {e.identity}" + named.get((e.kind, e.identity), "") for e in wire.ledger]
            return swept
        left = wire.ledger.clean_up(_removing(wire, named, swept))
    reasons = {line.split(":")[0] for line in swept.left}
    swept.left += [f"{e.kind} {e.identity}" for e in left if f"{e.kind} {e.identity}" not in reasons]
    return swept


def _removing(wire: Wire, named: dict[tuple[str, str], str], swept: Swept) -> Callable[[Entry], bool]:
    def remove(entry: Entry) -> bool:
        try:
            done = wire.delete(entry)
        except Refused as refusal:
            swept.left.append(f"{entry.kind} {entry.identity}: {refusal.message}")
            return False
        if done:
            swept.removed.append(f"{entry.kind} {entry.identity}" + named.get((entry.kind, entry.identity), ""))
        return done

    return remove


def _look(wire: Wire, remembered: Remembered, swept: Swept) -> str | None:
    """Read an object of the journal: its name if it is the run's; None if it is gone, or another one."""
    kind = wire.resources.kinds[remembered.kind]
    if kind.read is None:
        return ""
    operation = wire.contract[kind.read]
    values: dict[str, Any] = {operation.slots[-1]: remembered.identity}
    slots = wire.resources.slot_kinds(operation)
    values |= {s: remembered.parent[1] for s, k in slots.items() if remembered.parent and k == remembered.parent[0]}
    exchange = wire.call(kind.read, expect=None, **values)
    if exchange.status == _NOT_FOUND:
        swept.gone += 1
        return None
    shown = exchange.object() if exchange.ok else None
    what = f"{remembered.kind} {remembered.identity}"
    if shown is None:
        swept.left.append(f"{what}: it cannot be read ({exchange.brief()}), so it is not known whether it is the run's")
        return None
    other = remembered.created and str(shown.get("created_at", remembered.created)) != remembered.created
    if remembered.parent is not None:
        belongs = shown.get(remembered.parent[0])
        other = other or (isinstance(belongs, int | str) and str(belongs) != remembered.parent[1])
    if other:
        swept.kept.append(f"{what}: another object has this number now")
        return None
    return _name(shown)


def _named(wire: Wire, run_id: str, swept: Swept) -> Iterator[tuple[str, str, str]]:
    """Objects that carry the run's id in their name: kind, identity, name."""
    for listing, (kind, name) in NAMED.items():
        identity = wire.resources.kinds[kind].identity
        for page in range(1, MOST_PAGES):
            exchange = wire.call(listing, query={"page": page, "page_size": PAGE}, expect=None)
            whole = _items(exchange)
            if whole is None:
                # behind the last page there is none
                if page == 1:
                    swept.left.append(f"{kind}: they cannot be listed ({exchange.brief()})")
                break
            for item in whole:
                if run_id.lower() in str(item.get(name, "")).lower() and item.get(identity) is not None:
                    yield kind, str(item[identity]), _name(item)
            if not isinstance(exchange.json(), dict) or not exchange.json().get("next"):
                break


def _items(exchange: Exchange) -> list[dict[str, Any]] | None:
    try:
        data = exchange.json() if exchange.ok else None
    except (ValueError, RecursionError):
        return None
    if isinstance(data, dict):
        data = data.get("results")
    return [i for i in data if isinstance(i, dict)] if isinstance(data, list) else None


def _name(shown: dict[str, Any]) -> str:
    text = next((str(shown[k]) for k in ("title", "email", "url") if shown.get(k)), "")
    return f" {text[:80]!r}" if text else ""
