"""Restores settings that tests change for everybody, after each test."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.wire import Wire
    from conformance.world.level import Supply


@contextmanager
def restoring(world: Supply, wire: Wire, operation_id: str) -> Iterator[None]:
    """Write back, at the end, the settings that are other ones by then."""
    template = world.requests[operation_id]
    reader, writer = template.restore, template.restore_by or operation_id
    if reader is None:
        yield
        return
    before = _settings(world, wire, reader)
    try:
        yield
    finally:
        operation, after = wire.contract[writer], _settings(world, wire, reader)
        known, given = wire.contract.writable(operation), world.requests[writer].json
        lost = {k: v for k, v in before.items() if k in known and (k not in after or after[k] != v)}
        if lost:
            settings = {**(world.resolve(given) if isinstance(given, dict) else {}), **lost}
            path: dict[str, Any] = dict(world.values(operation))
            with wire.unchecked(), wire.key_at_risk():
                # as ASCII: what was there may hold what UTF-8 can't
                body, headers = json.dumps(settings), {"Content-Type": "application/json"}
                wire.call(writer, content=body, headers=headers, expect=None, **path)


def _settings(world: Supply, wire: Wire, reader: str) -> dict[str, Any]:
    path: dict[str, Any] = dict(world.values(wire.contract[reader]))
    with wire.unchecked(), wire.key_at_risk():
        shown = wire.call(reader, expect=None, **path)
    try:
        data = shown.json() if shown.ok else None
    except ValueError:
        data = None
    return data if isinstance(data, dict) else {}
