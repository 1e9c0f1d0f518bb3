"""Differences that HTTP and the contract allow: a suite that minds one of them blames a right server."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from starlette.middleware.gzip import GZipMiddleware

from conformance.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLOWER = 10
LONGEST = 2.0
SMALLEST = 20
BAD_REQUEST = 400
UNPROCESSABLE = 422
NOT_FOUND = 404
GONE = 410


def header_case(app: ASGIApp) -> ASGIApp:
    """Names of headers have capitals (RFC 9110 §5.1)."""

    def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [(bytes(name).title(), value) for name, value in message["headers"]]

    return _each_message(app, changed)


def chunked(app: ASGIApp) -> ASGIApp:
    """Bodies come in chunks, and nobody says how long they are (RFC 9112 §7.1)."""

    def changed(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] not in {204, 304}:
            message["headers"] = [h for h in message["headers"] if h[0].lower() != b"content-length"]

    return _each_message(app, changed)


def gzipped(app: ASGIApp) -> ASGIApp:
    """Bodies are compressed where the client takes that (RFC 9110 §8.4.1)."""
    return GZipMiddleware(app, minimum_size=SMALLEST)


def closing(app: ASGIApp) -> ASGIApp:
    """Every connection serves one request, as with HTTP/1.0 (RFC 9112 §9.6)."""

    def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]

    return _each_message(app, changed)


def extra_properties(app: ASGIApp) -> ASGIApp:
    """Objects have more properties than the contract names, and it forbids none."""
    return _each_body(app, _with_more)


def other_order(app: ASGIApp) -> ASGIApp:
    """Objects have their properties in another order (RFC 8259 §4)."""
    return _each_body(app, _turned)


def unprocessable(app: ASGIApp) -> ASGIApp:
    """What makes no sense is refused with 422 where the contract names no 400 for it (RFC 9110 §15.5.21)."""
    contract = load_contract()

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        found = contract.match(scope["method"], scope["path"]) if scope["type"] == "http" else None
        free = found is not None and BAD_REQUEST not in found[0].responses

        async def pass_on(message: Message) -> None:
            if free and message["type"] == "http.response.start" and message["status"] == BAD_REQUEST:
                message["status"] = UNPROCESSABLE
            await send(message)

        await app(scope, receive, pass_on)

    return changed


def gone(app: ASGIApp) -> ASGIApp:
    """What was deleted is answered 410, which HTTP prefers for what is gone for good (RFC 9110 §15.5.5)."""
    deleted: set[str] = set()

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).rstrip("/")

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["method"] == "DELETE" and message["status"] < 300:
                    deleted.add(path)
                elif message["status"] == NOT_FOUND and path in deleted:
                    message["status"] = GONE
            await send(message)

        await app(scope, receive, pass_on)

    return changed


def slower(app: ASGIApp) -> ASGIApp:
    """Everything takes ten times as long."""

    async def slowed(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()

        async def later(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(min(LONGEST, (SLOWER - 1) * (time.monotonic() - began)))
            await send(message)

        await app(scope, receive, later)

    return slowed


# what changes bodies comes before what packs them
LAWFUL: dict[str, Callable[[ASGIApp], ASGIApp]] = {
    "extra-properties": extra_properties,
    "other-order": other_order,
    "unprocessable": unprocessable,
    "gone": gone,
    "gzip": gzipped,
    "chunked": chunked,
    "header-case": header_case,
    "http-1.0": closing,
    "slower": slower,
}
# HTTP/1.0 knows no chunks
TOGETHER = tuple(name for name in LAWFUL if name != "chunked")


def _each_message(app: ASGIApp, change: Callable[[Message], None]) -> ASGIApp:
    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            change(message)
            await send(message)

        await app(scope, receive, pass_on)

    return changed


def _each_body(app: ASGIApp, change: Callable[[Any], Any]) -> ASGIApp:
    """Change the JSON of successes, whole."""

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def pass_on(message: Message) -> None:
            kept.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for one in _changed(kept, change):
                    await send(one)

        await app(scope, receive, pass_on)

    return changed


def _changed(messages: list[Message], change: Callable[[Any], Any]) -> list[Message]:
    start, *bodies = messages
    headers = {bytes(k).lower(): v for k, v in start["headers"]}
    content = b"".join(m.get("body", b"") for m in bodies)
    if not headers.get(b"content-type", b"").startswith(b"application/json") or start["status"] >= 300 or not content:
        return messages
    body = json.dumps(change(json.loads(content))).encode()
    others = [h for h in start["headers"] if bytes(h[0]).lower() != b"content-length"]
    start["headers"] = [*others, (b"content-length", str(len(body)).encode())]
    return [start, {"type": "http.response.body", "body": body}]


def _with_more(value: Any) -> Any:
    """The object, or the elements of the list, with a property more; what maps names of people's making is left."""
    if isinstance(value, list):
        return [_with_more(item) for item in value]
    if isinstance(value, dict) and "id" in value:
        return {**value, "x_of_this_server": {"more": [1, None]}}
    if isinstance(value, dict):
        return {k: _with_more(v) if k in {"results", "tasks"} else v for k, v in value.items()}
    return value


def _turned(value: Any) -> Any:
    if isinstance(value, list):
        return [_turned(item) for item in value]
    if isinstance(value, dict):
        return {k: _turned(v) for k, v in reversed(value.items())}
    return value
