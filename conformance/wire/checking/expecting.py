"""Checks that a step of a workflow was answered as the next one needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from conformance.errors import ConformanceError
from conformance.wire.checking.checks import reason

if TYPE_CHECKING:
    from conformance.wire.exchanges.exchange import Exchange

Status = int | tuple[int, ...] | None
SUCCESS: Final = "success"


class Unexpected(ConformanceError):
    """A step of a workflow was answered otherwise than the workflow needs to go on."""

    code = "unexpected-answer"

    def __init__(self, exchange: Exchange, expected: str) -> None:
        # what an answer of success says, a key perhaps, is in the evidence, where secrets are masked
        said = f": {reason(exchange)}" if exchange.response and not exchange.succeeded else ""
        super().__init__(f"expected {expected}, got {exchange.brief()}{said}")
        self.exchange = exchange
        self.expected = expected


def expect(exchange: Exchange, wanted: Status | str) -> None:
    """Raise unless an exchange was answered as wanted: ``"success"``, a status, one of several, or None for anything.

    Raises:
        Unexpected: it was answered otherwise, or not at all.
    """
    if wanted is None:
        return
    if wanted == SUCCESS:
        if exchange.ok:
            return
        documented = [s for s in exchange.operation.success if httpx.codes.is_success(s)] if exchange.operation else []
        raise Unexpected(exchange, " or ".join(map(str, documented)) or "2xx")
    statuses = wanted if isinstance(wanted, tuple) else (wanted,)
    if exchange.status not in statuses:
        raise Unexpected(exchange, " or ".join(map(str, statuses)))
