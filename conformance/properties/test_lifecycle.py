"""Use after delete: children of a deleted parent, and writes to what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.registry import shows
from conformance.wire.checking.deeds import NOT_THERE

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.tables.resources import Kind
    from conformance.properties.judging.recording import Check
    from conformance.wire import Wire
    from conformance.world import World

# what is gone is asked for, and deleted, again: its id may be somebody else's by now (Label Studio's own imports give
# ids anew on SQLite), and nobody else's test is to lose by that, or to be taken for what was deleted
pytestmark = pytest.mark.alone


def _parent(wire: Wire, operation: Operation) -> Kind | None:
    """The kind that the object of a read operation goes away with, where an operation deletes one."""
    kinds = wire.resources.kinds
    kind = next((k for k in kinds.values() if k.read == operation.id), None)
    parent = kinds.get(kind.parent or "") if kind else None
    return parent if parent is not None and parent.delete is not None else None


@shows("gone-with-parent", depth="gate")
def test_child_of_deleted_parent(operation: Operation, fresh_world: World, wire: Wire, check: Check) -> None:
    """What hung on something that was deleted can't be read any more."""
    parent = _parent(wire, operation)
    if parent is None or parent.delete is None:
        nothing_to_do("it does not hang on anything that can be deleted")
    with check.prerequisites():
        prepared = fresh_world.request(operation.id)
        deletion = fresh_world.request(parent.delete, beside=operation.id)
    before = fresh_world.send(prepared)
    deleted = fresh_world.send(deletion)
    if not before.ok or not deleted.ok:
        nothing_to_do(f"nothing to see: {before.brief()}, {deleted.brief()}")
    after = fresh_world.send(prepared, deed=NOT_THERE)
    check(
        holds=after.gone,
        message=f"{operation} still answers {after.status} after its {parent.name} was deleted.",
        expected="status 404",
        got=after.brief(),
        signature=f"HTTP {after.status}",
        exchange=after,
    )


@shows("use-after-delete", depth="gate")
def test_write_to_what_is_gone(operation: Operation, world: World, wire: Wire, check: Check) -> None:
    """A change of something that was deleted finds nothing to change."""
    kind = next(reversed(wire.resources.slot_kinds(operation).values()), None)
    delete = wire.resources.kinds[kind].delete if kind else None
    if kind is None or delete is None:
        nothing_to_do("what it changes can't be deleted")
    with check.prerequisites():
        prepared = world.request(operation.id)
        deleted = world.send(world.request(delete))
    if not deleted.ok:
        nothing_to_do(f"nothing was deleted: {deleted.brief()}")
    exchange = world.send(prepared, deed=NOT_THERE)
    check(
        holds=exchange.gone,
        message=f"{operation} answered {exchange.status} for a {kind} that was deleted before.",
        expected="status 404",
        got=exchange.brief(),
        signature=f"HTTP {exchange.status}",
        exchange=exchange,
    )
