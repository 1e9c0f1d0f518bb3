"""Makes the script of the check that has just failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reproduce.script import write_script

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire


def script_now(wire: Wire, exchange: Exchange, *about: str) -> str | None:
    """Everything that the running test sent so far, as a script for others to run.

    Args:
        wire: knows what was sent.
        exchange: the one that the check names.
        about: lines for the reader: what is asked, what was expected, what came.
    """
    lines = [*about, f"Test: {wire.recorder.test}"]
    return write_script(
        earlier=wire.past.earlier,
        exchanges=wire.history,
        shown_by=exchange,
        resources=wire.resources,
        base_url=wire.base_url,
        about=wire.redactor.text("\n".join(lines)),
        redact=wire.redactor.text,
    )
