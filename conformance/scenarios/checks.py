"""Checks that several areas share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange


def refused(show: Show, requirement_id: str, exchange: Exchange) -> bool:
    """Show that the server called the request the client's mistake (RFC 9110 §15.5)."""
    return show(
        requirement_id,
        400 <= exchange.status < 500,
        expected="4xx",
        got=f"{exchange.brief()}: {exchange.text[:200]}",
        exchange=exchange,
        signature=f"HTTP {exchange.status}",
    )
