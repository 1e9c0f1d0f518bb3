"""Decides by the list of a kind whether a write was lost or a reader is wrong; says where objects are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.places import at
from conformance.contract.tables.rules import load_rules
from conformance.properties.judging.comparing import same
from conformance.world import CannotMake

if TYPE_CHECKING:
    from conformance.contract.tables.resources import Kind
    from conformance.wire import Exchange, Wire
    from conformance.world import World


class Witness:
    """One object as the list of its kind shows it: asked once, and only when somebody wants to know.

    Args:
        kind: of the object.
        identity: of the object.
    """

    def __init__(self, wire: Wire, world: World, kind: Kind, identity: object) -> None:
        self._wire, self._world, self._kind, self._identity = wire, world, kind, identity
        self._listed: dict[str, Any] | None = None
        self._asked = self._answered = False

    def says(self, name: str, wanted: object) -> bool:
        """Return whether the list shows this value: then the write was done, and a reader with another one is wrong."""
        if not self._asked:
            self._asked, self._listed = True, self._look()
        return self._listed is not None and name in self._listed and same(wanted, self._listed[name])

    def misses(self) -> bool:
        """Return whether there is a list, and the object is not in it."""
        self.says("", None)
        return self._answered and self._listed is None

    def _look(self) -> dict[str, Any] | None:
        found = listed(self._wire, self._world, self._kind)
        self._answered = found is not None
        return next((one for one in found or () if one.get(self._kind.identity) == self._identity), None)


def address(wire: Wire, world: World, read: str, identity: object) -> dict[str, Any]:
    """The values of the path at which one object is read, in the world's present place."""
    operation = wire.contract[read]
    values: dict[str, Any] = dict.fromkeys(operation.slots[-1:], identity)
    for slot, kind in wire.resources.slot_kinds(operation).items():
        if slot not in values:
            # a pause is one of the member whom its creation names
            given = world.requests[read].path.get(slot)
            values[slot] = world.get(kind) if given is None else world.resolve(given)
    return values


def listed(wire: Wire, world: World, kind: Kind) -> list[dict[str, Any]] | None:
    """What the list of a kind shows, in the world's present place; None where there is none, or no answer."""
    exchange = list_of(wire, world, kind)
    return None if exchange is None else elements(exchange)


def list_of(wire: Wire, world: World, kind: Kind) -> Exchange | None:
    """The answer of the list of a kind, in the world's present place; None where there is no such list."""
    operation = (kind.create or "").removesuffix(".create") + ".list"
    if operation not in {o.id for o in wire.contract}:
        return None
    try:
        prepared = world.request(operation)
    except CannotMake:
        return None
    with wire.unchecked():
        return wire.call(operation, expect=None, **prepared.arguments(), **prepared.path)


def elements(exchange: Exchange) -> list[dict[str, Any]] | None:
    """The objects that a list holds; None where it was not answered."""
    try:
        told = exchange.plain() if exchange.ok else None
    except ValueError:
        return None
    operation = exchange.operation.id if exchange.operation else ""
    places = [place["at"] for place in load_rules().filters.get(operation, {}).values()]
    found = [held for place in (*places, "/results/*", "/*") for held in at(told, place) if isinstance(held, dict)]
    return found if told is not None else None
