"""Covering cases: each enum value, limit, type and property of every operation, right and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.cases import Sender
from conformance.properties.selection import select

if TYPE_CHECKING:
    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.adapter import Generator
    from conformance.properties.selection import Gear
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules


def test_coverage(
    operation: Operation, world: World, wire: Wire, generator: Generator, schemas: SchemaChecker, gear: Gear
) -> None:
    """Whatever is sent is answered as documented, and what breaks the contract is refused."""
    pinned = world.requests[operation.id].pinned
    Sender(operation, world, wire, schemas, watch=True).run(select(generator.coverage(operation), gear, pinned=pinned))
