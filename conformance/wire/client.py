"""The one way to the target: everything that is sent, generated or hand-written, goes through :class:`Wire`."""

from __future__ import annotations

import itertools
import operator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from conformance.contract.tables.safety import Safety
from conformance.naming import Names
from conformance.outcomes import NotMeasured
from conformance.wire.checking.checks import ResponseCheck
from conformance.wire.checking.contradictions import Contradictions
from conformance.wire.checking.deeds import NOT_THERE
from conformance.wire.checking.expecting import SUCCESS, Unexpected
from conformance.wire.checking.expecting import expect as check_expected
from conformance.wire.checking.jury import Jury
from conformance.wire.checking.tellings import Tellings
from conformance.wire.checking.validators import Validators
from conformance.wire.exchanges.history import History
from conformance.wire.exchanges.redact import Redactor
from conformance.wire.exchanges.secrets import MadeSecrets
from conformance.wire.exchanges.shell import CurlOptions
from conformance.wire.messages import UNUSUAL, RawRequest
from conformance.wire.observing import Observer
from conformance.wire.safety.circuit_breaker import CircuitBreaker
from conformance.wire.safety.guard import Guard
from conformance.wire.safety.monitor import TargetMonitor
from conformance.wire.sending.encoding import encoded
from conformance.wire.sending.routes import Routes
from conformance.wire.sending.sender import ANONYMOUS, Sender

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.contract import Contract, Operation, SchemaChecker
    from conformance.contract.tables.resources import Resources
    from conformance.contract.tables.tellers import Tellers
    from conformance.judge.observation import Evidence
    from conformance.wire.checking.contradictions import Contradicted
    from conformance.wire.checking.expecting import Status
    from conformance.wire.checking.recorder import Recorder
    from conformance.wire.checking.witness import Witness
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.wire.messages import Authorization
    from conformance.wire.network.locks import SharedLock
    from conformance.wire.network.transport import Transport
    from conformance.wire.safety.ledger import Ledger
    from conformance.wire.sending.gateway import GatewayPolicy

__all__ = ["ANONYMOUS", "DEFAULT", "SUCCESS", "Unexpected", "Wire"]
DEFAULT: Final = "default"
LISTED: Final = 1000
"""Elements of a list that is asked for all that it holds."""


class Wire:
    """Sends requests to one target and keeps what they show.

    Args:
        base_url: of the target; paths of the contract are appended to it.
        transport: owns the connections (time-outs, retries, politeness).
        credentials: by role; ``default`` is the run's own.
        allow: what may happen to what is not the run's own.
        run_id: part of each ``X-Request-Id`` and of the User-Agent, so that server logs can be tied to tests.
        gateway: how long to wait for what stands in front of the target.
        lock: who may send while who sends; None where nobody else is at the target.
        doubting: ask what the target says where nothing is, and take the same elsewhere for no success.
        witness: looks at what was observed of each exchange; None where nobody does.
        tellers: operations that tell of objects, whose answers are compared; None where nobody compares them.
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
        allow: Safety,
        thrown_away: bool = False,
        run_id: str,
        gateway: GatewayPolicy | None = None,
        lock: SharedLock | None = None,
        doubting: bool = False,
        witness: Witness | None = None,
        tellers: Tellers | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.contract = contract
        self.resources = resources
        self.ledger = ledger
        self.run_id = run_id
        self.names = Names(run_id)
        self.allow = allow
        self.thrown_away = thrown_away
        self.credentials = dict(credentials)
        self._made_secrets = MadeSecrets()
        self._known_secrets: tuple[tuple[frozenset[str], ...], frozenset[str]] = ((), frozenset())
        self.redactor = Redactor(self.secrets)
        self.lock = lock
        self._guard = Guard(resources, ledger, allow)
        self._observer = Observer(
            ResponseCheck(schemas, resources.partial),
            recorder,
            self.redactor,
            CurlOptions.of(transport.settings, self.base_url),
            witness,
        )
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
        self._routes = Routes(self._ask, resources, ledger, self.base_url, read_only=self.read_only)
        self._doubting = doubting
        self._base_path = urlsplit(self.base_url).path
        self.past = History()
        jury = Jury(tellers, self._read) if tellers else None
        common: dict[str, Any] = {"owns": ledger.owns, "again": self._repeat, "jury": jury}
        self.tellings = Tellings(tellers, **common) if tellers else None
        self._validators = Validators()
        self._contradictions = Contradictions(tellers, **common) if tellers else None

    @property
    def disposable(self) -> bool:
        """Whether everything on the target may be changed and deleted."""
        return self.allow is Safety.ADMIN

    @property
    def read_only(self) -> bool:
        """Whether nothing is created on the target."""
        return self.allow is Safety.READ_ONLY

    @property
    def history(self) -> deque[Exchange]:
        """The exchanges of the running test."""
        return self.past.exchanges

    @property
    def recorder(self) -> Recorder:
        """Where observations go."""
        return self._observer.recorder

    @recorder.setter
    def recorder(self, recorder: Recorder) -> None:
        self._observer.recorder = recorder

    @property
    def transport(self) -> Transport:
        """What owns the connections."""
        return self._sender.transport

    @transport.setter
    def transport(self, transport: Transport) -> None:
        self._sender.transport = transport

    def secrets(self) -> frozenset[str]:
        """What may not show up in what a run writes: keys of all roles, and what became a secret on the way."""
        of_roles = (credentials.secrets() for credentials in tuple(self.credentials.values()))
        parts = (self._made_secrets.values, *of_roles)
        before, known = self._known_secrets
        # asked for with every text that is kept: thousands are put together anew only where one of the parts is new
        if len(parts) != len(before) or any(map(operator.is_not, parts, before)):
            known = frozenset().union(*parts)
            self._known_secrets = parts, known
        return known

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
                what a caller who expects success says anyway; of others the test's name tells it.
            path: a value for each path parameter.

        Raises:
            Unexpected: the status is not what ``expect`` says, or no answer came.
            RefusedByGuard: the blast-radius guard did not let it leave.
            TargetLost: the target is gone, or the key is.
        """
        operation = self.contract[operation_id]
        request = encoded(
            operation,
            self.base_url,
            path,
            query=query,
            json=json,
            data=data,
            files=files,
            content=content,
            headers=headers,
            timeout=timeout,
            deed=("" if expect == SUCCESS else self._unusual()) if deed is None else deed,
        )
        values = {k: str(v) for k, v in path.items()}
        exchange = self.send(request, operation=operation, role=role, path_values=values, into=into)
        check_expected(exchange, expect)
        return exchange

    def _unusual(self) -> str:
        """What a request is that may be refused, and of which its sender says no more: what its test is about."""
        name, _, case = self.recorder.test.rpartition("::")[2].removesuffix("]").partition("[")
        about = name.removeprefix("test_").replace("_", " ")
        return f"where {about}{': ' * bool(case)}{case}" if name else UNUSUAL

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

    def follow(self, address: str, *, headers: Iterable[tuple[str, str]] = (), role: str = DEFAULT) -> Exchange:
        """Fetch an address that the target told, as a browser does: one that begins with a slash is of the whole host.

        Whoever is served below a path has to name that path in what it tells.
        """
        url = urljoin(self.base_url + "/", address)
        return self.send(RawRequest(method="GET", url=url, headers=tuple(headers)), role=role)

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
        if refusal is not None and self.read_only:
            raise NotMeasured(f"Not sent: {refusal}.")
        if refusal is not None:
            raise self._observer.refused(request, operation, refusal, request_id)
        if operation is not None and not self._routes.may_exist(operation, path_values):
            request = replace(request, deed=NOT_THERE, spoiled=True)
        self.ledger.announce(request, operation, request_id)
        record = self.tellings.begin(request.method) if self.tellings else None
        try:
            exchange = self._sender.exchange(request, operation, role, path_values, request_id, into)
        finally:
            if self.tellings and record is not None:
                record = self.tellings.end(request.method, record)
        exchange = self._routes.marked(exchange, doubting=self._doubting)
        self.history.append(exchange)
        self._made_secrets.learn(exchange)
        self.recorder.statistics.count(exchange)
        self.recorder.statistics.count_objects(exchange, self.ledger.learn(exchange), self.resources)
        if self._checking and operation is not None and not operation.absent and into is None:
            self._observer.observe(exchange)
            self._observer.take(self._validators.look(exchange))
            if self.tellings and record is not None:
                self._observer.take(self.tellings.look(exchange, record))
        self._monitor.look(exchange, own_key=exchange.role == DEFAULT)
        if self._doubting:
            self._breaker.look(exchange)
        return exchange

    def _ask(self, request: RawRequest, about: Exchange) -> Exchange:
        """Send a request of our own, with the run's own key: to others a server may deny that there is anything."""
        answer = self._sender.exchange(request, None, DEFAULT, about.path_values, about.request_id)
        self.recorder.statistics.count(answer)
        return replace(answer, operation=about.operation)

    def _repeat(self, exchange: Exchange) -> Exchange:
        """Send a request that only reads once more."""
        return replace(self._ask(exchange.request, exchange), operation=exchange.operation)

    def _read(self, operation_id: str, values: Mapping[str, object]) -> Exchange | None:
        """Call an operation that reads, beside the test; None where it takes more than what is known."""
        operation = self.contract[operation_id]
        query = {k: v for k, v in values.items() if k and k not in operation.slots}
        path = {slot: values.get(slot, values.get("")) for slot in operation.slots}
        if None in path.values() or len(path) > 1:
            return None
        paged = query and any(p.name == "page_size" for p in operation.parameters)
        query |= {"page_size": LISTED} if paged else {}
        request = encoded(operation, self.base_url, path, query=query, timeout=None, deed="")
        named = {slot: str(value) for slot, value in path.items()}
        answer = self._sender.exchange(request, operation, DEFAULT, named, f"{self.run_id}-{next(self._counter)}")
        self.recorder.statistics.count(answer)
        return answer

    def contradicted(self, shown: Exchange, requirement: str) -> Contradicted | None:
        """Of what was read from an exchange on, the answer that another reader contradicts; None where none does."""
        if self._contradictions is None or shown.response is None:
            return None
        found = self._contradictions.behind([*self.history], shown, f"{requirement} in {self.recorder.test}")
        if found is not None and all(found.exchange is not one for one in self.history):
            self.history.append(found.exchange)  # it belongs to the steps that lead to the failure
        return found

    def evidence(self, exchange: Exchange) -> Evidence:
        """Return what a result keeps of an exchange: trimmed, redacted, with a curl line."""
        return self._observer.evidence(exchange)

    def _hold(self, operation: Operation | None) -> AbstractContextManager[None]:
        """Return what a server may not survive beside other requests is sent beside none."""
        if self.lock is None:
            return nullcontext()
        alone = operation is not None and operation.id in self.resources.alone
        return self.lock.exclusive() if alone else self.lock.shared()

    def _tell_of_gateway(self, what: str, amount: float) -> None:
        self.recorder.note("gateway", [what, round(amount, 1)])

    def key_is_valid(self) -> bool:
        """Return whether the target still accepts the run's own key."""
        with self.unchecked(), self.key_at_risk():
            exchange = self.call("users.whoami", expect=None)
        return exchange.status == httpx.codes.OK

    def _projects_are_listed(self) -> bool:
        with self.unchecked(), self.key_at_risk():
            return self.call("projects.list", expect=None, deed="").ok

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
