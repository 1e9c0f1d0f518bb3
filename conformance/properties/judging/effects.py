"""Reads before and after a write: a rejected one must change nothing, an accepted one must break no reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.contract.json_equal import differing
from conformance.contract.tables.rules import load_rules
from conformance.peers import PeerUnavailable
from conformance.properties.judging.comparing import same, same_instant, stable
from conformance.world import CannotMake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.wire import Exchange, Wire
    from conformance.world import World

SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the readers showed at one moment.

    Attributes:
        made: how many objects the world had made by then.
        objects: kind -> identity of the objects that were read.
        bodies: reader -> its body, without what changes by itself; absent where everybody's objects are in it.
        exchanges: reader -> the exchange.
    """

    made: int = 0
    objects: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)


class Readers:
    """The operations that read what one operation writes, on the world's present objects."""

    def __init__(self, operation: Operation, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        rules = load_rules()
        kinds = list(wire.resources.slot_kinds(operation).values())
        made = wire.resources.created_by(operation.id)
        self._kinds = list(dict.fromkeys(kinds + self._named(operation)))
        own = set(self._kinds)
        self._readers = [r for kind in self._kinds for r in rules.readers.get(kind, ())]
        if made is not None:
            # of what it makes, only the lists can be asked: there is no object yet
            self._readers += [
                r
                for r in rules.readers.get(made.name, ())
                if made.name not in wire.resources.slot_kinds(wire.contract[r]).values()
            ]
            own.add(made.parent or "")
        self._readers = [
            r
            for r in dict.fromkeys(self._readers)
            if wire.contract[r].reads() and set(wire.resources.slot_kinds(wire.contract[r]).values()) <= own
        ]

    def __bool__(self) -> bool:
        return bool(self._readers)

    def _named(self, operation: Operation) -> list[str]:
        """Kinds that the valid request names in query or body."""
        template = self._world.requests[operation.id]
        known = self._wire.resources.kinds
        body = template.json if isinstance(template.json, dict) else {}
        texts = [v for v in (*template.query.values(), *body.values()) if isinstance(v, str)]
        return [t[1:] for t in texts if t.startswith("$") and t[1:] in known]

    def look(self) -> View:
        """Ask all readers; not observed, since they have tests of their own.

        Asking makes what the readers need: it is asked again until the world stands still.
        """
        view = self._look()
        for _ in range(2):
            if view.made == self._world.made:
                break
            view = self._look()
        return view

    def _look(self) -> View:
        view = View(made=self._world.made)
        for reader in self._readers:
            try:
                prepared = self._world.request(reader)
            except (CannotMake, PeerUnavailable):
                continue
            with self._wire.unchecked():
                exchange = self._wire.call(reader, expect=None, **prepared.arguments(), **prepared.path)
            view.exchanges[reader] = exchange
            if exchange.operation is not None and (exchange.operation.slots or prepared.query):
                view.bodies[reader] = _stable(exchange)
        for kind in self._kinds:
            known = self._world.known(kind)
            if known is not None:
                view.objects[kind] = known
        return view


def _stable(exchange: Exchange) -> Any:
    try:
        return stable(exchange.json())
    except ValueError:
        return exchange.content if exchange.status != SERVER_ERROR else None


def changed(before: View, after: View) -> Iterator[tuple[str, str]]:
    """Readers that show something else of the same objects, and what differs."""
    if before.made != after.made or before.objects != after.objects:
        return  # the world itself made something meanwhile
    for reader, body in before.bodies.items():
        other = after.bodies.get(reader)
        if reader in after.bodies and after.exchanges[reader].ok and not same(body, other):
            yield reader, _where(body, other)


def broken(before: View, after: View) -> Iterator[str]:
    """Readers that worked before and fail now."""
    for reader, exchange in after.exchanges.items():
        earlier = before.exchanges.get(reader)
        if earlier is not None and earlier.ok and exchange.status >= SERVER_ERROR:
            yield reader


def _where(one: Any, other: Any) -> str:
    """Names of the fields that differ, or the sizes of lists that do."""
    if isinstance(one, dict) and isinstance(other, dict):
        return ", ".join([*differing(one, other, texts=same_instant)][:5])
    if isinstance(one, list) and isinstance(other, list):
        return f"{len(one)} → {len(other)} elements"
    return "the body"
