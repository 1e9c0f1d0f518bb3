"""Checks of bodies that need no schema: an answer is complete, and an error says why."""

from __future__ import annotations

import re
from email.message import Message
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.judge.observation import Observation, Outcome, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Operation
    from conformance.wire.exchanges.exchange import Exchange

# RFC 9110: these never carry a body, whatever a contract documents for them.
BODILESS = frozenset({204, 205, 304})
PARTIAL = 206
"""What a client gets that asks for a part (RFC 9110 §15.3.7)."""
UTF_8: Final = ("", "utf-8", "utf8")
_HTML: Final = re.compile(rb"\s*<(!doctype|html|head|body)\b", re.IGNORECASE)


def whole(operation: Operation, exchange: Exchange) -> Iterator[Observation]:
    """Whether a body is what its content type says: JSON that can be read."""
    if exchange.request.method == "HEAD" or exchange.status in {*BODILESS, PARTIAL} or exchange.response is None:
        return  # there is no body, or a part, which is JSON by chance only
    if exchange.server_error:
        return  # it failed: that is said already
    if exchange.response.truncated or not (exchange.content or exchange.succeeded):
        return  # we stopped reading, or there is nothing to read
    if not is_json(exchange.content_type):
        yield observed(operation, "whole", Outcome.PASS)
        return
    try:
        exchange.plain()
    except RecursionError:
        return
    except ValueError as problem:
        yield observed(
            operation,
            "whole",
            Outcome.FAIL,
            message=f"The {exchange.status} of {operation} says that it is JSON, and is none.",
            expected="a JSON value",
            got=f"{problem}: {exchange.text[:80]!r}",
            signature=f"HTTP {exchange.status} no JSON",
        )
        return
    encoding = _encoding(exchange.response.headers.get("content-type", ""))
    if encoding not in UTF_8 and not exchange.content.isascii():
        yield observed(
            operation,
            "whole",
            Outcome.FAIL,
            message=f"The {exchange.status} of {operation} is JSON in UTF-8, and says that it is in {encoding}.",
            expected="no charset, or utf-8 (RFC 8259 §8.1)",
            got=f"charset={encoding}",
            signature=f"HTTP {exchange.status} charset",
        )
    else:
        yield observed(operation, "whole", Outcome.PASS)
    if exchange.ok:
        yield observed(operation, "readable", Outcome.PASS)


def _encoding(content_type: str) -> str:
    """The character encoding that a content type names; empty where it names none."""
    message = Message()
    message["Content-Type"] = content_type
    return (message.get_content_charset() or "").lower()


def longer(operation: Operation, exchange: Exchange, excess: int) -> Observation:
    """An answer that goes on after its end."""
    return observed(
        operation,
        "whole",
        Outcome.FAIL,
        message=f"The {exchange.status} of {operation} goes on after its end: a client takes the rest for another.",
        expected="as many bytes as Content-Length announces, and none where there is no body",
        got=f"{excess} bytes more",
        signature=f"HTTP {exchange.status} longer than announced",
    )


def error_body(operation: Operation, exchange: Exchange) -> Observation:
    """Return whether a refusal that the contract documents no body for says why, in one way for all."""
    kind = exchange.content_type
    if exchange.request.method == "HEAD" or exchange.status in BODILESS or exchange.object():
        return observed(operation, "error-body", Outcome.PASS, verb=Verb.SHOULD)
    if is_json(kind) and isinstance(_value(exchange), list) and _value(exchange):
        return observed(operation, "error-body", Outcome.PASS, verb=Verb.SHOULD)
    is_page = _HTML.match(exchange.content) is not None
    got = "a page of HTML" if is_page else "nothing" if not exchange.content else kind or "no content type"
    return observed(
        operation,
        "error-body",
        Outcome.WARN,
        verb=Verb.SHOULD,
        message=f"The {exchange.status} of {operation} does not say why in a JSON object.",
        expected="a JSON object that tells the reason",
        got=f"{got}: {exchange.text[:80]!r}",
        signature=f"HTTP {exchange.status}: {got}",
    )


def _value(exchange: Exchange) -> object:
    try:
        value: object = exchange.plain()
    except (ValueError, RecursionError):
        return None
    return value


def observed(  # noqa: PLR0913 - keyword arguments of one value
    operation: Operation,
    rule: str,
    outcome: Outcome,
    *,
    message: str = "",
    expected: str = "",
    got: str = "",
    signature: str = "",
    pointer: str | None = None,
    hint: str | None = None,
    verb: Verb = Verb.MUST,
) -> Observation:
    """An observation of a rule on an operation."""
    return Observation(
        requirement=f"{operation.id}#{rule}",
        outcome=outcome,
        verb=verb,
        operation=operation.id,
        rule=rule,
        message=message,
        expected=expected,
        got=got,
        signature=signature,
        pointer=pointer or (operation.pointer if message else None),
        hint=hint,
    )


def asks_for_some(exchange: Exchange, partial: Mapping[str, frozenset[str]]) -> bool:
    """Return whether the client asked for some of the fields only.

    Args:
        exchange: with its request.
        partial: operation -> query parameters by which one can.
    """
    names = partial.get(exchange.operation.id, frozenset()) if exchange.operation else frozenset()
    return any(name in names for name, _ in parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True))


def is_json(media_type: str) -> bool:
    """``application/json`` or any ``+json``."""
    return media_type == "application/json" or media_type.endswith("+json")
