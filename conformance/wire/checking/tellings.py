"""Compares what answers tell of one object between two writes: every operation has to tell the same."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from conformance.contract.json_equal import equal, same_instant
from conformance.contract.model import SAFE
from conformance.contract.tables.tellers import Teller, Told
from conformance.judge.observation import Outcome
from conformance.wire.checking.bodies import observed
from conformance.wire.checking.jury import borne_out
from conformance.wire.checking.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from conformance.contract.model import Operation
    from conformance.contract.tables.tellers import Tellers
    from conformance.judge.observation import Observation
    from conformance.wire.checking.jury import Jury
    from conformance.wire.exchanges.exchange import Exchange

RULE: Final = "told-alike"
MISSING: Final = object()
"""What an answer says of a field that the contract declares there, and that it does not have."""
Key = tuple[str, str]
"""Kind and identity."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one answer says of a field."""

    value: Any
    exchange: Exchange
    teller: Teller

    @property
    def operation(self) -> str:
        """By its id."""
        return self.exchange.operation.id if self.exchange.operation else ""


@dataclass(slots=True)
class _Known:
    """What was told of an object since the last write, and what that write sent."""

    fields: dict[str, Telling] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)


Record = dict[Key, _Known]
"""What was told between two writes."""


class Tellings:
    """What was told of each object since the last write, and where two answers differ.

    A request that is under way beside a write tells nothing: nobody knows whether it was answered before or after.
    Each write begins a new record, so that an answer of before it is never compared with one of after it, however late
    its thread comes to compare it.

    Args:
        tellers: which operations tell of objects.
        owns: whether the run made an object: nobody else writes to those.
        again: sends a request again.
        jury: asks further readers, where two differ; None where nobody is to be asked.
    """

    def __init__(
        self,
        tellers: Tellers,
        *,
        owns: Callable[[str, object], bool],
        again: Callable[[Exchange], Exchange],
        jury: Jury | None = None,
    ) -> None:
        self._tellers = tellers
        self._owns = owns
        self._again = again
        self._jury = jury
        self._record: Record = {}
        self._lock = threading.Lock()
        self._under_way = 0

    def begin(self, method: str) -> Record:
        """Say that a request leaves; returns what :meth:`end` takes."""
        with self._lock:
            alone = not self._under_way
            if method not in SAFE:
                self._record = {}
                self._under_way += 1
            return self._record if alone else {}  # a record that is nobody's: it may be answered before, or after

    def end(self, method: str, record: Record) -> Record | None:
        """Say that it was answered; returns what :meth:`look` takes, None if another write was under way meanwhile."""
        with self._lock:
            if method not in SAFE:
                self._under_way -= 1
            return record if record is self._record and not self._under_way else None

    def forget(self) -> None:
        """Forget all, as something may be written that does not go through here."""
        with self._lock:
            self._record = {}

    def look(self, exchange: Exchange, record: Record) -> Iterator[tuple[Exchange, Observation]]:
        """Compare an answer with those before it; yields what comes of it, each with the exchange that shows it."""
        tellers = self._tellers.operations.get(exchange.operation.id, ()) if exchange.operation else ()
        if not tellers or not exchange.ok or exchange.role != "default" or exchange.content[:1] not in {b"[", b"{"}:
            return
        parameters = parse_qs(urlsplit(exchange.request.url).query, keep_blank_values=True).keys()
        if parameters & self._tellers.reshaping:
            return
        asked: dict[str, Exchange | None] = {}
        for teller in tellers:
            due = dict.fromkeys(() if parameters & self._tellers.selecting else teller.due, MISSING)
            for identity, one in objects(exchange, teller).items():
                if self._owns(teller.kind.name, identity):
                    known = record.setdefault((teller.kind.name, identity), _Known())
                    yield from self._compare(exchange, teller, {**due, **one}, known, asked)

    def _compare(
        self,
        exchange: Exchange,
        teller: Teller,
        one: Mapping[str, Any],
        known: _Known,
        asked: dict[str, Exchange | None],
    ) -> Iterator[tuple[Exchange, Observation]]:
        identity = str(one[teller.kind.identity])
        if teller.told is Told.BY_A_WRITE:
            known.sent = _body(exchange)
        agreed = dict[str, Telling]()
        for name in sorted(one.keys() - self._tellers.free(teller)):
            new = Telling(one[name], exchange, teller)
            old = known.fields.setdefault(name, new)
            if old.value is MISSING:
                known.fields[name] = new
            if old.operation == new.operation or not comparable(old.value, new.value):
                continue
            if self._tellers.same(name, old.value, new.value):
                agreed.setdefault(old.operation, old)
                if new.teller.told < old.teller.told:
                    known.fields[name] = new
            elif all(self._lasts(name, identity, telling, asked) for telling in (old, new)):
                wrong, right = blamed(old, new, known.sent.get(name), self._others(name, old, new, one, asked))
                yield wrong.exchange, _differs(teller, name, wrong, right)
        for old in agreed.values():
            yield exchange, observed(_teller_of(exchange), RULE, Outcome.PASS)
            yield old.exchange, observed(_teller_of(old.exchange), RULE, Outcome.PASS)

    def _others(
        self, name: str, old: Telling, new: Telling, one: Mapping[str, Any], asked: dict[str, Exchange | None]
    ) -> Iterator[Any]:
        if self._jury is not None:
            before = {old.operation, new.operation}
            yield from self._jury.others(new.teller.kind, one, name, but=before, known=asked)

    def _lasts(self, name: str, identity: str, telling: Telling, asked: dict[str, Exchange | None]) -> bool:
        """Whether it is told still when asked again: else it was the object that changed, by itself."""
        first = telling.exchange
        if first.request.method not in SAFE:
            return True
        if first.request_id not in asked:
            asked[first.request_id] = self._again(first)
        second = asked[first.request_id]
        one = objects(second, telling.teller).get(identity) if second and second.ok else None
        return one is not None and self._tellers.same(name, one.get(name, MISSING), telling.value)


def _teller_of(exchange: Exchange) -> Operation:
    """The operation that told: what is kept here was told by one.

    Raises:
        ValueError: it is no exchange of a teller.
    """
    if exchange.operation is None:
        raise ValueError(f"{exchange.request.url}: no operation tells of this")
    return exchange.operation


def comparable(one: Any, other: Any) -> bool:
    """Two values of one type, or one and nothing; of another type, or nothing in two ways, schemas say enough."""
    if _is_nothing(one) or _is_nothing(other):
        return _is_nothing(one) is not _is_nothing(other)
    if isinstance(one, list) and isinstance(other, list):
        return comparable(one[0], other[0])  # numbers here and objects there
    number = (int, float)
    return type(one) is type(other) or (isinstance(one, number) and isinstance(other, number))


def _is_nothing(value: Any) -> bool:
    return value is MISSING or value is None or value in ("", [], {})


def blamed(old: Telling, new: Telling, sent: Any, others: Iterable[Any] = ()) -> tuple[Telling, Telling]:
    """Of two that differ, the one that is wrong, and the other.

    What is missing is wrong; what was written bears one of them out, or a third reader; else the object by itself is
    right, and a list is least.
    """
    for wrong, right in ((old, new), (new, old)):
        if wrong.value is MISSING:
            return wrong, right
    by_new = borne_out(() if sent is None else (sent,), new.value, old.value, equal)
    if by_new is None:
        by_new = borne_out(others, new.value, old.value, partial(equal, texts=same_instant))
    if by_new is not None:
        return (old, new) if by_new else (new, old)
    return (new, old) if new.teller.told >= old.teller.told else (old, new)


def _differs(teller: Teller, name: str, wrong: Telling, right: Telling) -> Observation:
    how = "missing" if wrong.value is MISSING else f"not as in {right.operation}"
    return observed(
        _teller_of(wrong.exchange),
        RULE,
        Outcome.FAIL,
        message=f"{wrong.operation} and {right.operation} tell different things of {name} of one {teller.kind.name}, "
        "with no write in between.",
        expected=f"{_short(right.value)}, as {right.operation} tells",
        got=_short(wrong.value),
        signature=f"/{name}: {how}",
    )


def _short(value: Any) -> str:
    if value is MISSING:
        return "nothing: the field is not there"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:180]} …"  # noqa: PLR2004 - a line or two of a terminal


def _body(exchange: Exchange) -> Mapping[str, Any]:
    try:
        body = json.loads(exchange.request.content or b"")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
