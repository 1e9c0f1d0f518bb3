"""Puts a request on its way, with the key of a role, until it is the application that answers."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.network.errors import IDEMPOTENT, TransportError
from conformance.wire.safety.monitor import UNAUTHORIZED
from conformance.wire.sending.breaking import BreakOffs
from conformance.wire.sending.gateway import Gateway, application_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.contract import Operation
    from conformance.wire.messages import Authorization, RawRequest
    from conformance.wire.network.transport import Transport
    from conformance.wire.sending.gateway import GatewayPolicy

ANONYMOUS: Final = "anonymous"
BROKEN_OFF: Final = frozenset({"body-incomplete", "body-longer", "bad-content-encoding", "not-http", "connection-lost"})
"""Codes of transport errors for which the server may be to blame, or the network."""


class Sender:
    """Sends with the headers and the key that belong to it.

    Args:
        base_url: of the target.
        transport: owns the connections.
        credentials: by role; whoever holds the mapping may add to it.
        run_id: part of each User-Agent.
        tell: takes what stands in front of the target did, as :class:`Gateway` says.
        policy: how long to wait for what stands in front of the target.
        hold: around the sending of a request to an operation: who may send while who sends.
    """

    def __init__(
        self,
        base_url: str,
        transport: Transport,
        credentials: Mapping[str, Authorization],
        *,
        run_id: str,
        tell: Callable[[str, float], None],
        policy: GatewayPolicy | None,
        hold: Callable[[Operation | None], AbstractContextManager[None]],
    ) -> None:
        self.transport = transport
        self._credentials = credentials
        self._common = (
            ("User-Agent", f"ls-conformance/{__version__} (run {run_id})"),
            ("Accept", "*/*"),
        )
        self._well = partial(application_answers, transport, base_url)
        self._gateway = Gateway(self._well, tell, policy)
        self._hold = hold
        self._break_offs = BreakOffs()

    def exchange(
        self,
        request: RawRequest,
        operation: Operation | None,
        role: str,
        path_values: Mapping[str, str],
        request_id: str,
        into: Path | None = None,
    ) -> Exchange:
        """Send a request with the key of a role; an access token that ran out on the way is renewed, once."""
        given = {n.lower() for n, _ in request.headers}
        common = (*self._common, ("X-Request-Id", request_id))
        base = [(n, v) for n, v in common if n.lower() not in given] + list(request.headers)
        credentials = self._credentials.get(role)
        if credentials is None and role != ANONYMOUS:
            raise KeyError(f"no credentials for the role {role!r}; there are {sorted(self._credentials)}")
        for attempt in (1, 2):
            headers = list(base)
            if credentials is not None and "authorization" not in given:
                headers += credentials.header().items()
            sent = replace(request, headers=tuple(headers))
            made: dict[str, Any] = {
                "operation": operation,
                "request": sent,
                "request_id": request_id,
                "role": role,
                "path_values": path_values,
                "started": time.monotonic(),
            }
            exchange = self._gateway.settle(partial(self._repeated, sent, into, made))
            stale = exchange.status == UNAUTHORIZED and "authorization" not in given and credentials is not None
            if attempt == 1 and stale and credentials is not None and credentials.on_unauthorized():
                continue
            return exchange
        raise AssertionError("unreachable: the second attempt returns")

    def _repeated(self, sent: RawRequest, into: Path | None, made: Mapping[str, Any]) -> Exchange:
        """Send, and repeat what broke off if that is safe, to tell a failing server from a failing network.

        What must not be sent twice is judged by what else breaks off (see :class:`.breaking.BreakOffs`).
        """
        first = self._once(sent, into, made)
        operation: Operation | None = made["operation"]
        name = operation.id if operation else sent.url
        if first.response is not None:
            self._break_offs.came(name, sent.deed, attempts=first.response.attempts)
        if first.problem is None or first.problem.code not in BROKEN_OFF or not self._well():
            return first
        if sent.method in IDEMPOTENT:
            second = self._once(sent, into, made)
            again = second.problem is not None and second.problem.code == first.problem.code
            return replace(second, repeatedly=again)
        return replace(first, repeatedly=self._break_offs.broke(name, sent.deed))

    def _once(self, sent: RawRequest, into: Path | None, made: Mapping[str, Any]) -> Exchange:
        try:
            with self._hold(made["operation"]):
                response = self.transport.send(sent) if into is None else self.transport.save(sent, into)
        except TransportError as problem:
            return Exchange(response=None, problem=problem, **made)
        return Exchange(response=response, **made)
