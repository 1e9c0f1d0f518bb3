"""Asks further readers, where two tell different things of one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from conformance.contract.tables.tellers import Way
from conformance.wire.checking.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from conformance.contract.tables.resources import Kind
    from conformance.contract.tables.tellers import Tellers
    from conformance.wire.exchanges.exchange import Exchange


def borne_out(told: Iterable[Any], one: Any, other: Any, same: Callable[[Any, Any], bool]) -> bool | None:
    """Whether it is the former of two values that the first to tell them apart says; None where nobody does."""
    for value in told:
        if same(value, one) is not same(value, other):
            return same(value, one)
    return None


class Asks(Protocol):
    """Calls an operation that reads, seen by nobody."""

    def __call__(self, operation_id: str, values: Mapping[str, object], /) -> Exchange | None:
        """With the values of its path and query by name; one without a name is for a path that has one slot."""


class Jury:
    """All readers of an object that a run can ask for it.

    Args:
        tellers: which operations tell of objects, and how they are asked.
        ask: calls one.
    """

    def __init__(self, tellers: Tellers, ask: Asks) -> None:
        self._tellers = tellers
        self._ask = ask

    def alone(self, kind: Kind, identity: str) -> Exchange | None:
        """The object by itself."""
        return self._ask(kind.read, {"": identity}) if kind.read else None

    def by(self, way: Way, told: Mapping[str, Any]) -> Exchange | None:
        """What one reader answers that has the object; None where nobody knows what to ask it for."""
        if not {*way.takes.values()} <= told.keys():
            return None
        return self._ask(way.operation, {**way.given, **{name: told[field] for name, field in way.takes.items()}})

    def others(
        self, kind: Kind, told: Mapping[str, Any], name: str, *, but: Collection[str], known: dict[str, Exchange | None]
    ) -> Iterator[Any]:
        """What other readers tell of a field of an object, one after the other.

        Args:
            kind: of the object.
            told: what is told of it.
            name: of the field.
            but: operations that were asked before.
            known: what others answered before, of this object or another.
        """
        identity = str(told.get(kind.identity))
        ways = [Way(operation=kind.read, takes={"": kind.identity}, given={})] if kind.read else []
        for way in (*ways, *self._tellers.ways.get(kind.name, ())):
            if way.operation in but:
                continue
            key = f"{way.operation} {identity}"
            if key not in known:
                known[key] = self.by(way, told)
            yield from self._said(kind, identity, known[key], name)

    def _said(self, kind: Kind, identity: str, answer: Exchange | None, name: str) -> Iterator[Any]:
        if answer is None or not answer.ok or answer.operation is None:
            return
        for teller in self._tellers.operations.get(answer.operation.id, ()):
            found = objects(answer, teller).get(identity, {}) if teller.kind.name == kind.name else {}
            if name in found and name not in self._tellers.free(teller):
                yield found[name]
