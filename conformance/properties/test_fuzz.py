"""Random cases: valid ones that nobody thought of, and broken ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.binding import broken_properties
from conformance.properties.cases import Sender
from conformance.properties.recording import nothing_to_do

if TYPE_CHECKING:
    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.adapter import Generator, Mode
    from conformance.properties.selection import Gear
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules


def can_break(operation: Operation) -> bool:
    """Is there anything that a random value could break? Looking for it in vain takes 20 s."""
    if operation.body is not None or operation.slots:
        return True
    return any(p.required or set(p.schema) - {"type"} or p.schema.get("type") != "string" for p in operation.parameters)


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_fuzz(
    operation: Operation,
    mode: Mode,
    world: World,
    wire: Wire,
    generator: Generator,
    schemas: SchemaChecker,
    gear: Gear,
) -> None:
    """Whatever is sent is answered as documented, and what breaks the contract is refused."""
    if not gear.fuzz:
        nothing_to_do("no random cases at this depth")
    breakable = mode == "positive" or can_break(operation)
    pinned = frozenset(world.requests[operation.id].pinned)
    cases = (
        [c for c in generator.fuzz(operation, mode, gear.fuzz) if not pinned & broken_properties(c)]
        if breakable
        else []
    )
    if not cases:
        nothing_to_do(f"nothing in it can be {'varied' if mode == 'positive' else 'broken'}")
    Sender(operation, world, wire, schemas).run(cases)
