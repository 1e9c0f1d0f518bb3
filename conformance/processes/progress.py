"""Reports progress of slow steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Progress: TypeAlias = "Callable[[str], None]"
"""Told in one short line what is being done, every `HEARTBEAT` seconds while something takes its time."""

HEARTBEAT = 2.0
"""Seconds between two signs of life to a `Progress`."""


def no_progress(_message: str) -> None:
    """Tell nobody."""
