"""Declares what the wire needs of a witness, who reads answers as users of the target do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.judge.observation import Observation
    from conformance.wire.exchanges.exchange import Exchange


class Witness(Protocol):
    """Somebody who reads answers, and adds what came of that to what was observed."""

    def look(self, exchange: Exchange, found: Sequence[Observation]) -> Iterable[Observation]:
        """Return what was observed of an exchange, with what the witness adds."""
