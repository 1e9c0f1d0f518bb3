"""Handles gateways that answer in the target's place: without a server, with a size limit, with 429.

None of that is the application's doing, so none of it may count for or against it. A gateway that has lost its
server is waited for; a brake (429) is obeyed; a body that does not come through was not judged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from conformance.contract.model import SAFE
from conformance.wire.checking.bodies import is_json
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.messages import RawRequest
from conformance.wire.network.errors import TransportError
from conformance.wire.safety.circuit_breaker import GREETING
from conformance.wire.safety.monitor import TargetLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.network.transport import Transport

TOO_LARGE: Final = 413
TOO_MANY: Final = 429
NEVER_PAST: Final = 60.0
WITHOUT_SERVER: Final = frozenset({502, 503, 504})
# RFC 9110 §9.2.1: what only reads may be sent again, whatever became of it.
A_FEW: Final = 3
"""So often a request is sent again that a gateway answered while the application was well."""


class NotTheApplication(TransportError):
    """Something in front of the application answered in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPolicy:
    """How long to wait, in seconds.

    Attributes:
        outage: for an application that is gone behind its gateway.
        every: between two looks at it.
        braked: for a brake to come off, over all requests in a row that it stopped.
        pause: after a 429 that does not say how long.
    """

    outage: float = 90.0
    every: float = 1.0
    braked: float = 300.0
    pause: float = 1.0


class Gateway:
    """Sends until it is the application that answers, or says that it was not.

    Args:
        well: whether the application answers, asked at addresses that every Label Studio serves without a key.
        tell: takes what happened, for the result: ``pause`` (seconds), ``braked`` (seconds), ``limit`` (bytes).
        policy: how long to wait.
        clock: monotonic seconds; for tests.
        sleep: waits so many seconds; for tests.
    """

    def __init__(
        self,
        well: Callable[[], bool],
        tell: Callable[[str, float], None],
        policy: GatewayPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._well = well
        self._tell = tell
        self._policy = policy or GatewayPolicy()
        self._past = self._given_up = False
        self._clock = clock
        self._sleep = sleep

    def settle(self, send: Callable[[], Exchange]) -> Exchange:
        """Send a request, until the application has answered it.

        Args:
            send: sends it.

        Returns:
            The application's answer. An exchange without one, and with the reason, where a gateway answered a request
            that must not be sent twice, or one that it does not let through. The gateway's own answer where it comes
            again and again to this one request while the application is well: then it is this request that does it.

        Raises:
            TargetLost: the application did not come back in time, or the brake did not come off.
        """
        for _ in range(A_FEW):
            exchange = self._unbraked(send)
            if _too_large(exchange):
                return self._not_let_through(exchange)
            if not without_server(exchange):
                return exchange
            self._wait_for_application(exchange)
            if exchange.request.method not in SAFE:
                return _unanswered(
                    exchange,
                    "gateway",
                    "A gateway in front of the target answered {status} to {what}, and not the target itself.",
                    "Whether the target carried it out is not known, so it was not sent again.",
                )
        return exchange

    @property
    def _braked(self) -> float:
        """How long a brake is endured: one that nothing ever got past, not for long; one given up, not again."""
        if self._given_up:
            return 0.0
        return self._policy.braked if self._past else min(self._policy.braked, NEVER_PAST)

    def _unbraked(self, send: Callable[[], Exchange]) -> Exchange:
        """Send, and again after the time that a 429 asks for."""
        began = self._clock()
        pause = self._policy.pause
        while True:
            exchange = send()
            if exchange.status != TOO_MANY:
                if exchange.operation is not None and exchange.operation.id not in GREETING:
                    self._past, self._given_up = True, False
                return exchange
            asked = _retry_after(exchange)
            wait = pause if asked is None else asked
            if self._clock() - began + wait > self._braked:
                self._given_up = True  # cleaning up afterwards must not wait as long again
                raise TargetLost(
                    code="rate-limited",
                    message="The target lets us ask too seldom for a run.",
                    cause=f"{exchange.brief()}; to wait: {wait:.0f} s, after {self._clock() - began:.0f} s of waiting",
                    hint="Send fewer requests per second (--rate N), or raise the limit for this key or address.",
                )
            self._sleep(wait)
            self._tell("braked", wait)
            pause = min(2 * pause, 30.0)

    def _wait_for_application(self, exchange: Exchange) -> None:
        began = self._clock()
        while not self._well():
            if self._clock() - began > self._policy.outage:
                raise TargetLost(
                    code="target-lost",
                    message="The target is gone behind its gateway.",
                    cause=f"{exchange.brief()}; no sign of the application for {self._policy.outage:.0f} s",
                    hint="Look at the application's log; then run again.",
                )
            self._sleep(self._policy.every)
        self._tell("pause", self._clock() - began)

    def _not_let_through(self, exchange: Exchange) -> Exchange:
        size = len(exchange.request.content or b"")
        self._tell("limit", size)
        return _unanswered(
            exchange,
            "body-limit",
            "A gateway in front of the target does not let {what} through: 413 to a body of " + f"{size:,} bytes.",
            "The gateway limits the size of bodies (nginx: client_max_body_size); this shows nothing about the target.",
        )


def application_answers(transport: Transport, base_url: str) -> bool:
    """Return whether the application is there behind its gateway: its health, and its version."""
    for path in ("/health", "/api/version/"):
        request = RawRequest(method="GET", url=base_url + path, headers=(("Accept", "application/json"),))
        try:
            response = transport.send(request)
        except TransportError:
            return False
        if without_server(Exchange(operation=None, request=request, response=response)):
            return False
    return True


def without_server(exchange: Exchange) -> bool:
    """Return whether a gateway says that it has no answer of a server: a 502, 503 or 504 that is no JSON."""
    return exchange.status in WITHOUT_SERVER and not is_json(exchange.content_type)


def _too_large(exchange: Exchange) -> bool:
    return exchange.status == TOO_LARGE and not is_json(exchange.content_type)


def _unanswered(exchange: Exchange, code: str, message: str, hint: str) -> Exchange:
    what = f"{exchange.request.method} {exchange.request.url}"
    problem = NotTheApplication(
        message.format(status=exchange.status, what=what),
        code=code,
        request=exchange.request,
        cause=" ".join(exchange.text[:200].split()),
        hint=hint,
    )
    return replace(exchange, response=None, problem=problem)


def _retry_after(exchange: Exchange) -> float | None:
    """Seconds of ``Retry-After`` (RFC 9110 §10.2.3: a number, or a date); None where it says nothing of use."""
    text = exchange.response.headers.get("retry-after", "").strip() if exchange.response else ""
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
