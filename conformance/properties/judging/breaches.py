"""Compares what the readers showed before and after a write, and names the law that it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.properties.judging.effects import broken, changed
from conformance.properties.judging.recording import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.properties.judging.effects import View
    from conformance.wire import Exchange, Wire

KEEPS_READERS = "accepted-write-keeps-readers"
CHANGES_NOTHING = "refused-write-changes-nothing"


def breaches(before: View, after: View, *, succeeded: bool) -> Iterator[tuple[str, str, str]]:
    """What one write broke: the law, the operation that reads, and what differs."""
    if succeeded:
        yield from ((KEEPS_READERS, reader, "") for reader in broken(before, after))
    else:
        yield from ((CHANGES_NOTHING, reader, what) for reader, what in changed(before, after))


def signature_of(rule: str, write: Exchange, read: Exchange) -> str:
    """Short, and the same for the same cause."""
    effect = f"HTTP {read.status}" if rule == KEEPS_READERS else "changed"
    return f"HTTP {write.status}, {read.operation.id if read.operation else ''} {effect}"


def blamed(wire: Wire, operation: Operation, rule: str, what: str, write: Exchange, read: Exchange) -> None:
    """Record a law that one write broke."""
    status = write.status
    if rule == KEEPS_READERS:
        message = f"{operation} answered {status}; since then {read.operation} answers {read.status}."
        expected, got = f"{read.operation} works as before", read.brief()
    else:
        message = f"{operation} answered {status}, and yet {read.operation} shows a change: {what}."
        expected, got = "nothing changed", f"changed: {what}"
    lines = [wire.evidence(write).curl, wire.evidence(read).curl]
    observe(
        wire,
        operation,
        rule,
        holds=False,
        message=message,
        expected=expected,
        got=got,
        signature=signature_of(rule, write, read),
        exchange=write,
        script="\n".join(lines),
    )
