"""Errors for missing responses: one class per kind of reason, none of them an httpx one."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, ClassVar

import httpx

from conformance.errors import ConformanceError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.wire.messages import RawRequest


class TransportError(ConformanceError):
    """A request that got no (complete) response.

    Attributes:
        request: what was to be sent.
        attempts: how often it was tried.
        repeatable: sending it again can do no harm: nothing was sent, or the method is idempotent and not
            even the head of a response came.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TARGET_UNUSABLE
    title: ClassVar[str] = "no response"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        request: RawRequest | None = None,
        cause: str = "",
        hint: str = "",
        repeatable: bool = False,
    ) -> None:
        super().__init__(message, code=code, cause=cause, hint=hint)
        self.request = request
        self.repeatable = repeatable
        self.attempts = 1


class ConnectFailed(TransportError):
    """No connection: refused, unknown host, unreachable, or the proxy said no. Nothing was sent."""


class TimedOut(TransportError):
    """Nothing came for longer than the time-out, or not everything before the deadline."""


class ConnectionLost(TransportError):
    """The connection broke before the response was complete."""


class TlsFailed(TransportError):
    """No secure connection: an untrusted certificate, or a handshake that failed. Nothing was sent."""


class Unsendable(TransportError):
    """Our limitation, never the target's fault: this client cannot put such a request on the wire."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    title: ClassVar[str] = "not sent"


class ProtocolBroken(TransportError):
    """What came back is not HTTP."""


IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


def from_httpx(  # noqa: PLR0911 - one return per kind of exception
    error: Exception, request: RawRequest, *, head_received: bool
) -> TransportError:
    """The reason behind an exception of httpx or of what lies below it.

    Args:
        error: what was raised while the request was sent or the response read.
        request: what was being sent.
        head_received: status line and headers had come; from then on nothing may be repeated.
    """
    what = f"{request.method} {request.url}"
    cause = _told_by(error)
    match error:
        case httpx.TimeoutException():
            return _timed_out(error, what, cause, request)
        case httpx.ProxyError():
            return ConnectFailed(
                f"The proxy does not pass on {what}.",
                code="proxy-refused",
                request=request,
                cause=cause,
                hint="Check the proxy's address and credentials, or leave --proxy out.",
            )
        case httpx.ConnectError():
            return _connect_failed(error, what, cause, request)
        case httpx.DecodingError():
            return ProtocolBroken(
                f"The body of the response to {what} is not encoded as its Content-Encoding says.",
                code="bad-content-encoding",
                request=request,
                cause=cause,
            )
        case httpx.NetworkError() | httpx.RemoteProtocolError() if _is_lost(error):
            return ConnectionLost(
                f"The connection broke {'within' if head_received else 'before'} the response to {what}.",
                code="body-incomplete" if head_received else "connection-lost",
                request=request,
                cause=cause,
                hint="The server's log tells whether it crashed or closed the connection on purpose.",
                repeatable=not head_received and request.method in IDEMPOTENT,
            )
        case httpx.RemoteProtocolError():
            return ProtocolBroken(
                f"What answered {what} does not speak HTTP.",
                code="not-http",
                request=request,
                cause=cause,
                hint="Check host, port and scheme (http or https).",
            )
        case _:
            return unsendable(request, cause)


def unsendable(request: RawRequest, cause: str) -> Unsendable:
    """This client refuses to send ``request``, because of ``cause``."""
    return Unsendable(
        f"This client cannot send {request.method} {request.url}.",
        code="unsendable",
        request=request,
        cause=cause,
    )


def _timed_out(error: Exception, what: str, cause: str, request: RawRequest) -> TransportError:
    if isinstance(error, httpx.ConnectTimeout):
        message, code = f"No connection for {what} in time.", "connect-timeout"
    else:
        message, code = f"No (complete) answer to {what} in time.", "timeout"
    return TimedOut(
        message,
        code=code,
        request=request,
        cause=cause,
        hint="Is the host reachable from here (firewall, VPN), and can the server keep up? "
        "Longer timeouts: --connect-timeout, --read-timeout.",
    )


def _connect_failed(error: Exception, what: str, cause: str, request: RawRequest) -> TransportError:
    chain = list(_chain(error))
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return TlsFailed(
            f"No secure connection for {what}.",
            code="tls",
            request=request,
            cause=cause,
            hint=_tls_hint(chain),
        )
    if any(isinstance(link, UnicodeError) for link in chain):
        return unsendable(request, cause)
    if unresolved := next((link for link in chain if isinstance(link, socket.gaierror)), None):
        return ConnectFailed(
            f"The host of {what} is unknown.",
            code="dns",
            request=request,
            cause=cause,
            hint="Check the spelling of the host name, and whether it can be resolved from here.",
            # the resolver has no answer at present; of a name that it knows not to exist it says so
            repeatable=unresolved.errno == socket.EAI_AGAIN,
        )
    refused = any(isinstance(link, ConnectionRefusedError) for link in chain)
    return ConnectFailed(
        f"Connection {'refused' if refused else 'failed'}: {what}.",
        code="connect-refused" if refused else "connect-failed",
        request=request,
        cause=cause,
        hint="Is the server running? Check host and port.",
        repeatable=refused,
    )


def _tls_hint(chain: list[BaseException]) -> str:
    text = " ".join(str(link) for link in chain).lower()
    if "verify failed" in text:
        return "For a private CA use --ca-bundle FILE. On a test server, --insecure turns verification off."
    if "wrong version number" in text or "record layer failure" in text:
        return "The port seems to speak plain HTTP: use http:// instead of https://."
    if "certificate required" in text:
        return "The server wants a client certificate: --client-cert FILE (and --client-key FILE)."
    return "Check the TLS versions and certificates of server and client."


def _is_lost(error: Exception) -> bool:
    """A connection that broke, as opposed to bytes that are no HTTP: httpx has one class for both."""
    text = str(error)
    return isinstance(error, httpx.NetworkError) or "disconnected" in text or "closed connection" in text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what caused it, innermost last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _told_by(error: Exception) -> str:
    """Return what the innermost exception that says something says."""
    texts = [f"{type(link).__name__}: {link}" for link in _chain(error) if str(link)]
    return texts[-1] if texts else type(error).__name__
