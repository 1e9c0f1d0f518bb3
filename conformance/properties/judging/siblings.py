"""Objects of a kind beside one that is deleted: made or listed before, and looked for afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.peers import PeerUnavailable
from conformance.properties.judging.witness import address, listed
from conformance.wire import RefusedByGuard
from conformance.world import CannotMake

if TYPE_CHECKING:
    from conformance.contract.tables.resources import Kind
    from conformance.wire import Wire
    from conformance.world import World


class Siblings:
    """What there is of a kind beside one object: one more is made, and those count that the run made.

    Args:
        kind: of the objects.
    """

    def __init__(self, wire: Wire, world: World, kind: Kind) -> None:
        self._wire, self._world, self._kind = wire, world, kind
        self._made = self._one_more()
        self._before = self._listed()

    def gone(self, deleted: object) -> list[str] | None:
        """Which others are neither listed nor read any more; None where there was none to look for."""
        before = {one for one in (*self._before, *self._made) if one != str(deleted)}
        if not before or self._kind.read is None:
            return None
        lacking = before - self._listed()
        return sorted(one for one in lacking if self._is_gone(one))

    def _one_more(self) -> list[str]:
        if self._kind.create is None or self._kind.read is None:
            return []
        try:
            with self._wire.unchecked():
                made = self._world.send(self._world.request(self._kind.create))
        except (CannotMake, PeerUnavailable, RefusedByGuard):
            return []
        identity = (made.object() or {}).get(self._kind.identity) if made.ok else None
        return [] if identity is None else [str(identity)]

    def _listed(self) -> set[str]:
        found = listed(self._wire, self._world, self._kind) or ()
        identities = {str(one.get(self._kind.identity)) for one in found}
        return {one for one in identities if self._wire.ledger.owns(self._kind.name, one)}

    def _is_gone(self, identity: str) -> bool:
        read = self._kind.read or ""
        with self._wire.unchecked():
            return self._wire.call(read, expect=None, **address(self._wire, self._world, read, identity)).gone
