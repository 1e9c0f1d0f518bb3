"""Unknown objects and unknown methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from conformance.judge.observation import Verb
from conformance.properties.generation.sparing import speaks_for_kind
from conformance.properties.registry import shows
from conformance.wire import RefusedByGuard
from conformance.wire.checking.checks import route_missing
from conformance.wire.checking.deeds import NOT_THERE

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.judging.recording import Check
    from conformance.wire import Wire
    from conformance.world import World

# Within 32 bits, so that it is a possible identity everywhere, and beyond 64 bits, where it is none.
UNUSED, IMPOSSIBLE = 2_147_483_601, 2**63
UNKNOWN_METHOD = "PROPFIND"
METHOD_NOT_ALLOWED, NOT_IMPLEMENTED = 405, 501


@shows("unknown-id")
def test_unknown_id(operation: Operation, world: World, wire: Wire, policy: DepthPolicy, check: Check) -> None:
    """An object that does not exist is not found, whatever is wanted of it."""
    kinds = wire.resources.slot_kinds(operation)
    with check.prerequisites():
        prepared = world.request(operation.id)
    for slot in kinds:
        numbers: tuple[Any, ...] = (UNUSED, IMPOSSIBLE) if kinds[slot] != "filename" else ("1/0000abcd-nothing.csv",)
        both = policy.everything or (policy.thorough and speaks_for_kind(operation, slot, wire.resources))
        for number in numbers if both else numbers[:1]:
            path = {**prepared.path, slot: number}
            exchange = wire.call(operation.id, expect=None, deed=NOT_THERE, **prepared.arguments(), **path)
            if exchange.response is None or route_missing(exchange):
                return
            fine = exchange.gone or (number == IMPOSSIBLE and exchange.rejected)
            check(
                holds=fine,
                message=f"{operation} answered {exchange.status} for an id of no {kinds[slot]}.",
                expected="status 404",
                got=str(exchange.status),
                signature=f"HTTP {exchange.status} for {slot} {'of 64 bits' if number == IMPOSSIBLE else ''}".strip(),
                exchange=exchange,
                verb=Verb.SHOULD if exchange.rejected else Verb.MUST,
            )


@shows("wrong-method", "allow")
def test_method(operation: Operation, whole_world: World, wire: Wire, check: Check) -> None:
    """A method that no resource knows is refused, and ``Allow`` names those that the path serves."""
    with check.prerequisites():
        path = operation.fill(whole_world.values(operation))
    try:
        exchange = wire.request(UNKNOWN_METHOD, path)
    except RefusedByGuard:
        return  # the wire recorded it
    if exchange.response is None or exchange.gone:
        return
    check(
        holds=exchange.rejected or exchange.status == NOT_IMPLEMENTED,
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
    check(
        rule="allow",
        holds=documented <= allowed,
        message=f"The 405 of {operation.path} does not allow all methods that the contract documents.",
        expected=f"Allow with {', '.join(sorted(documented))}",
        got=f"Allow: {', '.join(sorted(allowed))}" if allowed else "no Allow",
        signature=f"Allow without {', '.join(sorted(documented - allowed))}" if allowed else "no Allow",
        exchange=exchange,
    )
