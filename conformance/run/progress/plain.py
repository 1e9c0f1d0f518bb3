"""Without a terminal: a line after each tenth of the run, and one for each new finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.errors import printable
from conformance.report.figures import clock, count

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.run.progress.standing import Standing

_PARTS = 10
_FINDINGS = 20
"""So many findings get a line; of more, the end tells."""
_LIMIT = 160


class PlainProgress:
    """Prints lines that stay."""

    def __init__(self, standing: Standing, write: Callable[[str], None]) -> None:
        """Print by ``write``, a line at a time."""
        self._standing = standing
        self._write = write
        self._part = 0
        self._told: set[str] = set()

    def show(self, elapsed: float) -> None:
        """Print what is new.

        Args:
            elapsed: seconds since the first test began.
        """
        newest = self._standing.newest
        if newest and newest not in self._told and len(self._told) < _FINDINGS:
            self._told.add(newest)
            self._write(f"✗ {printable(newest, limit=_LIMIT)}")
        part = _PARTS * self._standing.done // max(self._standing.tests, 1)
        if part > self._part:
            self._part = part
            self._write(summary(self._standing, elapsed))

    def close(self) -> None:
        """Nothing is left to do: lines stay as they are."""


def summary(standing: Standing, elapsed: float) -> str:
    """The run in one line."""
    rate = standing.requests / elapsed if elapsed else 0.0
    left = standing.left(elapsed)
    share = 100 * standing.done // max(standing.tests, 1)
    parts = [
        f"{share:3} %: {standing.done:,} of {count(standing.tests, 'test')}",
        f"{count(standing.requests, 'request')} ({rate:.1f}/s)",
        f"{count(standing.failures, 'new failure')}" if standing.failures else "no new failure",
        f"about {clock(left)} left" if left is not None and standing.done < standing.tests else clock(elapsed),
    ]
    return ", ".join(parts)
