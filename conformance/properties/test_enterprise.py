"""Enterprise operations: on an Enterprise server like all others; on a Community server probed once, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.properties.judging.recording import prerequisites
from conformance.properties.registry import ANY, shows
from conformance.wire import RefusedByGuard
from conformance.wire.checking.checks import route_missing
from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.wire import Wire
    from conformance.world import World

PROBE = 1


@shows("offered", about=ANY)
def test_probe(enterprise_operation: Operation, whole_world: World, wire: Wire) -> None:
    """Send the operation once: an answer is judged by the contract, a missing route is `unsupported`."""
    operation = enterprise_operation
    with prerequisites(wire, operation, "offered"):
        known = whole_world.values(operation)
    path = operation.fill({slot: known.get(slot, PROBE) for slot in operation.slots})
    body = operation.body is not None
    request = RawRequest(
        method=operation.method,
        url=wire.base_url + path,
        headers=(("Content-Type", "application/json"),) if body else (),
        content=b"{}" if body else None,
    )
    try:
        exchange = wire.send(
            request, operation=operation, path_values={slot: str(known.get(slot, PROBE)) for slot in operation.slots}
        )
    except RefusedByGuard:
        return
    whole_world.note(exchange)
    if exchange.response is not None and not route_missing(exchange):
        # an answer is a finding in itself, whatever it is: the wire has recorded that the route is there
        whole_world.forget("project")
