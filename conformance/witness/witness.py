"""Lets the official client read each kind of answer once, and says what its users get: two rules, and a mark.

``official-client-reads``: the client's method takes the answer. It builds its models without checking, so it raises
only where an answer can't be read at all: no JSON, something else than an object where an object is declared. Versions
before 2 check all of it. Where it raises on an answer that keeps to the contract, the client is to blame, and it is
told as a warning. ``official-client-types``: what the method returns is what it declares: code that trusts that
a field is there, or is a text, breaks on it.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from conformance.judge.observation import Outcome, Reads, Verb
from conformance.peers.errors import PeerUnavailable
from conformance.wire.checking.bodies import asks_for_some, observed
from conformance.witness.client import NAME, Client
from conformance.witness.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.contract import Operation
    from conformance.judge.observation import Observation
    from conformance.peers.base import Site
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.witness.client import Reading

READS: Final = "official-client-reads"
TYPES: Final = "official-client-types"
SCHEMA: Final = "response-schema"
LARGEST: Final = 1 << 21
"""Longer answers are not handed on: their kind comes in a shorter one, too."""
KINDS: Final = 40
"""So many kinds of answer of one operation are read that break the contract in the same way, or not at all."""
Key: TypeAlias = tuple[str, ...]


class Witness:
    """Reads answers with one or several versions of the official client.

    Args:
        site: where the clients are installed and write their logs.
        versions: of ``label-studio-sdk``.
        free: names of fields that hold what people write.
        partial: operation -> query parameters by which some of the fields can be asked for.
        left_out: why no client reads; empty where one does.
    """

    def __init__(
        self,
        site: Site,
        versions: Sequence[str],
        *,
        free: frozenset[str] = frozenset(),
        partial: Mapping[str, frozenset[str]] | None = None,
        left_out: str = "",
    ) -> None:
        self._site = site
        self._clients = [Client(version, site) for version in versions]
        self._free = free
        self._partial = partial or {}
        self._problem = PeerUnavailable(NAME, left_out, "Let it read: --official-client all.") if left_out else None
        self._known: dict[Key, tuple[Reading, ...]] = {}
        self._starting: threading.Thread | None = None
        self._lock = threading.Lock()  # scenarios about concurrency send from several threads
        self._kinds: Counter[Key] = Counter()

    def begin(self) -> None:
        """Start the clients in the background."""
        if self._problem is None:
            self._starting = threading.Thread(target=self._start, name="official client", daemon=True)
            self._starting.start()

    def _start(self) -> None:
        try:
            for client in self._clients:
                client.start()
        except PeerUnavailable as problem:
            self._problem = problem

    def end(self) -> None:
        """Stop the clients."""
        if self._starting is not None:
            self._starting.join()
        for client in self._clients:
            client.stop()

    def another(self) -> Client:
        """A client of its own for somebody who uses it, started: of the version that the target's release comes with.

        Raises:
            PeerUnavailable: it can't be had, or was left out.
        """
        if self._starting is not None:
            self._starting.join()
        if self._problem is not None:
            raise self._problem
        client = Client(self._clients[-1].version, self._site)
        client.start()
        return client

    def look(self, exchange: Exchange, found: Sequence[Observation]) -> Iterator[Observation]:
        """What was observed of an exchange, marked with what it does to users, and what the client makes of it."""
        operation = exchange.operation
        if operation is None or not _for_clients(exchange):
            yield from found
            return
        key = self._key(operation, exchange, found)
        if key not in self._known and self._kinds[key[:-1]] >= KINDS:
            yield from found
            return
        try:
            readings = self._read(key, operation, exchange)
        except PeerUnavailable as problem:
            self._problem = problem
            yield from found
            yield from _unread(operation, str(problem))
            return
        yield from (replace(o, client=_mark(o, readings)) if _breaks_schema(o) else o for o in found)
        kept = all(o.outcome is Outcome.PASS for o in found)
        yield from _judged(operation, exchange.status, readings, kept=kept)

    def _key(self, operation: Operation, exchange: Exchange, found: Iterable[Observation]) -> Key:
        """Equal for answers that a client reads alike; all but the last part is equal for those that break alike."""
        signatures = " ".join(sorted(o.signature for o in found))
        some = asks_for_some(exchange, self._partial)
        return (operation.id, f"{exchange.status} {some}", signatures, self._shape(exchange))

    def _read(self, key: Key, operation: Operation, exchange: Exchange) -> tuple[Reading, ...]:
        some = asks_for_some(exchange, self._partial)
        with self._lock:
            if key not in self._known:
                if self._starting is not None:
                    self._starting.join()
                if self._problem is not None:
                    raise self._problem
                self._kinds[key[:-1]] += 1
                readings = (self._ask(client, operation, exchange) for client in self._clients)
                self._known[key] = tuple(r.without_missing() if some else r for r in readings)
            return self._known[key]

    def _ask(self, client: Client, operation: Operation, exchange: Exchange) -> Reading:
        kind = exchange.response.headers.get("content-type", "") if exchange.response else ""
        return client.read(operation=operation.id, status=exchange.status, content_type=kind, body=exchange.text)

    def _shape(self, exchange: Exchange) -> str:
        try:
            return shape(exchange.plain(), self._free)
        except (ValueError, RecursionError):
            return f"{exchange.content_type} {bool(exchange.content)}"


def _for_clients(exchange: Exchange) -> bool:
    """Return whether the client's method could get the answer: it requests all fields, and JSON."""
    response = exchange.response
    accept = next((v for n, v in exchange.request.headers if n.lower() == "accept"), "*/*")
    return (
        response is not None
        and exchange.ok
        and exchange.request.method != "HEAD"
        and not response.truncated
        and not exchange.request.spoiled
        and len(exchange.content) <= LARGEST
        and ("*/*" in accept or "json" in accept)
    )


def _breaks_schema(observation: Observation) -> bool:
    return observation.rule == SCHEMA and observation.outcome is Outcome.FAIL


def _mark(observation: Observation, readings: Iterable[Reading]) -> Reads:
    """Return what a broken schema does to users: the worst of what any version makes of it."""
    place = observation.signature.rpartition(" at ")[2].rstrip("/")
    odd = False
    for reading in readings:
        if reading.raises:
            return Reads.RAISES
        odd = odd or any(o.place.startswith(place) or place.startswith(o.place) for o in reading.odd)
    return Reads.ODD if odd else Reads.READS


def _judged(operation: Operation, status: int, readings: Sequence[Reading], *, kept: bool) -> Iterator[Observation]:
    asked = [reading for reading in readings if reading.method]
    raised = {reading.version: reading.raises for reading in asked if reading.raises is not None}
    if raised:
        yield observed(
            operation,
            READS,
            Outcome.WARN if kept else Outcome.FAIL,
            verb=Verb.SHOULD if kept else Verb.MUST,
            message=f"The official client can't read the {status} of {operation}: its method raises {_told(raised)}"
            f"{', though the answer keeps to the contract' * kept}.",
            expected="an answer that the client's method of this operation returns",
            got=_told(raised),
            signature=f"raises {min(raised.values())}",
            hint="pip install label-studio-sdk, and call the method: it has the operation's name.",
        )
    elif asked:
        yield observed(operation, READS, Outcome.PASS)
    odd = {str(o): o for reading in asked for o in reading.odd}
    for text in sorted(odd):
        versions = [reading.version for reading in asked if text in map(str, reading.odd)]
        yield observed(
            operation,
            TYPES,
            Outcome.WARN,
            verb=Verb.SHOULD,
            message=f"What the official client returns of the {status} of {operation} is not as it declares: {text} "
            f"(label-studio-sdk {', '.join(versions)}).",
            expected="a value of the type that the client's method declares",
            got=text,
            signature=text,
        )
    if asked and not odd and not raised:
        yield observed(operation, TYPES, Outcome.PASS, verb=Verb.SHOULD)


def _told(raised: Mapping[str, str]) -> str:
    return ", ".join(f"{what} (label-studio-sdk {version})" for version, what in raised.items())


def _unread(operation: Operation, why: str) -> Iterator[Observation]:
    for rule, verb in ((READS, Verb.MUST), (TYPES, Verb.SHOULD)):
        yield observed(operation, rule, Outcome.NOT_MEASURED, verb=verb, message=why, signature=why[:80])
