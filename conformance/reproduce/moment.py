"""Makes the script of the check that has just failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from conformance.reproduce.script import write_script
from conformance.reproduce.trace import Trace

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire


_TRACES: Final[WeakKeyDictionary[Wire, Trace]] = WeakKeyDictionary()
"""Of the running test: it may fail dozens of checks, and reading all that was sent costs more than the script."""


def _trace(wire: Wire) -> Trace:
    whole, start = [*wire.past.earlier, *wire.history], len(wire.past.earlier)
    known = _TRACES.get(wire)
    if known is None or not known.goes_on(whole, start):
        known = _TRACES[wire] = Trace(whole, start, wire.resources)
    return known


def script_now(wire: Wire, exchange: Exchange, *about: str) -> str | None:
    """Everything that the running test sent so far, as a script for others to run.

    Args:
        wire: knows what was sent.
        exchange: the one that the check names.
        about: lines for the reader: what is asked, what was expected, what came.
    """
    lines = [*about, f"Test: {wire.recorder.test}"]
    return write_script(
        _trace(wire),
        shown_by=exchange,
        base_url=wire.base_url,
        about=wire.redactor.text("\n".join(lines)),
        redact=wire.redactor.text,
    )
