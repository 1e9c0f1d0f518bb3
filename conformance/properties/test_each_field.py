"""Each field and each query parameter alone, so that none is hidden by the rejection of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.rules import load_rules
from conformance.properties.generation.alone import Alone, odd_values
from conformance.properties.judging.comparing import differences, same, show
from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.registry import shows
from conformance.wire import RefusedByGuard
from conformance.wire.checking.checks import reason, route_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.judging.recording import Check
    from conformance.wire import Exchange, Wire
    from conformance.world import Prepared, World

ACCEPTS: Final = "accepts-each-field"
APPLIES, KEEPS = "one-field-applies", "one-field-keeps-rest"
PARAMETER: Final = "each-parameter"
MISSING: Any = object()


@shows(ACCEPTS, depth="gate")
def test_each_field(operation: Operation, world: World, wire: Wire, policy: DepthPolicy, check: Check) -> None:
    """All fields at once are taken; where they are not, the one that is in the way is found by leaving out."""
    if operation.method == "PATCH":
        nothing_to_do("each field of a change is sent alone (one-field-applies)")
    with check.prerequisites():
        alone = Alone(operation, world, wire)
        fullest = alone.fullest()
        if len(fullest) <= len(alone.smallest):
            nothing_to_do("nothing to leave out")
        with wire.unchecked():  # where it breaks the server, the field that does is told, by a request of its own
            whole = _send(world, wire, alone.prepared(fullest), "all fields")
    if whole is None or whole.response is None or route_missing(whole):
        return
    failed = whole.rejected or whole.server_error
    if not failed:
        check(holds=whole.ok, **_refused(operation, "all fields", whole))
    told = False
    names = [n for n in fullest if n not in alone.smallest]
    for name in names if failed or policy.everything else ():
        with check.prerequisites():
            tried = _send(
                world, wire, alone.prepared({**alone.smallest, **alone.field(name, fullest[name])}), f"{name} alone"
            )
        if tried is not None:
            _count(wire, tried)
            check(holds=tried.ok, **_refused(operation, name, tried))
            told = told or tried.server_error
    if whole.server_error and not told:
        with check.prerequisites():
            _send(world, wire, alone.prepared(fullest), "all fields")


@shows(APPLIES, KEEPS, ACCEPTS, depth="gate")
def test_one_field(operation: Operation, world: World, wire: Wire, check: Check) -> None:
    """A change of one field, on an object of which all are set, changes that one and no other."""
    with check.prerequisites():
        alone = Alone(operation, world, wire)
        path = alone.rich_object()
        before = _read(wire, alone, path)
    if before is None:
        nothing_to_do("no operation reads it")
    for name, value in alone.changes():
        with check.prerequisites():
            body = {**alone.smallest, **alone.field(name, value)}
            deed = f"{name} null" if value is None else f"{name} alone"
            patched = _send(world, wire, alone.prepared(body, path), deed)
        if patched is None or patched.response is None or route_missing(patched):
            return
        _count(wire, patched)
        check(rule=ACCEPTS, holds=patched.ok, **_refused(operation, deed, patched))
        after = _read(wire, alone, path)
        if after is None:
            check(
                rule=KEEPS,
                holds=False,
                message=f"After {operation} with {name} alone what was changed can't be read.",
                expected="status 200",
                got="nothing",
                signature=f"{name}: unreadable",
                exchange=patched,
            )
            return
        if patched.ok:
            _compare(check, alone, body, before, after, name=name, exchange=patched)
        before = after
    for name, other in alone.others():
        with check.prerequisites():
            moved = _send(world, wire, alone.prepared({**alone.smallest, name: other}, path), f"{name} of another")
        if moved is not None:
            # to refuse it is fine, if whoever asked is told why
            fine = moved.ok or (moved.rejected and name in moved.text)
            found = _refused(operation, f"{name} names another object", moved)
            check(rule=ACCEPTS, holds=fine, **{**found, "expected": f"a documented 2xx, or a 4xx that names {name}"})


@shows(PARAMETER, depth="gate")
def test_each_parameter(operation: Operation, world: World, wire: Wire, policy: DepthPolicy, check: Check) -> None:
    """Each query parameter alone, with values that are documented and values that name nothing, breaks nothing."""
    with check.prerequisites():
        prepared = world.request(operation.id)
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.exploded:
            continue
        for value in odd_values(parameter.schema, most=None if policy.everything else 3):
            with wire.key_at_risk():
                arguments = prepared.arguments() | {"query": {**prepared.query, parameter.name: value}}
                try:
                    deed = f"{parameter.name}: {value or 'nothing'}"
                    exchange = wire.call(operation.id, expect=None, deed=deed, **{**arguments, **prepared.path})
                except RefusedByGuard:
                    return
            world.note(exchange)
            if exchange.response is None or route_missing(exchange):
                return
            check(
                holds=not exchange.server_error,
                message=f"{operation} with {parameter.name}={value} was answered {exchange.status}.",
                expected="a documented success, or a 4xx",
                got=f"{exchange.status} {reason(exchange)}".strip(),
                signature=f"{parameter.name}: HTTP {exchange.status}",
                pointer=parameter.pointer,
                exchange=exchange,
            )


def _send(world: World, wire: Wire, prepared: Prepared, deed: str) -> Exchange | None:
    try:
        with wire.key_at_risk():
            exchange = wire.call(prepared.operation, expect=None, deed=deed, **prepared.arguments(), **prepared.path)
    except RefusedByGuard:
        return None  # the wire recorded it
    world.note(exchange)
    return exchange


def _count(wire: Wire, exchange: Exchange) -> None:
    wire.recorder.statistics.generated["positive"] += 1
    wire.recorder.statistics.generated["positive-2xx"] += exchange.ok


def _refused(operation: Operation, what: str, exchange: Exchange) -> dict[str, Any]:
    return {
        "message": f"{operation} refused what the contract allows: {what}.",
        "expected": "a documented 2xx",
        "got": f"{exchange.status} {reason(exchange)}".strip(),
        "signature": f"{what}: HTTP {exchange.status}",
        "exchange": exchange,
    }


def _read(wire: Wire, alone: Alone, path: Mapping[str, Any]) -> dict[str, Any] | None:
    if alone.reader is None:
        return None
    with wire.unchecked(), wire.key_at_risk():
        shown = wire.call(alone.reader, expect=None, role=alone.role, **path)
    return shown.object() if shown.ok else None


def _shown_otherwise(sent: object, shown: object) -> bool:
    """Return whether one stands for the other: an object for its id, something for nothing that was sent."""
    return sent is None or isinstance(sent, dict | list) is not isinstance(shown, dict | list)


def _applied(alone: Alone, name: str, sent: Any, before: Any, after: Any) -> bool:
    """Return whether a field reads as it was sent; of what is sent no more, whether it is there no more."""
    if sent is None:
        return not before or not same(before, after)
    if alone.named(name) and isinstance(sent, dict) and isinstance(before, dict) and isinstance(after, dict):
        kept = [n for n in before if n not in sent and before[n] and same(before[n], after.get(n, MISSING))]
        if kept or name in alone.smallest:
            return not kept
    return not any(differences({name: sent}, {name: alone.told(name, sent, after)})) or _shown_otherwise(sent, after)


def _compare(
    check: Check,
    alone: Alone,
    sent: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    name: str,
    exchange: Exchange,
) -> None:
    rules = load_rules()
    if name in after and name not in alone.not_theirs:
        check(
            holds=_applied(alone, name, sent[name], before.get(name), after[name]),
            message=f"{check.operation} took {name}, and it does not read as it was sent.",
            expected=f"{name}: {show(sent[name])}",
            got=f"{name}: {show(after[name])}",
            signature=f"{name} is not what was sent",
            exchange=exchange,
        )
    follows = {*sent, *rules.volatile, *rules.follows.get(check.operation.id, {}).get(name, ())}
    changed = [n for n in before if n not in follows and not same(before[n], after.get(n, MISSING))]
    check(
        rule=KEEPS,
        holds=not changed,
        message=f"{check.operation} with {name} alone also changed {', '.join(changed)}.",
        expected=", ".join(f"{n}: {show(before[n])}" for n in changed),
        got=", ".join(f"{n}: {show(after.get(n))}" for n in changed),
        signature=f"{name} changes {', '.join(changed)}",
        exchange=exchange,
    )
