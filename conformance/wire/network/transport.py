"""The lowest layer: bytes out, bytes in. The only place that opens a connection to the target.

What is sent is exactly what was given: no path is normalised or encoded anew, no cookie is kept, no
redirect is followed (a redirect is an answer), and nothing is taken from the environment (no proxy, no netrc,
no CA bundle).
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
import tenacity

from conformance.outcomes import NotMeasured
from conformance.wire.messages import ConnectionSettings, RawResponse, RawStream
from conformance.wire.network.errors import (
    IDEMPOTENT,
    ConnectionLost,
    TimedOut,
    TlsFailed,
    TransportError,
    from_httpx,
)
from conformance.wire.network.outgoing import outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.wire.messages import RawRequest
    from conformance.wire.network.locks import SharedRateLimiter

T = TypeVar("T")
# Bytes of a saved body that stay in memory, for evidence.
_BEGINNING = 1 << 16
# What httpcore calls it when a connection is made.
_CONNECTING = ".connect_"
# So many used connections may break before it is no chance any more.
_CHANCE = 3


READS = frozenset({"GET", "HEAD"})


class NotRead(NotMeasured):
    """The target is only read, and this would have been something else: whatever asked for it is not measured."""

    def __init__(self, method: str) -> None:
        super().__init__(f"Not sent: the target is only read (--read-only), and {method} is neither GET nor HEAD.")


class _RateLimiter:
    """Spreads requests evenly, over all threads. A token bucket would let them through in bursts."""

    def __init__(self, rate: float, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._gap = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = float("-inf")

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)


class Transport:
    """Sends requests and brings back responses; safe to use from several threads.

    Args:
        settings: how to connect.
        clock: monotonic seconds; for tests.
        sleep: waits so many seconds, for politeness only; for tests.
        limiter: of the rate that several processes share; by default the settings' own, for this one.

    Raises:
        TlsFailed: a certificate file that cannot be used.
    """

    def __init__(
        self,
        settings: ConnectionSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        limiter: SharedRateLimiter | None = None,
    ) -> None:
        self.settings = settings or ConnectionSettings()
        self._clock = clock
        own = _RateLimiter(self.settings.rate, clock=clock, sleep=sleep) if self.settings.rate else None
        self._limiter = limiter or own
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, TransportError) and e.repeatable),
            stop=tenacity.stop_after_attempt(self.settings.attempts),
            wait=tenacity.wait_exponential(multiplier=0.1, max=1),
            sleep=sleep,
            reraise=True,
        )
        # httpx' transport instead of its Client: no cookie jar, no redirects, no environment to switch off.
        self._http = _http_transport(self.settings, keep_alive=self.settings.keep_alive)
        self._fresh = _http_transport(self.settings, keep_alive=False)
        self._reuse: bool | None = None if self.settings.keep_alive else False
        self._lost = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._http.close()
        self._fresh.close()

    @property
    def keeps_alive(self) -> bool:
        """False where each request gets a connection of its own: as set, or since the server drops those used again."""
        return self._reuse is not False

    def send(self, request: RawRequest, *, max_bytes: int | None = None, deadline: float | None = None) -> RawResponse:
        """Send ``request`` and read the response.

        Args:
            request: what to send.
            max_bytes: stop reading the body there (and give the connection up); None for the setting.
            deadline: seconds after which to give up, repetitions included, even if a body keeps dripping in.

        Raises:
            TransportError: no complete response came; one subclass per kind of reason.
        """
        limit = self.settings.max_body if max_bytes is None else max_bytes
        until = None if deadline is None else self._clock() + deadline

        def once(attempt: int) -> RawResponse:
            started = self._clock()
            response = self._open(request, until)
            try:
                content, truncated = self._read(response, request, limit, until)
                excess = 0 if truncated else _excess(response)
            finally:
                response.close()
            return RawResponse(
                status=response.status_code,
                headers=response.headers,
                content=content,
                elapsed=self._clock() - started,
                http_version=response.http_version,
                attempts=attempt,
                truncated=truncated,
                excess=excess,
            )

        return self._repeat(once)

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Send ``request`` and write the body into a file; the response holds the first bytes of it.

        Raises:
            TransportError: as for :meth:`send`.
        """
        started = self._clock()
        kept = b""
        size = 0
        with self.stream(request) as coming, into.open("wb") as out:
            for piece in coming.chunks:
                kept += piece[: max(0, _BEGINNING - len(kept))]
                size += len(piece)
                out.write(piece)
        return RawResponse(
            status=coming.status,
            headers=coming.headers,
            content=kept,
            elapsed=self._clock() - started,
            http_version=coming.http_version,
            truncated=size > len(kept),
        )

    @contextmanager
    def stream(self, request: RawRequest) -> Iterator[RawStream]:
        """Send ``request`` and hand out the body piece by piece, for what is too big for memory.

        Raises:
            TransportError: as for :meth:`send`; also while the pieces are read.
        """
        response = self._repeat(lambda _: self._open(request, None))
        try:
            yield RawStream(
                status=response.status_code,
                headers=response.headers,
                http_version=response.http_version,
                chunks=_pieces(response, request),
            )
        finally:
            response.close()

    def _repeat(self, once: Callable[[int], T]) -> T:
        attempt = 0

        def counted() -> T:
            nonlocal attempt
            attempt += 1
            return once(attempt)

        try:
            return self._retrying(counted)
        except TransportError as error:
            error.attempts = attempt
            raise

    def _open(self, request: RawRequest, until: float | None) -> httpx.Response:
        """Send once; the response's body is not read yet."""
        if self.settings.read_only and request.method not in READS and not request.renewal:
            raise NotRead(request.method)
        http_request = outgoing(request, self.settings)
        if self._limiter is not None:
            self._limiter.wait()
        left = float("inf") if until is None else until - self._clock()
        if left <= 0:
            raise _too_late(request)
        silence = min(left, self.settings.read_timeout if request.timeout is None else request.timeout)
        connect = min(left, self.settings.connect_timeout)
        http_request.extensions = {"timeout": {"connect": connect, "read": silence, "write": silence, "pool": silence}}
        # some servers take one request per connection, and drop the second without a word: what must not be sent twice
        # goes over a used connection only once another request has come back over one
        pooled = self._reuse or (self._reuse is None and request.method in IDEMPOTENT)
        opened: list[str] = []
        http_request.extensions["trace"] = lambda event, _: opened.append(event) if _CONNECTING in event else None
        try:
            response = (self._http if pooled else self._fresh).handle_request(http_request)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, OverflowError) as error:
            problem = from_httpx(error, request, head_received=False)
            if pooled and not opened and isinstance(problem, ConnectionLost):
                self._lose_used()
            raise problem from error
        if pooled and not opened:
            self._reuse = True
        return response

    def _lose_used(self) -> None:
        """A connection broke that had served before: at the first try, or again and again, that is no chance."""
        self._lost += 1
        if self._reuse is None or self._lost >= _CHANCE:
            self._reuse = False

    def _read(
        self, response: httpx.Response, request: RawRequest, limit: int, until: float | None
    ) -> tuple[bytes, bool]:
        """The body, at most ``limit`` bytes of it, and whether there was more."""
        pieces: list[bytes] = []
        size = 0
        began = self._clock()
        for piece in _pieces(response, request):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                return b"".join(pieces)[:limit], True
            since = self._clock() - began
            dripping = since > self.settings.grace and size < since * self.settings.slowest
            if dripping or (until is not None and self._clock() > until):
                raise _too_late(request)
        return b"".join(pieces), False


def _http_transport(settings: ConnectionSettings, *, keep_alive: bool) -> httpx.HTTPTransport:
    try:
        context = settings.ssl_context()
    except OSError as error:
        raise TlsFailed(
            "The certificate files cannot be used.",
            code="tls-files",
            cause=f"{type(error).__name__}: {error}",
            hint="Check --ca-bundle, --client-cert and --client-key: PEM files, and the key of the certificate.",
        ) from error
    proxy = None
    if settings.proxy is not None:
        over_tls = settings.proxy.lower().startswith("https:")
        proxy = httpx.Proxy(settings.proxy, ssl_context=context if over_tls else None)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20 if keep_alive else 0, keepalive_expiry=5.0)
    return httpx.HTTPTransport(verify=context, trust_env=False, proxy=proxy, limits=limits)


def _pieces(response: httpx.Response, request: RawRequest) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as error:
        raise from_httpx(error, request, head_received=True) from error


def _excess(response: httpx.Response) -> int:
    """Return how many bytes came after the end of the body, as the head of the answer announces it.

    Such a connection is given up: the next answer on it would begin with them. What comes later still is not seen; no
    public way leads to what was read of a connection, and a self-test says when this one leads nowhere any more.
    """
    stream = getattr(getattr(response.stream, "_httpcore_stream", None), "_stream", None)
    connection = getattr(stream, "_connection", None)
    state = getattr(connection, "_h11_state", None)
    if connection is None or state is None:
        return 0
    excess = len(state.trailing_data[0])
    if excess:
        connection.close()
    return excess


def _too_late(request: RawRequest) -> TimedOut:
    return TimedOut(
        f"No (complete) answer to {request.method} {request.url} in time.",
        code="deadline",
        request=request,
        hint="The server answers, but exceeds the time for the whole answer.",
    )
