"""The one way to the target: everything that is sent, generated or hand-written, goes through :class:`Wire`."""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from conformance.contract.places import at
from conformance.errors import ConformanceError
from conformance.judge.observation import Observation, Outcome
from conformance.naming import Names
from conformance.wire.checking.checks import ResponseCheck, reason
from conformance.wire.checking.deeds import NOT_THERE
from conformance.wire.exchanges.exchange import Exchange, evidence
from conformance.wire.exchanges.history import History
from conformance.wire.exchanges.redact import Redactor
from conformance.wire.exchanges.shell import CurlOptions, shell_line
from conformance.wire.messages import UNUSUAL, RawRequest
from conformance.wire.safety.circuit_breaker import CircuitBreaker
from conformance.wire.safety.guard import Guard, RefusedByGuard
from conformance.wire.safety.monitor import TargetMonitor
from conformance.wire.sending.routes import Routes
from conformance.wire.sending.sender import ANONYMOUS, Sender

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.contract import Contract, Operation, SchemaChecker
    from conformance.contract.resources import Resources
    from conformance.judge.observation import Evidence
    from conformance.wire.checking.recorder import Recorder
    from conformance.wire.checking.witness import Witness
    from conformance.wire.messages import Authorization
    from conformance.wire.network.locks import SharedLock
    from conformance.wire.network.transport import Transport
    from conformance.wire.safety.ledger import Entry, Ledger
    from conformance.wire.sending.gateway import GatewayPolicy

__all__ = ["ANONYMOUS", "CREATED", "DEFAULT", "REMAINS", "SUCCESS", "Unexpected", "Wire"]
Status = int | tuple[int, ...] | None
SUCCESS: Final = "success"
DEFAULT: Final = "default"
CREATED: Final = "created by "
"""Prefix of the statistics that count created objects by kind."""
PROJECT: Final = "project"
REMAINS: Final = "remains "
"""Prefix of the statistics that count what a server may keep for ever."""


class Unexpected(ConformanceError):
    """A step of a workflow was answered otherwise than the workflow needs to go on."""

    code = "unexpected-answer"

    def __init__(self, exchange: Exchange, expected: str) -> None:
        super().__init__(
            f"expected {expected}, got {exchange.brief()}: {reason(exchange) if exchange.response else ''}"
        )
        self.exchange = exchange
        self.expected = expected


class Wire:
    """Sends requests to one target and keeps what they show.

    Args:
        base_url: of the target; paths of the contract are appended to it.
        transport: owns the connections (time-outs, retries, politeness).
        credentials: by role; ``default`` is the run's own.
        run_id: part of each ``X-Request-Id`` and of the User-Agent, so that server logs can be tied to tests.
        gateway: how long to wait for what stands in front of the target.
        lock: who may send while who sends; None where nobody else is at the target.
        doubting: ask what the target says where nothing is, and take the same elsewhere for no success.
        witness: looks at what was observed of each exchange; None where nobody does.
    """

    def __init__(  # noqa: PLR0913 - one place where the parts are put together
        self,
        *,
        base_url: str,
        transport: Transport,
        contract: Contract,
        schemas: SchemaChecker,
        resources: Resources,
        credentials: Mapping[str, Authorization],
        ledger: Ledger,
        recorder: Recorder,
        disposable: bool,
        thrown_away: bool = False,
        run_id: str,
        gateway: GatewayPolicy | None = None,
        lock: SharedLock | None = None,
        doubting: bool = False,
        witness: Witness | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.contract = contract
        self.resources = resources
        self.ledger = ledger
        self.recorder = recorder
        self.run_id = run_id
        self.names = Names(run_id)
        self.disposable = disposable
        self.thrown_away = thrown_away
        self.credentials = dict(credentials)
        self.redactor = Redactor(self._secrets)
        self._curl = CurlOptions.of(transport.settings, self.base_url)
        self.lock = lock
        self._guard = Guard(resources, ledger, disposable)
        self._check = ResponseCheck(schemas, resources.partial)
        self._witness = witness
        self._counter = itertools.count(1)
        self._checking = True
        self._own = False
        self.accounts: set[str] = set()
        """Roles that are accounts of the run's own: what they do to themselves hurts nobody."""
        self._monitor = TargetMonitor(self.key_is_valid)
        self._breaker = CircuitBreaker(self._projects_are_listed)
        self._sender = Sender(
            self.base_url,
            transport,
            self.credentials,
            run_id=run_id,
            tell=self._tell_of_gateway,
            policy=gateway,
            hold=self._hold,
        )
        self._routes = Routes(self._ask, resources, ledger, self.base_url)
        self._doubting = doubting
        self._base_path = urlsplit(self.base_url).path
        self.past = History()

    @property
    def history(self) -> deque[Exchange]:
        """The exchanges of the running test."""
        return self.past.exchanges

    @property
    def transport(self) -> Transport:
        """What owns the connections."""
        return self._sender.transport

    @transport.setter
    def transport(self, transport: Transport) -> None:
        self._sender.transport = transport

    def _secrets(self) -> Iterator[str]:
        for credentials in self.credentials.values():
            yield from credentials.secrets()

    @contextmanager
    def unchecked(self) -> Iterator[None]:
        """Send without observing (clean-up, probes of the harness itself)."""
        before, self._checking = self._checking, False
        try:
            yield
        finally:
            self._checking = before

    @contextmanager
    def own_account(self) -> Iterator[None]:
        """Send as an account that the run made, or is making."""
        before, self._own = self._own, True
        try:
            yield
        finally:
            self._own = before

    def key_at_risk(self) -> AbstractContextManager[None]:
        """Tests that revoke keys on purpose: a 401 is then no sign that the run's key was lost."""
        return self._monitor.key_at_risk()

    def call(  # noqa: PLR0913 - the parts of a request
        self,
        operation_id: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        role: str = DEFAULT,
        expect: Status | str = SUCCESS,
        timeout: float | None = None,
        into: Path | None = None,
        deed: str | None = None,
        **path: Any,
    ) -> Exchange:
        """Call an operation of the contract.

        Args:
            operation_id: ``projects.create``.
            query: query parameters; None values are left out, lists are repeated.
            json: body as a JSON value.
            data: body as a form.
            files: body as multipart, as httpx takes it.
            content: body as it is.
            headers: more headers.
            role: whose key to send.
            expect: ``"success"`` (a documented 2xx), a status, several, or None for anything.
            timeout: seconds to wait for the response, where the default does not do.
            into: a file for an answer that may be too big for the memory; it goes there piece by piece, the exchange
                holds its beginning, and nothing checks it.
            deed: what is special about the request, in a few words; empty where it is to be accepted as it is, which is
                what a caller who expects success says anyway.
            path: a value for each path parameter.

        Raises:
            Unexpected: the status is not what ``expect`` says, or no answer came.
            RefusedByGuard: the blast-radius guard did not let it leave.
            TargetLost: the target is gone, or the key is.
        """
        operation = self.contract[operation_id]
        # httpx only encodes here; the transport sends
        encoded = httpx.Request(
            operation.method,
            self.base_url + operation.fill(path),
            params={k: v for k, v in query.items() if v is not None} if query else None,
            json=json,
            data=data,
            files=files,
            content=content,
            headers=headers,
        )
        body = encoded.read()
        kept = [(k, v) for k, v in encoded.headers.items() if k not in {"host", "content-length"}]
        request = RawRequest(
            method=operation.method,
            url=str(encoded.url),
            headers=tuple(kept),
            content=body or None,
            timeout=timeout,
            deed=("" if expect == SUCCESS else UNUSUAL) if deed is None else deed,
        )
        values = {k: str(v) for k, v in path.items()}
        exchange = self.send(request, operation=operation, role=role, path_values=values, into=into)
        self._expect(exchange, expect)
        return exchange

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content: bytes | None = None,
        role: str = DEFAULT,
        timeout: float | None = None,
    ) -> Exchange:
        """Send a request that no operation describes (an undeclared method, a file of the server), path verbatim.

        It is matched against the contract all the same, so that the guard knows what it would touch.
        """
        raw = RawRequest(
            method=method, url=self.base_url + path, headers=tuple(headers), content=content, timeout=timeout
        )
        return self.send(raw, role=role)

    def follow(self, address: str, *, role: str = DEFAULT) -> Exchange:
        """Fetch an address that the target told, as a browser does: one that begins with a slash is of the whole host.

        Whoever is served below a path has to name that path in what it tells.
        """
        return self.send(RawRequest(method="GET", url=urljoin(self.base_url + "/", address)), role=role)

    def send(
        self,
        request: RawRequest,
        *,
        operation: Operation | None = None,
        role: str = DEFAULT,
        path_values: Mapping[str, str] | None = None,
        into: Path | None = None,
    ) -> Exchange:
        """Send a request as it is, with the key of ``role``; every other way to send ends here.

        With ``into`` the body of the answer goes into that file, and the exchange holds its beginning.

        Raises:
            RefusedByGuard: the blast-radius guard did not let it leave.
            TargetLost: the target is gone, or the key is.
        """
        if operation is None or path_values is None:
            path = urlsplit(request.url).path
            below = path.startswith(self._base_path)  # what lies beside it is somebody else's
            matched = self.contract.match(request.method, path.removeprefix(self._base_path)) if below else None
            if matched is not None and (operation is None or matched[0].id == operation.id):
                operation, path_values = matched
        path_values = path_values or {}
        own = self._own or role in self.accounts
        refusal = self._guard.refusal(request, operation, path_values, own=own)
        request_id = f"{self.run_id}-{next(self._counter)}"
        if refusal is not None:
            self._refuse(request, operation, refusal, request_id)
        if operation is not None and not self._routes.may_exist(operation, path_values):
            request = replace(request, deed=NOT_THERE, spoiled=True)
        self.ledger.announce(request, operation, request_id)
        exchange = self._sender.exchange(request, operation, role, path_values, request_id, into)
        if self._routes.missing(exchange):
            exchange = replace(exchange, no_route=True)
        elif self._doubting and self._routes.said_of_anything(exchange):
            exchange = replace(exchange, void=True)
        self.history.append(exchange)
        self._count(exchange)
        created = self.ledger.learn(exchange)
        self._count_remains(exchange)
        made = self.resources.created_by(operation.id) if created and operation is not None else None
        if made is not None:
            self.recorder.statistics[f"{CREATED}{made.name}"] += created
        if self._checking and operation is not None and into is None:
            self._observe(exchange)
        self._monitor.look(exchange, own_key=exchange.role == DEFAULT)
        if self._doubting:
            self._breaker.look(exchange)
        return exchange

    def _count_remains(self, exchange: Exchange) -> None:
        remains = self.resources.remains.get(exchange.operation.id, {}) if exchange.operation else {}
        if not remains or not exchange.succeeded:
            return
        for what, place in remains.items():
            data = exchange.object() if place else None
            self.recorder.statistics[f"{REMAINS}{what}"] += len(at(data, place)) if place else 1

    def _ask(self, request: RawRequest, about: Exchange) -> Exchange:
        """Send a request of our own, with the run's own key: to others a server may deny that there is anything."""
        answer = self._sender.exchange(request, None, DEFAULT, about.path_values, about.request_id)
        self._count(answer)
        return replace(answer, operation=about.operation)

    def _observe(self, exchange: Exchange) -> None:
        """Check a response; evidence costs as much as the exchange, so it is made only where it is kept."""
        kept: Evidence | None = None
        found: Iterable[Observation] = self._check(exchange)
        if self._witness is not None:
            found = self._witness.look(exchange, tuple(found))
        for observation in found:
            wanted = observation.outcome is not Outcome.PASS or (
                observation.rule == SUCCESS and not self.recorder.knows(observation)
            )
            if wanted and kept is None:
                kept = self.evidence(exchange)
            self.recorder.observe(replace(observation, evidence=kept) if wanted else observation)

    def evidence(self, exchange: Exchange) -> Evidence:
        """What a result keeps of an exchange: trimmed, redacted, with a curl line."""
        return evidence(exchange, self.redactor, curl=shell_line(exchange, self.redactor, self._curl))

    def _refuse(self, request: RawRequest, operation: Operation | None, why: str, request_id: str) -> None:
        kept = Exchange(operation=operation, request=request, response=None, request_id=request_id)
        self.recorder.statistics["refused"] += 1
        self.recorder.observe(
            Observation(
                requirement=f"{operation.id}#guard" if operation else "guard",
                outcome=Outcome.REFUSED,
                operation=operation.id if operation else None,
                rule="guard",
                message=f"Not sent: {why}.",
                expected="a request that touches nothing but what this run created",
                got=f"{request.method} {self.redactor.url(request.url)}",
                signature=re.sub(r"'[^']*'", "…", why),
                evidence=self.evidence(kept),
                hint="Judge it on a target that may be changed at will (--disposable).",
            )
        )
        raise RefusedByGuard(
            code="refused",
            message=f"Not sent: {why}.",
            cause=f"{request.method} {self.redactor.url(request.url)}",
            hint="Judge it on a target that may be changed at will (--disposable).",
        )

    def _hold(self, operation: Operation | None) -> AbstractContextManager[None]:
        """What a server may not survive beside other requests is sent beside none."""
        if self.lock is None:
            return nullcontext()
        alone = operation is not None and operation.id in self.resources.alone
        return self.lock.exclusive() if alone else self.lock.shared()

    def _tell_of_gateway(self, what: str, amount: float) -> None:
        self.recorder.note("gateway", [what, round(amount, 1)])

    def _count(self, exchange: Exchange) -> None:
        statistics = self.recorder.statistics
        statistics["requests"] += 1
        if exchange.response is None:
            statistics["no-answer"] += 1
            return
        statistics[f"{exchange.status // 100}xx"] += 1
        statistics[str(exchange.status)] += 1
        self.recorder.answered(exchange.operation.id if exchange.operation else "", exchange.response.elapsed)

    def _expect(self, exchange: Exchange, expect: Status | str) -> None:
        if expect is None:
            return
        if expect == SUCCESS:
            if exchange.ok:
                return
            documented = (
                [s for s in exchange.operation.success if httpx.codes.is_success(s)] if exchange.operation else []
            )
            raise Unexpected(exchange, " or ".join(map(str, documented)) or "2xx")
        statuses = expect if isinstance(expect, tuple) else (expect,)
        if exchange.status not in statuses:
            raise Unexpected(exchange, " or ".join(map(str, statuses)))

    def key_is_valid(self) -> bool:
        """Does the target still take the run's own key?"""
        with self.unchecked(), self.key_at_risk():
            exchange = self.call("users.whoami", expect=None)
        return exchange.status == httpx.codes.OK

    def _projects_are_listed(self) -> bool:
        with self.unchecked(), self.key_at_risk():
            return self.call("projects.list", expect=None, deed="").ok

    def delete(self, entry: Entry) -> bool:
        """Remove an object of the ledger; True if it is gone."""
        kind = self.resources.kinds[entry.kind]
        if kind.delete is None:
            return False
        operation = self.contract[kind.delete]
        slots = self.resources.slot_kinds(operation)
        values: dict[str, Any] = {operation.slots[-1]: entry.identity}
        for slot, slot_kind in slots.items():
            if entry.parent is not None and slot_kind == entry.parent[0]:
                values[slot] = entry.parent[1]
        if set(values) != set(operation.slots):
            return False
        try:
            exchange = self.call(kind.delete, expect=None, **values)
        except (httpx.InvalidURL, UnicodeError):
            return False  # its name, as it was accepted, does not go into an address
        return exchange.status in {200, 202, 204, 404}

    def clean_up(self, *, but: Collection[tuple[str, str]] = ()) -> list[Entry]:
        """Delete what this run created, but for ``but``; returns what is left (a broken DELETE leaves things).

        Of a server that is thrown away, projects in which all was well are left as they are: to delete one takes the
        server as long as four other requests, and nobody meets it again.
        """
        if self.thrown_away and not self._harmed():
            self.ledger.leave(PROJECT, but=but)
        with self.unchecked(), self.key_at_risk():
            return self.ledger.clean_up(self._try_delete, but=but)

    def _harmed(self) -> bool:
        """May something in the way of others be left by the running test?"""
        return bool(self.recorder.failures()) or any(e.server_error for e in self.history)

    def _try_delete(self, entry: Entry) -> bool:
        try:
            return self.delete(entry)
        except RefusedByGuard:
            return False  # the wire recorded it

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
