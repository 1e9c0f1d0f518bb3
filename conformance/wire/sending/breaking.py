"""Decides whether the server or the network broke off a request that must not be sent again to find out."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

CHANCE: Final = 1e-4
"""The server is to blame where it is less probable than this that the network broke off so often."""


@dataclass(slots=True)
class BreakOffs:
    """Counts what was sent and what broke off, by operation and by what was done to the request.

    A network hits everything alike: how often it breaks off, all other operations show. The server is to blame for
    what breaks off far more often than that.
    """

    _sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    _broken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def came(self, operation: str, deed: str, *, attempts: int = 1) -> None:
        """Count a request that was answered, at the last of some attempts."""
        self._sent[operation, deed] += attempts
        self._broken[operation, deed] += attempts - 1

    def broke(self, operation: str, deed: str) -> bool:
        """Count a request that broke off; returns whether the server is to blame."""
        self._sent[operation, deed] += 1
        self._broken[operation, deed] += 1
        sent = sum(n for (name, _), n in self._sent.items() if name != operation)
        broken = sum(n for (name, _), n in self._broken.items() if name != operation)
        network = (broken + 1) / (sent + 2)
        return at_least(self._broken[operation, deed], self._sent[operation, deed], network) < CHANCE


def at_least(hits: int, tries: int, share: float) -> float:
    """The probability of so many hits or more, where each try is one with the same probability."""
    return 1 - math.fsum(
        math.exp(_ways(tries, n) + n * math.log(share) + (tries - n) * math.log1p(-share)) for n in range(hits)
    )


def _ways(tries: int, hits: int) -> float:
    """The logarithm of the number of ways to have so many hits; the number itself is too large for a float."""
    return math.lgamma(tries + 1) - math.lgamma(hits + 1) - math.lgamma(tries - hits + 1)
