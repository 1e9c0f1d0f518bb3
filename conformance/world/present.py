"""Finds objects on a target that is only read: those named with ``--ids``, and what lists show below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.places import at
from conformance.contract.tables.rules import load_rules
from conformance.world.making import CannotMake, cannot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.wire import Wire
    from conformance.world.level import Identity, Supply

WITHOUT = frozenset({"project", "user"})
"""Kinds that are looked at only if a person names one: lists show those of other people, too."""


class Present:
    """Finds objects for a world that may make none.

    Args:
        world: that needs them.
        wire: what to send through.
        named: one object per kind, as a person named them.
    """

    def __init__(self, world: Supply, wire: Wire, named: Mapping[str, str]) -> None:
        self._world = world
        self._wire = wire
        self._named = named

    def find(self, kind: str) -> Identity:
        """An object of this kind: the one that was named, or the first that a list shows.

        Raises:
            CannotMake: there is none, or none may be looked at.
        """
        if kind in self._named:
            given = self._named[kind]
            return int(given) if given.isdecimal() else given
        if kind not in WITHOUT:
            for operation_id, place in self._lists(kind):
                listed = self._world.send(self._world.request(operation_id))
                if not listed.ok:
                    cannot(listed)
                key = self._wire.resources.kinds[kind].identity
                found = [one[key] for one in at(listed.json(), place) if isinstance(one, dict) and one.get(key)]
                if found:
                    identity: Identity = found[0]
                    return identity
        raise CannotMake(
            "", f"the target is only read: no {kind} was named ([ids] in the target file), and no list shows one"
        )

    def _lists(self, kind: str) -> Iterator[tuple[str, str]]:
        """Operations that list objects of a kind, and where they stand."""
        rules, resources = load_rules(), self._wire.resources
        for operation_id, filters in rules.filters.items():
            for rule in filters.values():
                if rule["kind"] == kind and resources.offered(self._wire.contract[operation_id]):
                    yield operation_id, rule["at"]
        yield from ((name, one.at) for name, one in rules.lists.items() if one.kind == kind)
        found = resources.kinds[kind].found
        if found is not None:
            yield found, resources.kinds[kind].at.rpartition("/")[0]
