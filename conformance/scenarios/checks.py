"""Checks that several areas share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.scenarios.exports.readers import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

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


def show_read(requirement: str, show: Show, exchange: Exchange, read: Callable[[bytes], Any], expected: object) -> bool:
    """Show that a reader finds what was annotated; an export that it can't read is the server's failure."""
    try:
        got = read(exchange.content)
    except Unreadable as problem:
        got = f"unreadable: {problem}"
    except LookupError as problem:
        got = f"readable, but without {problem}"
    return show.equal(requirement, expected=expected, got=got, exchange=exchange)
