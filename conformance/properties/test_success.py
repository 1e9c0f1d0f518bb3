"""Every operation reaches its documented success with a valid request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.properties.registry import ANY, shows
from conformance.wire.checking.checks import cause_of, reason, route_missing

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.judging.recording import Check
    from conformance.wire import Wire
    from conformance.world import World


@shows("success", about=ANY)
def test_success(operation: Operation, world: World, wire: Wire, check: Check) -> None:
    """The minimal valid request is answered with a documented 2xx."""
    with check.prerequisites():
        prepared = world.request(operation.id)
    with wire.key_at_risk():
        exchange = world.send(prepared)
    if exchange.ok or exchange.response is None or route_missing(exchange):
        return  # the wire recorded it
    documented = " or ".join(str(s) for s in operation.success)
    check(
        holds=False,
        message=f"{operation} was sent a valid request and did not answer with a documented success.",
        expected=f"status {documented}",
        got=f"{exchange.status} {reason(exchange)}".strip(),
        signature=f"HTTP {exchange.status} {cause_of(exchange)}".strip(),
        pointer=f"{operation.pointer}/responses",
        exchange=exchange,
    )
