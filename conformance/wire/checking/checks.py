"""The check of every response against the contract: pure, from an exchange to observations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.judge.observation import Outcome
from conformance.wire.checking.bodies import (
    BODILESS,
    PARTIAL,
    asks_for_some,
    error_body,
    is_json,
    longer,
    observed,
    whole,
)
from conformance.wire.checking.deeds import deed_of
from conformance.wire.checking.wording import cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import MediaType, Operation, Response, SchemaChecker
    from conformance.judge.observation import Observation
    from conformance.wire.exchanges.exchange import Exchange

# Client errors that HTTP itself (RFC 9110, RFC 6585) gives reason for: no API has to document them.
HTTP_REASONS = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 415, 416, 422, 429, 431})
NOT_FOUND, METHOD_NOT_ALLOWED = 404, 405
SERVER_ERROR = 500


class ResponseCheck:
    """Compares responses with what the contract documents for the operation.

    Rules (each an observation ``<operationId>#<rule>``):
        ``offered``: the route exists.
        ``answered``: an HTTP response came.
        ``whole``: it came to its end, and is JSON where it says so.
        ``valid-never-fails``: never a 5xx to what the contract allows.
        ``no-server-error``: never a 5xx to anything else.
        ``status``: 2xx and 3xx are documented; of 4xx those that HTTP gives reason for need no documentation.
        ``content-type``: one of the documented media types.
        ``response-schema``: the body keeps to the documented schema.
        ``error-body``: a refusal says why, in a JSON object.
        ``readable``, ``success``: a documented 2xx was reached (only ever a pass here).

    A 404 shows that something is wrong where it is, and never that something is right. An answer that the server gives
    to anything shows nothing at all.
    """

    def __init__(self, schemas: SchemaChecker, partial: Mapping[str, frozenset[str]] | None = None) -> None:
        self._schemas = schemas
        self._partial = partial or {}

    def __call__(self, exchange: Exchange) -> Iterator[Observation]:
        """Observations on one exchange, without evidence yet; none where it is no operation of the contract."""
        operation = exchange.operation
        if operation is None or exchange.void:
            return
        if exchange.response is None:
            yield self._unanswered(operation, exchange)
            return
        if route_missing(exchange):
            yield observed(
                operation,
                "offered",
                Outcome.UNSUPPORTED,
                message=f"{operation} is not offered: the server has no such route.",
                expected=f"an operation of the {operation.edition} edition",
                got=f"{exchange.status} {exchange.content_type}".strip(),
                signature=f"HTTP {exchange.status}",
            )
            return
        found = self._looked_at(operation, exchange)
        yield from (o for o in found if o.outcome is not Outcome.PASS or exchange.status != NOT_FOUND)

    def _looked_at(self, operation: Operation, exchange: Exchange) -> Iterator[Observation]:
        if exchange.status != METHOD_NOT_ALLOWED or is_json(exchange.content_type):
            yield observed(operation, "offered", Outcome.PASS)
        yield from self._failure(operation, exchange)
        if exchange.status < SERVER_ERROR:
            yield self._status(operation, exchange)
        if exchange.response is not None and exchange.response.excess:
            yield longer(operation, exchange, exchange.response.excess)
        else:
            yield from whole(operation, exchange)
        documented = operation.responses.get(exchange.status)
        if exchange.rejected and not (documented and documented.content):
            yield error_body(operation, exchange)
        if documented is None:
            return
        if documented.content and exchange.request.method != "HEAD" and exchange.status not in BODILESS:
            yield from self._body(operation, documented, exchange)
        if exchange.ok:
            yield observed(operation, "success", Outcome.PASS)

    def _unanswered(self, operation: Operation, exchange: Exchange) -> Observation:
        problem = exchange.problem
        code = problem.code if problem else "no answer"
        if not exchange.repeatedly:
            return observed(
                operation,
                "answered",
                Outcome.ERROR,
                message=f"{operation} gave no answer: {problem}",
                expected="an HTTP response",
                got=str(problem),
                signature=code,
                hint="Check the network, and whether the target still runs. This counts against neither.",
            )
        deed = deed_of(exchange, self._schemas)
        rule = "whole" if code != "connection-lost" else "valid-never-fails" if deed.valid else "answered"
        return observed(
            operation,
            rule,
            Outcome.FAIL,
            message=f"{operation} gave no whole answer to {deed.what}, twice, while the server was well: {problem}",
            expected="a whole HTTP response",
            got=str(problem),
            signature=f"{code}: {deed.what}",
            hint="The server's log shows the reason; X-Request-Id identifies the request.",
        )

    def _failure(self, operation: Operation, exchange: Exchange) -> Iterator[Observation]:
        """Observe a failure of the server, with what it failed on; a success shows that valid requests do not fail."""
        if exchange.status < SERVER_ERROR:
            yield observed(operation, "no-server-error", Outcome.PASS)
            if exchange.ok:
                yield observed(operation, "valid-never-fails", Outcome.PASS)
            return
        deed = deed_of(exchange, self._schemas)
        yield observed(
            operation,
            "valid-never-fails" if deed.valid else "no-server-error",
            Outcome.FAIL,
            message=f"{operation} answered {exchange.status} to {deed.what}: the server broke on it.",
            expected="any status below 500",
            got=f"{exchange.status} {reason(exchange)}".strip(),
            signature=f"HTTP {exchange.status}: {deed.what}",
            hint="The server's log shows the traceback; X-Request-Id identifies the request.",
        )

    def _status(self, operation: Operation, exchange: Exchange) -> Observation:
        status = exchange.status
        part = status == PARTIAL and any(name.lower() == "range" for name, _ in exchange.request.headers)
        if status in operation.responses or status in HTTP_REASONS or part:
            return observed(operation, "status", Outcome.PASS)
        known = ", ".join(map(str, sorted(operation.responses))) or "none"
        return observed(
            operation,
            "status",
            Outcome.FAIL,
            message=f"{operation} answered {status}, which the contract does not document.",
            expected=f"one of {known}",
            got=str(status),
            signature=f"HTTP {status}",
            pointer=f"{operation.pointer}/responses",
            hint="If the server is right, the contract needs this status: see spec/README.md.",
        )

    def _body(self, operation: Operation, documented: Response, exchange: Exchange) -> Iterator[Observation]:
        media = _media(documented, exchange.content_type)
        if media is None:
            yield observed(
                operation,
                "content-type",
                Outcome.FAIL,
                message=f"{operation} answered {exchange.status} with {exchange.content_type or 'no content type'}.",
                expected=" or ".join(sorted(documented.content)),
                got=exchange.content_type or "none",
                signature=f"HTTP {exchange.status} {exchange.content_type or 'none'}",
                pointer=f"{documented.pointer}/content",
            )
            return
        yield observed(operation, "content-type", Outcome.PASS)
        if media.schema is None or not is_json(media.name):
            return
        try:
            instance = exchange.plain()
        except (ValueError, RecursionError):
            return  # `whole` says so
        violations = self._schemas.violations(media.pointer, instance, partial=asks_for_some(exchange, self._partial))
        if not violations:
            yield observed(operation, "response-schema", Outcome.PASS)
        for violation in violations:
            yield observed(
                operation,
                "response-schema",
                Outcome.FAIL,
                message=f"The {exchange.status} of {operation} breaks its schema at "
                f"{violation.instance or '/'}: {violation.message}",
                expected=f"{violation.keyword} as in {violation.schema or media.pointer}",
                got=violation.message,
                signature=violation.signature,
                pointer=media.pointer,
                hint="If the server is right, correct the contract: see spec/README.md.",
            )


def _media(documented: Response, content_type: str) -> MediaType | None:
    """The documented media type that a content type falls under; ranges (``text/*``) count."""
    for name, media in documented.content.items():
        if name in {content_type, "*/*"} or (name.endswith("/*") and content_type.startswith(name[:-1])):
            return media
        # "any bytes" is how a contract writes a download of whatever type
        if name in {"application/octet-stream", "application/*"} and content_type:
            return media
    return None


def route_missing(exchange: Exchange) -> bool:
    """Return whether the server lacks the route, and not only the object.

    A 404 alone does not tell: some servers have one page for a missing object and a missing route. ``no_route`` does.
    """
    return exchange.no_route or (exchange.status == METHOD_NOT_ALLOWED and _without_operation(exchange))


def _without_operation(exchange: Exchange) -> bool:
    """Return whether the server's URL resolver may have answered instead of the operation.

    An HTML 404 where JSON is due may come from there, and a 405 whose ``Allow`` lacks the method from a route that
    serves other methods only. A path with a value in it that can be no identity (``abc`` for a number) tells nothing.
    """
    operation, response = exchange.operation, exchange.response
    if operation is None or response is None or not all(v.isdecimal() for v in exchange.path_values.values()):
        return False
    if exchange.status == NOT_FOUND:
        return exchange.content_type == "text/html" and not any(
            "text/html" in r.content for r in operation.responses.values()
        )
    if exchange.status == METHOD_NOT_ALLOWED:
        allowed = {m.strip().upper() for m in response.headers.get("allow", "").split(",")} - {""}
        return bool(allowed) and operation.method not in allowed
    return False


def page_not_found(exchange: Exchange) -> bool:
    """Return whether the answer is a 404 that leaves open whether the object or the route is missing."""
    return exchange.status == NOT_FOUND and _without_operation(exchange)


def reason(exchange: Exchange) -> str:
    """Return what a server says of an error, in one line."""
    try:
        data = exchange.plain()
    except (ValueError, RecursionError):
        return " ".join(re.sub(r"<[^>]+>", " ", exchange.text[:400]).split())[:160]
    if isinstance(data, dict):
        for key in ("detail", "exc_info", "message", "error"):
            if isinstance(data.get(key), str):
                return " ".join(data[key].split())[:160]
    return exchange.text[:160]


def cause_of(exchange: Exchange) -> str:
    """The part of an error that is the same for the same cause: values and a database's words are left out."""
    return cause(reason(exchange))
