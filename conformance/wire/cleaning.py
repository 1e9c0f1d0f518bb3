"""Removes from the target what the run made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.wire.safety.guard import RefusedByGuard

if TYPE_CHECKING:
    from collections.abc import Collection

    from conformance.wire.client import Wire
    from conformance.wire.safety.ledger import Entry

PROJECT: Final = "project"


def clean_up(wire: Wire, *, but: Collection[tuple[str, str]] = ()) -> list[Entry]:
    """Delete what this run created, but for ``but``; returns what is left (a broken DELETE leaves things).

    Of a server that is thrown away, projects in which all was well are left as they are: to delete one takes the
    server as long as four other requests, and nobody meets it again.
    """
    if wire.thrown_away and not _harmed(wire):
        wire.ledger.leave(PROJECT, but=but)
    with wire.unchecked(), wire.key_at_risk():
        return wire.ledger.clean_up(lambda entry: delete(wire, entry), but=but)


def _harmed(wire: Wire) -> bool:
    """Return whether the running test may have left something that disturbs others."""
    return bool(wire.recorder.failures()) or any(e.server_error for e in wire.history)


def delete(wire: Wire, entry: Entry) -> bool:
    """Remove an object of the ledger; True if it is gone."""
    kind = wire.resources.kinds[entry.kind]
    if kind.delete is None:
        return False
    operation = wire.contract[kind.delete]
    values: dict[str, Any] = {operation.slots[-1]: entry.identity}
    for slot, slot_kind in wire.resources.slot_kinds(operation).items():
        if entry.parent is not None and slot_kind == entry.parent[0]:
            values[slot] = entry.parent[1]
    if set(values) != set(operation.slots):
        return False
    try:
        exchange = wire.call(kind.delete, expect=None, **values)
    except (httpx.InvalidURL, UnicodeError):
        return False  # its name, as it was accepted, does not go into an address
    except RefusedByGuard:
        return False  # the wire recorded it
    return exchange.status in {200, 202, 204, 404}
