"""Use after delete: children of a deleted parent, and writes to what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.conditions import applies
from conformance.properties.judging.recording import making, nothing_to_do, observe

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.resources import Kind
    from conformance.properties.generation.selection import Gear
    from conformance.wire import Exchange, Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules("gone-with-parent", "use-after-delete")
GONE = (404, 410)
SERVER_ERROR = 500


def _parent(wire: Wire, operation: Operation) -> Kind | None:
    """The kind that the object of a read operation goes away with, where an operation deletes one."""
    kinds = wire.resources.kinds
    kind = next((k for k in kinds.values() if k.read == operation.id), None)
    parent = kinds.get(kind.parent or "") if kind else None
    return parent if parent is not None and parent.delete is not None else None


@applies("gone-with-parent")
def test_child_of_deleted_parent(operation: Operation, fresh_world: World, wire: Wire, gear: Gear) -> None:
    """What hung on something that was deleted can't be read any more."""
    if not gear.thorough:
        nothing_to_do("not at this depth")
    parent = _parent(wire, operation)
    if parent is None or parent.delete is None:
        nothing_to_do("it does not hang on anything that can be deleted")
    with making(wire, operation, "gone-with-parent"):
        prepared = fresh_world.request(operation.id)
        deletion = fresh_world.request(parent.delete)
    before = fresh_world.send(prepared)
    deleted = fresh_world.send(deletion)
    if not before.ok or not deleted.ok:
        nothing_to_do(f"nothing to see: {before.brief()}, {deleted.brief()}")
    _judge(wire, operation, parent.name, fresh_world.send(prepared))


@applies("use-after-delete")
def test_write_to_what_is_gone(operation: Operation, world: World, wire: Wire, gear: Gear) -> None:
    """A change of something that was deleted finds nothing to change."""
    if not gear.thorough:
        nothing_to_do("not at this depth")
    kind = next(reversed(wire.resources.slot_kinds(operation).values()), None)
    delete = wire.resources.kinds[kind].delete if kind else None
    if kind is None or delete is None:
        nothing_to_do("what it changes can't be deleted")
    with making(wire, operation, "use-after-delete"):
        prepared = world.request(operation.id)
        deleted = world.send(world.request(delete))
    if not deleted.ok:
        nothing_to_do(f"nothing was deleted: {deleted.brief()}")
    exchange = world.send(prepared)
    observe(
        wire,
        operation,
        "use-after-delete",
        holds=exchange.status in GONE,
        message=f"{operation} answered {exchange.status} for a {kind} that was deleted before.",
        expected="status 404",
        got=exchange.brief(),
        signature=f"HTTP {exchange.status}",
        exchange=exchange,
    )


def _judge(wire: Wire, operation: Operation, parent: str, after: Exchange) -> None:
    observe(
        wire,
        operation,
        "gone-with-parent",
        holds=after.status in GONE,
        message=f"{operation} still answers {after.status} after its {parent} was deleted.",
        expected="status 404",
        got=after.brief(),
        signature=f"HTTP {after.status}",
        exchange=after,
    )
