"""What is not there: unknown objects, unknown methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.judge.observation import Verb
from conformance.properties.conditions import applies
from conformance.properties.judging.recording import making, observe
from conformance.wire import Refused
from conformance.wire.checks import route_missing

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.generation.selection import Gear
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules("unknown-id", "wrong-method", "allow")
# Within 32 bits, so that it is a possible identity everywhere, and beyond 64 bits, where it is none.
UNUSED, IMPOSSIBLE = 2_147_483_601, 2**63
UNKNOWN_METHOD = "PROPFIND"
NOT_FOUND = (404, 410)
METHOD_NOT_ALLOWED = 405
SERVER_ERROR = 500


@applies("unknown-id")
def test_unknown_id(operation: Operation, world: World, wire: Wire, gear: Gear) -> None:
    """An object that does not exist is not found, whatever is wanted of it."""
    kinds = wire.resources.slot_kinds(operation)
    with making(wire, operation, "unknown-id"):
        prepared = world.request(operation.id)
    for slot in kinds:
        numbers: tuple[Any, ...] = (UNUSED, IMPOSSIBLE) if kinds[slot] != "filename" else ("1/0000abcd-nothing.csv",)
        for number in numbers if gear.thorough else numbers[:1]:
            exchange = wire.call(operation.id, expect=None, **prepared.arguments(), **{**prepared.path, slot: number})
            if exchange.response is None or route_missing(exchange):
                return
            fine = exchange.status in NOT_FOUND or (number == IMPOSSIBLE and 400 <= exchange.status < SERVER_ERROR)  # noqa: PLR2004 - HTTP's 4xx
            wrong = exchange.status < 400 or exchange.status >= SERVER_ERROR  # noqa: PLR2004 - likewise
            observe(
                wire,
                operation,
                "unknown-id",
                holds=fine,
                message=f"{operation} answered {exchange.status} for an id of no {kinds[slot]}.",
                expected="status 404",
                got=str(exchange.status),
                signature=f"HTTP {exchange.status} for {slot} {'of 64 bits' if number == IMPOSSIBLE else ''}".strip(),
                exchange=exchange,
                verb=Verb.MUST if wrong else Verb.SHOULD,
            )


@applies("wrong-method")
def test_method(operation: Operation, whole_world: World, wire: Wire) -> None:
    """A method that no resource knows is refused, and ``Allow`` names those that the path serves."""
    with making(wire, operation, "wrong-method"):
        path = operation.fill(whole_world.values(operation))
    try:
        exchange = wire.request(UNKNOWN_METHOD, path)
    except Refused:
        return  # the wire recorded it
    if exchange.response is None or exchange.status in NOT_FOUND:
        return
    observe(
        wire,
        operation,
        "wrong-method",
        holds=400 <= exchange.status < SERVER_ERROR or exchange.status == 501,  # noqa: PLR2004 - HTTP's 4xx, Not Implemented
        message=f"{UNKNOWN_METHOD} {operation.path} was answered {exchange.status}.",
        expected="status 405 (or 501)",
        got=str(exchange.status),
        signature=f"HTTP {exchange.status}",
        exchange=exchange,
    )
    if exchange.status != METHOD_NOT_ALLOWED:
        return
    allowed = {m.strip().upper() for m in exchange.response.headers.get("allow", "").split(",")} - {""}
    documented = {o.method for o in load_contract() if o.path == operation.path and wire.resources.offered(o)}
    observe(
        wire,
        operation,
        "allow",
        holds=documented <= allowed,
        message=f"The 405 of {operation.path} does not allow all methods that the contract documents.",
        expected=f"Allow with {', '.join(sorted(documented))}",
        got=f"Allow: {', '.join(sorted(allowed))}" if allowed else "no Allow",
        signature=f"Allow without {', '.join(sorted(documented - allowed))}" if allowed else "no Allow",
        exchange=exchange,
    )
