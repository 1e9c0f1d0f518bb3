"""Objects of a kind beside one that is deleted: made or listed before, and looked for afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.peers import PeerUnavailable
from conformance.properties.judging.witness import address, elements, list_of
from conformance.wire import RefusedByGuard
from conformance.world import CannotMake

if TYPE_CHECKING:
    from conformance.contract.tables.resources import Kind
    from conformance.wire import Exchange, Wire
    from conformance.world import World


class Siblings:
    """What there is of a kind beside one object: one more is made, and those count that the run made.

    Args:
        kind: of the objects.
    """

    def __init__(self, wire: Wire, world: World, kind: Kind) -> None:
        self._wire, self._world, self._kind = wire, world, kind
        self._made = self._one_more()
        self.list: Exchange | None = None
        """The list as it was answered last."""
        self._before = self._listed()

    def gone(self, deleted: object) -> list[str] | None:
        """Which others are neither listed nor read any more; None where there was none to look for."""
        before = {one for one in (*self._before, *self._made) if one != str(deleted)}
        if not before or self._kind.read is None:
            return None
        lacking = before - self._listed()
        return sorted(one for one in lacking if self._is_gone(one))

    def still_listed(self, deleted: object) -> bool | None:
        """Return whether the list of :meth:`gone` shows what was deleted; None where it had not been listed before."""
        if self.list is None or not self.list.ok or str(deleted) not in self._before:
            return None
        return any(str(one.get(self._kind.identity)) == str(deleted) for one in elements(self.list) or ())

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
        self.list = list_of(self._wire, self._world, self._kind)
        found = (elements(self.list) if self.list is not None else None) or ()
        identities = {str(one.get(self._kind.identity)) for one in found}
        return {one for one in identities if self._wire.ledger.owns(self._kind.name, one)}

    def _is_gone(self, identity: str) -> bool:
        read = self._kind.read or ""
        with self._wire.unchecked():
            return self._wire.call(read, expect=None, **address(self._wire, self._world, read, identity)).gone
