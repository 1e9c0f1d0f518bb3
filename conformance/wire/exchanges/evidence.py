"""What is kept of an exchange as evidence: trimmed, redacted, and with the shell line that sends it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.judge.observation import Evidence

if TYPE_CHECKING:
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.wire.exchanges.redact import Redactor

KEPT: Final = 4096
"""Bytes of a body."""
_OF_EACH_REQUEST: Final = ("accept", "accept-encoding", "connection", "content-length", "host", "user-agent")
_OF_EACH_ANSWER: Final = ("x-request-id", "date", "server", "vary")
_OF_BROWSERS: Final = (
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "content-security-policy",
    "content-security-policy-report-only",
)
UNINTERESTING: Final = frozenset({*_OF_EACH_REQUEST, *_OF_EACH_ANSWER, *_OF_BROWSERS})


def evidence(exchange: Exchange, redactor: Redactor, *, curl: str) -> Evidence:
    """The exchange, trimmed and redacted, as a result keeps it, with the shell line that sends it again."""
    request, response = exchange.request, exchange.response
    sent_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    sent_type = sent_type.split(";")[0].strip().lower()
    kept = [(n, v) for n, v in request.headers if n.lower() not in UNINTERESTING]
    came: dict[str, Any] | None = None
    if response is not None:
        came = {
            "status": response.status,
            "headers": redactor.headers(
                [(n, v) for n, v in response.headers.items() if n.lower() not in UNINTERESTING]
            ),
            "body": redactor.excerpt(response.content, exchange.content_type, KEPT),
        }
    return Evidence(
        request={
            "method": request.method,
            "url": redactor.url(request.url),
            "headers": redactor.headers(kept),
            "body": redactor.excerpt(request.content or b"", sent_type, KEPT),
        },
        response=came,
        elapsed=round(response.elapsed, 4) if response else 0.0,
        request_id=exchange.request_id,
        curl=curl,
    )
