"""Every operation reaches its documented success with a valid request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.judging.recording import making, observe
from conformance.wire.checks import cause_of, reason, route_missing

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules


def test_success(operation: Operation, world: World, wire: Wire) -> None:
    """The minimal valid request is answered with a documented 2xx."""
    with making(wire, operation, "success"):
        prepared = world.request(operation.id)
    with wire.key_at_risk():
        exchange = world.send(prepared)
    if exchange.ok or exchange.response is None or route_missing(exchange):
        return  # the wire recorded it
    documented = " or ".join(str(s) for s in operation.success)
    observe(
        wire,
        operation,
        "success",
        holds=False,
        message=f"{operation} was sent a valid request and did not answer with a documented success.",
        expected=f"status {documented}",
        got=f"{exchange.status} {reason(exchange)}".strip(),
        signature=f"HTTP {exchange.status} {cause_of(exchange)}".strip(),
        pointer=f"{operation.pointer}/responses",
        exchange=exchange,
    )
