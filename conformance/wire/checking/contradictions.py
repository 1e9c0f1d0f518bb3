"""Finds the reader that another one contradicts: where a check failed by what it tells, no write is to blame."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from conformance.contract.json_equal import equal
from conformance.contract.model import SAFE
from conformance.contract.places import at
from conformance.contract.tables.tellers import Told
from conformance.wire.checking.jury import borne_out
from conformance.wire.checking.objects import objects
from conformance.wire.checking.tellings import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conformance.contract.model import Operation
    from conformance.contract.tables.resources import Kind
    from conformance.contract.tables.tellers import Teller, Tellers, Way
    from conformance.wire.checking.jury import Jury
    from conformance.wire.exchanges.exchange import Exchange

MOST_READS: Final = 3
MOST_OBJECTS: Final = 3
"""So many readings, and of each so many objects from either end, are asked for a second time at most."""
PLACES: Final[tuple[str, ...]] = ("project", "task")
"""Parameters of lists that are called as the field is in which an element says where it belongs."""
PAGING: Final = frozenset({"page_size", "fields"})
"""Parameters that select nothing: a list with these and those of its way holds all that the way names."""
FEW: Final = 30
"""A list that was asked for no size may end after so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """An answer that is wrong, and why that is known."""

    exchange: Exchange
    why: str


@dataclass(frozen=True, slots=True)
class _Side:
    """What one answer tells of an object."""

    exchange: Exchange
    teller: Teller
    told: Mapping[str, Any]

    @property
    def operation(self) -> str:
        return self.exchange.operation.id if self.exchange.operation else ""


class Contradictions:
    """Asks a second reader of what a test read before a check of it failed.

    Args:
        tellers: which operations tell of objects, and how lists are asked for them.
        owns: whether the run made an object: nobody else writes to those.
        again: sends a request again.
        jury: asks other readers.
    """

    def __init__(
        self,
        tellers: Tellers,
        *,
        owns: Callable[[str, object], bool],
        again: Callable[[Exchange], Exchange],
        jury: Jury,
    ) -> None:
        self._tellers = tellers
        self._owns = owns
        self._again = again
        self._jury = jury
        self._agreed: set[tuple[str, str]] = set()

    def behind(self, history: Sequence[Exchange], shown: Exchange, question: str) -> Contradicted | None:
        """Of what was read from an exchange on, the answer that another reader contradicts; None where none does.

        Args:
            history: what was sent so far.
            shown: the exchange that a failed check names.
            question: whose check of which requirement it is. Where the readers agreed once, they are not asked again in
                the same question about the same operation.
        """
        asked = (question, shown.operation.id if shown.operation else "")
        if asked in self._agreed:
            return None
        found = self._behind(history, shown)
        if found is None:
            self._agreed.add(asked)
        return found

    def _behind(self, history: Sequence[Exchange], shown: Exchange) -> Contradicted | None:
        place = next((n for n, exchange in enumerate(history) if exchange is shown), None)
        if place is None or shown.operation is None:
            return None
        later = [shown] if shown.operation.reads() else history[place:]
        reads = {e.request.url: e for e in reversed(later) if self._tells(e)}
        for read in [*reads.values()][:MOST_READS]:
            now = self._again(read)
            for teller in self._tellers.operations[read.operation.id] if read.operation and now.ok else ():
                if found := self._itself(read, now, teller, history):
                    return found
                look = self._alone if teller.told is Told.ALONE else self._listed
                if found := look(read, now, teller, history):
                    return found
        return None

    def _tells(self, exchange: Exchange) -> bool:
        return (
            exchange.operation is not None
            and exchange.operation.reads()
            and exchange.ok
            and exchange.role == "default"
            and exchange.operation.id in self._tellers.operations
            and not _query(exchange).keys() & self._tellers.reshaping
        )

    def _itself(
        self, read: Exchange, now: Exchange, teller: Teller, history: Sequence[Exchange]
    ) -> Contradicted | None:
        """Asked again, with no write in between, it tells something else; what follows writes a moment later may."""
        place = next((n for n, exchange in enumerate(history) if exchange is read), 0)
        if any(exchange.request.method not in SAFE for exchange in [*history][place:]):
            return None
        free = self._tellers.free(teller) | self._tellers.free(replace(teller, told=Told.BY_A_WRITE))
        before, after = objects(read, teller), objects(now, teller)
        for identity in before.keys() & after.keys():
            one, other = before[identity], after[identity]
            for name in sorted((one.keys() & other.keys()) - free):
                if comparable(one[name], other[name]) and not self._tellers.same(name, one[name], other[name]):
                    why = f"asked once more, it tells {name} of {teller.kind.name} {identity} otherwise"
                    return Contradicted(exchange=read, why=f"{why}: {_short(other[name])}")
        return None

    def _alone(self, read: Exchange, now: Exchange, teller: Teller, history: Sequence[Exchange]) -> Contradicted | None:
        asked = [*read.path_values.values()][-1:]
        way = self._way(teller.kind)
        for identity, told in objects(now, teller).items():
            if asked and identity != asked[0]:
                return Contradicted(exchange=read, why=f"asked for {teller.kind.name} {asked[0]}, it tells {identity}")
            if way is None or not self._owns(teller.kind.name, identity):
                continue
            listing = self._jury.by(way, told)
            for other in self._tellers.operations.get(way.operation, ()) if listing is not None and listing.ok else ():
                listed = objects(listing, other).get(identity) if other.kind is teller.kind and listing else None
                if listed is not None and listing is not None:
                    alone = _Side(read, teller, told)
                    if found := self._differing(_Side(listing, other, listed), alone, identity, history):
                        return found
        return None

    def _listed(
        self, read: Exchange, now: Exchange, teller: Teller, history: Sequence[Exchange]
    ) -> Contradicted | None:
        kind = teller.kind
        told = {i: o for i, o in objects(now, teller).items() if self._owns(kind.name, i)}
        shown = _identities(now, teller)
        twice = next((i for i in told if shown.count(i) > 1), None)
        way = self._way(kind)
        own = way is not None and read.operation is not None and way.operation == read.operation.id
        if own and twice is not None:
            return Contradicted(exchange=read, why=f"it lists {kind.name} {twice} twice")
        if own and (astray := self._astray(read, kind, told)):
            return Contradicted(exchange=read, why=astray)
        for identity in dict.fromkeys([*told][:MOST_OBJECTS] + [*told][-MOST_OBJECTS:]):
            alone = self._jury.alone(kind, identity)
            if alone is None:
                break
            if alone.gone:
                return Contradicted(exchange=read, why=f"it lists {kind.name} {identity}, which is not found by itself")
            for itself in self._by_itself(kind, alone):
                if found := self._differing(_Side(read, teller, told[identity]), itself, identity, history):
                    return found
        missing = self._missing(read, teller, told, history) if own else ()
        for identity in [*missing][-MOST_OBJECTS:]:
            alone = self._jury.alone(kind, identity)
            if alone is not None and alone.ok and str((alone.object() or {}).get(kind.identity)) == identity:
                return Contradicted(exchange=read, why=f"it lacks {kind.name} {identity}, which is found by itself")
        return None

    def _astray(self, read: Exchange, kind: Kind, told: Mapping[str, Mapping[str, Any]]) -> str:
        """An element that says of itself that it belongs elsewhere than the list was asked for; empty if none does."""
        asked = {**_asked(read), **{name: [value] for name, value in read.path_values.items()}}
        fields = {name: name for name in PLACES if name in asked}
        for way in self._tellers.ways[kind.name]:
            if read.operation is not None and way.operation == read.operation.id:
                fields |= {name: field for name, field in way.takes.items() if name in asked}
        for identity, one in told.items():
            for name, field in fields.items():
                if one.get(field) is not None and str(one[field]) not in asked[name]:
                    wanted = ", ".join(asked[name])
                    return f"asked for {name} {wanted}, it lists {kind.name} {identity} of {field} {one[field]}"
        return ""

    def _by_itself(self, kind: Kind, alone: Exchange) -> Iterator[_Side]:
        for teller in self._tellers.operations.get(kind.read or "", ()):
            if teller.told is Told.ALONE:
                yield from (_Side(alone, teller, told) for told in objects(alone, teller).values())

    def _missing(
        self, read: Exchange, teller: Teller, told: Mapping[str, Any], history: Sequence[Exchange]
    ) -> dict[str, None]:
        """What was told before to be where this list looks, and is not in it."""
        way, asked = self._tellers.ways[teller.kind.name][0], {**_query(read), **read.path_values}
        size = int(asked.get("page_size") or FEW) if str(asked.get("page_size") or FEW).isdigit() else 0
        if asked.keys() - PAGING - way.takes.keys() or not way.takes.keys() <= asked.keys() or len(told) >= size:
            return {}
        found: dict[str, None] = {}
        for exchange in history:
            for other in self._tellers.operations.get(exchange.operation.id, ()) if exchange.operation else ():
                if other.kind is not teller.kind or not exchange.ok:
                    continue
                for identity, one in objects(exchange, other).items():
                    there = all(str(one.get(field)) == str(asked[name]) for name, field in way.takes.items())
                    if there and identity not in told and self._owns(teller.kind.name, identity):
                        found[identity] = None
        return found

    def _way(self, kind: Kind) -> Way | None:
        return next(iter(self._tellers.ways.get(kind.name, ())), None)

    def _differing(
        self, listed: _Side, alone: _Side, identity: str, history: Sequence[Exchange]
    ) -> Contradicted | None:
        """The one of the two that is wrong, where they tell different things of one object."""
        free = self._tellers.free(listed.teller) | self._tellers.free(alone.teller)
        for name in sorted((listed.told.keys() & alone.told.keys()) - free):
            one, other = listed.told[name], alone.told[name]
            if not comparable(one, other) or self._tellers.same(name, one, other):
                continue
            wrong, right = self._blamed(name, listed, alone, identity, history)
            what = f"{name} of {listed.teller.kind.name} {identity}"
            why = f"{right.operation} tells {what} otherwise: {_short(right.told[name])}"
            return Contradicted(exchange=wrong.exchange, why=why)
        return None

    def _blamed(
        self, name: str, listed: _Side, alone: _Side, identity: str, history: Sequence[Exchange]
    ) -> tuple[_Side, _Side]:
        """What was written bears one of them out, what did not move with a write is stale, or a third reader knows.

        Else the list is wrong.
        """
        kind, same = listed.teller.kind, partial(self._tellers.same, name)
        values = listed.told[name], alone.told[name]
        written = (body[name] for body in _sent(kind, identity, history) if name in body)
        sent = next(written, None)
        by_list = borne_out(() if sent is None else (sent,), *values, equal)
        if by_list is None:
            stale = [self._unmoved(name, side, identity, history) for side in (listed, alone)]
            by_list = stale[1] if stale[0] is not stale[1] else None
        if by_list is None:
            asked = {listed.operation, alone.operation}
            by_list = borne_out(self._jury.others(kind, alone.told, name, but=asked, known={}), *values, same)
        return (alone, listed) if by_list else (listed, alone)

    def _unmoved(self, name: str, side: _Side, identity: str, history: Sequence[Exchange]) -> bool:
        """Whether the same was told by this operation before the last write."""
        last = max((n for n, e in enumerate(history) if e.request.method not in SAFE and e.ok), default=0)
        return any(
            self._tellers.same(name, one[name], side.told[name])
            for exchange in [*history][:last]
            if exchange.ok and exchange.operation is not None and exchange.operation.id == side.operation
            if name in (one := objects(exchange, side.teller).get(identity, {}))
        )


def _identities(exchange: Exchange, teller: Teller) -> list[str]:
    try:
        return [str(o.get(teller.kind.identity)) for o in at(exchange.plain(), teller.at) if isinstance(o, dict)]
    except (ValueError, RecursionError):
        return []


def _query(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True))


def _asked(exchange: Exchange) -> dict[str, list[str]]:
    """Each parameter of a query with its values, be they one by one or with commas."""
    query = parse_qs(urlsplit(exchange.request.url).query, keep_blank_values=True)
    return {name: [one for value in values for one in value.split(",")] for name, values in query.items()}


def _sent(kind: Kind, identity: str, history: Sequence[Exchange]) -> Iterator[Mapping[str, Any]]:
    """The bodies that were written to an object, the last one first."""
    for exchange in reversed(history):
        if not exchange.ok or exchange.operation is None or exchange.operation.reads():
            continue
        made = exchange.operation.id == kind.create and str((exchange.object() or {}).get(kind.identity)) == identity
        if made or (_changes(exchange.operation, kind) and [*exchange.path_values.values()][-1:] == [identity]):
            try:
                body = json.loads(exchange.request.content or b"null")
            except ValueError:
                continue
            if isinstance(body, dict):
                yield body


def _changes(operation: Operation, kind: Kind) -> bool:
    area = (kind.read or "").rpartition(".")[0]
    return operation.method in {"PATCH", "PUT"} and operation.id.rpartition(".")[0] == area


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else f"{text[:100]} …"  # noqa: PLR2004 - a line of a terminal
