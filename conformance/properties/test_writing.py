"""Create, change, delete: what was written is there, nothing else changed, and what was deleted is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.contract.places import at
from conformance.contract.tables.requests.prepared import NOTHING
from conformance.contract.tables.rules import load_rules
from conformance.properties.generation.alone import Alone
from conformance.properties.generation.bodies import resolved, rich_body
from conformance.properties.judging.comparing import differences, same, show
from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.judging.siblings import Siblings
from conformance.properties.judging.witness import Witness, address
from conformance.properties.registry import shows
from conformance.wire.checking.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation, SchemaChecker
    from conformance.contract.tables.requests.prepared import Prepared
    from conformance.properties.judging.recording import Check
    from conformance.wire import Exchange, Wire
    from conformance.world import World


NO_CONTENT = 204


@shows("read-back")
def test_read_back(operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    """What was created can be read, equal to what was sent, and equal to what the creation answered."""
    with check.prerequisites():
        prepared = world.request(operation.id)
    _read_back(prepared, world, wire, schemas, check)


@shows("read-back", depth="gate")
def test_read_back_rich(operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    """So does an object of which every field is set, none of them to its default or to something plain."""
    kind = wire.resources.created_by(operation.id)
    rich = rich_body(kind.name) if kind is not None else None
    if not isinstance(rich, dict):
        nothing_to_do("no object of it has every field set")
    with check.prerequisites():
        prepared = replace(world.request(operation.id), json=resolved(rich, world))
    _read_back(prepared, world, wire, schemas, check)


@shows("read-back", depth="gate")
def test_read_back_empty(operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    """So does an object whose fields are sent as 0, as an empty text or as an empty list: that is not nothing."""
    with check.prerequisites():
        alone = Alone(operation, world, wire)
        empty = alone.emptied()
        if not empty:
            nothing_to_do("no field of it can be empty")
        with wire.unchecked():  # where it breaks the server, the field that does is told, by a request of its own
            whole = world.send(alone.prepared({**alone.smallest, **empty}))
        if not whole.ok:
            taken = {n: world.send(alone.prepared({**alone.smallest, n: empty[n]}), deed=f"{n}: empty") for n in empty}
            empty = {n: empty[n] for n, one in taken.items() if one.ok}
        if not empty:
            nothing_to_do("no field of it is taken empty")
    _read_back(alone.prepared({**alone.smallest, **empty}), world, wire, schemas, check)


@shows("read-back", depth="gate")
def test_read_back_longest(
    operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check
) -> None:
    """So does an object whose texts are as long as the contract lets them be."""
    with check.prerequisites():
        alone = Alone(operation, world, wire)
        longest = alone.longest()
        if not longest:
            nothing_to_do("no text of it has a greatest length")
        with wire.unchecked():  # what is refused at that length, another rule tells
            whole = world.send(alone.prepared({**alone.smallest, **longest}))
            if not whole.ok:
                taken = {n: world.send(alone.prepared({**alone.smallest, n: longest[n]})) for n in longest}
                longest = {n: longest[n] for n, one in taken.items() if one.ok}
        if not longest:
            nothing_to_do("no text of it is taken at its greatest length")
    _read_back(alone.prepared({**alone.smallest, **longest}), world, wire, schemas, check)


def _read_back(prepared: Prepared, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    kind = wire.resources.created_by(check.operation.id)
    if kind is None or kind.read is None:
        nothing_to_do("no operation reads it")
    with check.prerequisites():
        created = world.send(prepared)
        if not created.ok:
            nothing_to_do(f"nothing was created: {created.brief()}")
        identity = created.json()[kind.identity]
        read = wire.call(kind.read, expect=None, **address(wire, world, kind.read, identity))
    shown = read.object()
    if not read.ok or shown is None:
        check(
            holds=False,
            message=f"What {check.operation} created can't be read.",
            expected="status 200 with the object",
            got=read.brief(),
            signature=f"HTTP {read.status}",
            exchange=read,
        )
        return
    sent = prepared.json if isinstance(prepared.json, dict) else {}
    reading = _Reading(read, created, Witness(wire, world, kind, identity))
    _compare(check, schemas, "read-back", sent, shown, reading, "was sent")
    # only what a client can write: counters and states may be filled in later
    answered = {
        k: v
        for k, v in (created.object() or {}).items()
        if k in wire.contract.writable(check.operation) and v is not None
    }
    _compare(check, schemas, "read-back", answered, shown, reading, "was answered to the creation")


@shows("listed")
def test_listed(operation: Operation, world: World, wire: Wire, check: Check) -> None:
    """What was created is in the list of its kind."""
    kind = wire.resources.created_by(operation.id)
    listing = next((op for op in load_rules().filters.items() if kind and _kind_of(op[1]) == kind.name), None)
    if kind is None or listing is None:
        nothing_to_do("no list of it")
    with check.prerequisites():
        made = world.get(kind.name)
        request = world.request(listing[0])
        exchange = world.send(request)
    if not exchange.ok:
        nothing_to_do(f"the list can't be had: {exchange.brief()}")
    place = next(iter(listing[1].values()))["at"]
    elements = at(exchange.json(), place)
    identities = [e.get(kind.identity) for e in elements if isinstance(e, dict)]
    hidden = made not in identities and kind.read is not None and _is_there(wire, world, kind.read, made)
    check(
        holds=made in identities,
        blamed=listing[0] if hidden else "",
        message=f"What {operation} created is not in {wire.contract[listing[0]]}.",
        expected=f"an element with {kind.identity} {made}",
        got=show(identities),
        signature="not in the list",
        exchange=exchange,
    )


@shows("patch-applies", "patch-keeps-rest")
def test_patch(operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    """PATCH changes what was sent, and nothing else that a client may write."""
    kind = next((k for k in wire.resources.kinds.values() if k.read and _path_of(wire, k.read) == operation.path), None)
    if kind is None or kind.read is None:
        nothing_to_do("no operation reads it")
    with check.prerequisites():
        prepared = world.request(operation.id)
        before = wire.call(kind.read, expect=None, **prepared.path)
        patched = world.send(prepared)
        after = wire.call(kind.read, expect=None, **prepared.path)
    old, new = before.object(), after.object()
    if not patched.ok or old is None or new is None or prepared.json is NOTHING:
        nothing_to_do(f"nothing to compare: {patched.brief()}, {after.brief()}")
    reading = _Reading(after, patched, Witness(wire, world, kind, old.get(kind.identity)))
    _compare(check, schemas, "patch-applies", prepared.json, new, reading, "was sent")
    untouched = {k: v for k, v in old.items() if k in wire.contract.writable(operation) and k not in prepared.json}
    _compare(check, schemas, "patch-keeps-rest", untouched, new, reading, "was there before, and was not sent")


@shows("patch-applies", depth="gate")
def test_patch_many(operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, check: Check) -> None:
    """So does a PATCH of many fields at once, on an object of which all are set."""
    kind = next((k for k in wire.resources.kinds.values() if k.read and _path_of(wire, k.read) == operation.path), None)
    with check.prerequisites():
        alone = Alone(operation, world, wire)
        body = alone.altered()
        if kind is None or kind.read is None or len(body) <= len(alone.smallest):
            nothing_to_do("nothing that is read has several fields to change")
        path = alone.rich_object()
        patched = world.send(alone.prepared(body, path))
        after = wire.call(kind.read, expect=None, **path)
    new = after.object()
    if not patched.ok or new is None:
        nothing_to_do(f"nothing to compare: {patched.brief()}, {after.brief()}")
    reading = _Reading(after, patched, Witness(wire, world, kind, new.get(kind.identity)))
    sent = {n: v for n, v in body.items() if n not in alone.not_theirs and not alone.named(n)}
    _compare(check, schemas, "patch-applies", sent, new, reading, "was sent, among others")


@shows("gone", "delete-again", "spares")
def test_delete(operation: Operation, world: World, wire: Wire, check: Check) -> None:
    """What was deleted can't be read; deleting it again finds nothing; others of its kind stay."""
    kind = wire.resources.deleted_by(operation.id)
    with check.prerequisites():
        prepared = world.request(operation.id)
    siblings = Siblings(wire, world, kind) if kind is not None else None
    deleted = world.send(prepared)
    if not deleted.succeeded or kind is None or route_missing(deleted):
        nothing_to_do(f"nothing was deleted: {deleted.brief()}")
    if kind.read is not None:
        identity = next(reversed(list(prepared.path.values())), None)
        read = wire.call(kind.read, expect=None, **prepared.path)
        check(
            holds=read.gone,
            message=f"What {operation} deleted is still answered {read.status}.",
            expected="status 404",
            got=str(read.status),
            signature=f"HTTP {read.status}",
            exchange=read,
            blamed=kind.read if read.ok and Witness(wire, world, kind, identity).misses() else "",
        )
    gone = siblings.gone(prepared.path.get(operation.slots[-1])) if siblings and operation.slots else None
    if gone is not None:
        check(
            rule="spares",
            holds=not gone,
            message=f"{operation} of one {kind.name} deleted others, too.",
            expected="all others as they were",
            got=f"gone as well: {show(gone)}",
            signature="others are gone",
            exchange=deleted,
        )
    identity = prepared.path.get(operation.slots[-1]) if operation.slots else None
    still = siblings.still_listed(identity) if siblings is not None and gone is not None else None
    if still is not None and siblings is not None and siblings.list is not None:
        check(
            holds=not still,
            message=f"What {operation} deleted is still listed.",
            expected=f"no element with {kind.identity} {identity}",
            got="it is in the list",
            signature="still in the list",
            exchange=siblings.list,
            blamed=siblings.list.operation.id if siblings.list.operation else "",
        )
    again = wire.call(operation.id, expect=None, **prepared.path)
    check(
        rule="delete-again",
        holds=again.gone or again.status in {*operation.success, NO_CONTENT},
        message=f"A second {operation} was answered {again.status}.",
        expected="status 404",
        got=str(again.status),
        signature=f"HTTP {again.status}",
        exchange=again,
    )


def _is_there(wire: Wire, world: World, read: str, identity: object) -> bool:
    """Return whether it can be read: then it was made, and it is the list that lacks it."""
    return wire.call(read, expect=None, **address(wire, world, read, identity)).ok


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read after a write, the write, and somebody else who knows."""

    read: Exchange
    write: Exchange
    witness: Witness

    def blamed(self, name: str, wanted: object) -> str:
        """The reader, if the write's answer and the list say otherwise; else empty: the write."""
        told = self.write.object() or {}
        lied = name in told and same(wanted, told[name]) and self.witness.says(name, wanted)
        return self.read.operation.id if lied and self.read.operation else ""


def _compare(
    check: Check,
    schemas: SchemaChecker,
    rule: str,
    expected: Mapping[str, Any],
    got: Mapping[str, Any],
    reading: _Reading,
    why: str,
) -> None:
    """Record what differs; where the write and the list agree, it is the reader that is wrong."""
    exchange = reading.read
    different = [
        (name, wanted, came)
        for name, wanted, came in differences(expected, got, ignoring=load_rules().volatile)
        if _showable(exchange, got, name, wanted, schemas)
    ]
    if not different:
        check(rule=rule, holds=True)
    for name, wanted, came in different:
        check(
            rule=rule,
            holds=False,
            message=f"{name} does not read as it {why} ({check.operation}).",
            expected=f"{name}: {show(wanted)}",
            got=f"{name}: {show(came)}",
            signature=f"{rule} {name}",
            exchange=exchange,
            blamed=reading.blamed(name, wanted),
        )


def _showable(exchange: Exchange, shown: Mapping[str, Any], name: str, value: Any, schemas: SchemaChecker) -> bool:
    """Return whether the answer's schema can hold the value: a number that is shown as an object can't be compared."""
    documented = exchange.operation.responses.get(exchange.status) if exchange.operation else None
    media = documented.content.get("application/json") if documented else None
    if media is None:
        return True
    violations = schemas.violations(media.pointer, {**shown, name: value})
    return not any(v.instance == f"/{name}" or v.instance.startswith(f"/{name}/") for v in violations)


def _path_of(wire: Wire, operation_id: str) -> str:
    return wire.contract[operation_id].path


def _kind_of(filters: Mapping[str, Mapping[str, str]]) -> str:
    return next(iter(filters.values()))["kind"]
