"""Errors about peers that are not available."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from conformance.errors import ConformanceError

if TYPE_CHECKING:
    from pathlib import Path

_TAIL_LINES = 10


class PeerUnavailable(ConformanceError):
    """A peer can't be had on this machine; scenarios that need it are ``not-measured``, never failed.

    Attributes:
        name: The peer (``redis``).
        reason: Why, in one sentence; fit for a report.
    """

    code = "peer-unavailable"

    def __init__(self, name: str, reason: str, hint: str) -> None:
        super().__init__(f"the peer {name!r} is not available: {reason}", hint=hint)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}"


def tail(log: Path) -> str:
    """Return the last lines of ``log`` as one short line; empty when there are none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            return " | ".join(deque((line.strip()[:160] for line in file if line.strip()), maxlen=_TAIL_LINES))
    except OSError:
        return ""
