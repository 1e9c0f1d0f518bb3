"""A reverse proxy on loopback, in front of a real server, that has the faults of a catalogue."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from conformance.contract import load_contract
from tests.faults.messages import LENGTHS, NO_BODY, Answered, Asked, Call, value_of
from tests.listening import listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from starlette.requests import Request

    from tests.faults.loading import Fault
    from tests.faults.messages import Headers

HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"})
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
BROKEN: Final = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
RELAY: Final = "/__relay__/"
"""Below it lies what a fault stands in front of that the target calls."""


def _decoded(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in raw)


class Upstream:
    """The real server, asked in the same words: nothing is followed, decoded or added."""

    def __init__(self, url: str) -> None:
        self.url = httpx.URL(url)
        # a connection for each request: a thread of the server that a request left broken answers nobody else
        once = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=None, trust_env=False, limits=once)  # noqa: S113

    async def send(self, request: Asked) -> Answered:
        """Ask, and read the answer to its end."""
        target = request.path + (f"?{request.query}" if request.query else "")
        headers = [(k, v) for k, v in request.headers if k not in HOP_BY_HOP | LENGTHS]
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            headers.append(("content-length", str(len(request.body))))
        built = httpx.Request(
            request.method,
            self.url.copy_with(raw_path=target.encode("latin-1")),
            headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers],
            content=request.body,
        )
        if not request.body and request.method not in {"POST", "PUT", "PATCH"}:
            built.headers.pop("content-length", None)
        response = await self._client.send(built, stream=True)
        try:
            body = b"".join([chunk async for chunk in response.aiter_raw()])
        finally:
            await response.aclose()
        headers_ = tuple((k, v) for k, v in _decoded(response.headers.raw) if k not in HOP_BY_HOP)
        return Answered(status=response.status_code, headers=headers_, body=body)

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()


class Proxy:
    """``with Proxy(server.url, key=…, faults=…) as proxy: proxy.url``.

    Args:
        upstream: base URL of the real server.
        key: its owner's.
        faults: what is wrong; each at its own operations only.

    Attributes:
        active: ids of the faults that are there at the moment; None = all.
        met: how many requests met each.
        acted: how many of them it answered, or passed on, otherwise than it got them.
        broken: faults whose own function broke on a request that it had not reckoned with, and how: it is passed on.
    """

    def __init__(self, upstream: str, *, key: str, faults: Sequence[Fault] = ()) -> None:
        self._upstream = upstream
        self._key = key
        self.faults = tuple(faults)
        self.active: frozenset[str] | None = None
        self.met: dict[str, int] = dict.fromkeys((f.id for f in faults), 0)
        self.acted: dict[str, int] = dict.fromkeys(self.met, 0)
        self.broken: dict[str, str] = {}
        self._memories: dict[str, dict[Any, Any]] = {f.id: {} for f in faults}
        self._relays: dict[str, Any] = {}
        self._server: Upstream | None = None
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=METHODS)])
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        settings = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=600,
            h11_max_incomplete_event_size=1 << 20,
            http="h11",
            ws="none",
            access_log=False,
        )
        self._uvicorn = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._serve, daemon=True, name="proxy")

    def _serve(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._uvicorn.should_exit = True
        self._uvicorn.force_exit = True
        self._thread.join(10)
        self._socket.close()

    async def _answer(self, request: Request) -> Response:
        if self._server is None:
            self._server = Upstream(self._upstream)
        raw = request.scope["raw_path"].decode("latin-1")
        asked = Asked(
            method=request.method,
            path=raw,
            query=request.scope["query_string"].decode("latin-1"),
            headers=_decoded(request.scope["headers"]),
            body=await request.body(),
        )
        if raw.startswith(RELAY):
            return as_response(await self._relays[raw.split("/")[2]](asked), asked.method)
        return as_response(await self._through(asked), asked.method)

    async def _through(self, asked: Asked) -> Answered:
        """Past all faults that the request meets, the first one outermost."""
        assert self._server is not None
        method = "GET" if asked.method == "HEAD" else asked.method
        matched = load_contract().match(method, asked.path)
        operation, slots = matched or (None, {})
        send: Callable[[Asked], Awaitable[Answered]] = self._server.send
        for fault in reversed(self.faults):
            if self.active is not None and fault.id not in self.active:
                continue
            if fault.meets(operation.id if operation else "", asked.method):
                send = self._faulty(fault, send, operation, slots)
        return await send(asked)

    def _faulty(
        self,
        fault: Fault,
        send: Callable[[Asked], Awaitable[Answered]],
        operation: Any,
        slots: Mapping[str, str],
    ) -> Callable[[Asked], Awaitable[Answered]]:
        async def answered(asked: Asked) -> Answered:
            number = self.met[fault.id]
            self.met[fault.id] += 1
            passed: list[tuple[Asked, Answered]] = []

            async def noted(request: Asked) -> Answered:
                answer = await send(request)
                passed.append((request, answer))
                return answer

            call = Call(
                asked, operation, slots, number, self._memories[fault.id], noted, self._key, self.url, self._relays
            )
            try:
                answer = await fault.act(call)
            except BROKEN as problem:
                # ours, and not the server's: nothing of it is told as an answer of its
                self.broken[fault.id] = f"{type(problem).__name__}: {problem}"
                return await send(asked)
            self.acted[fault.id] += _is_spoiled(asked, answer, passed)
            return answer

        return answered


def _said(message: Asked | Answered) -> tuple[Any, ...]:
    """What a message says, however it is written."""
    body = message.body if message.json is None else message.json
    if isinstance(message, Asked):
        return (message.method, message.path, message.parameters, value_of(message.headers, "authorization"), body)
    return (message.status, sorted((k, v) for k, v in message.headers if k != "content-encoding"), body, message.cut)


def _is_spoiled(asked: Asked, answer: Answered, passed: Sequence[tuple[Asked, Answered]]) -> bool:
    """Was something else done than passing on: the request, once, and its answer? Reading besides is nothing."""
    own = _said(asked)
    same = [_said(got) for sent, got in passed if _said(sent) == own]
    reads = {"GET", "HEAD"}
    written = [sent for sent, _ in passed if sent.method not in reads]
    return (_said(answer) not in same) or len(written) > (asked.method not in reads)


def as_response(answered: Answered, method: str) -> Response:
    """What is sent to whoever asked."""
    headers = [(k, v) for k, v in answered.headers if k not in LENGTHS]
    announced = next((v for k, v in answered.headers if k == "content-length"), None)
    if method != "HEAD" and answered.status not in NO_BODY:
        headers.append(("content-length", str(len(answered.body) + answered.cut)))
    elif announced is not None:  # what the server does not announce of a GET, we do not either
        headers.append(("content-length", announced))

    async def chunks() -> AsyncIterator[bytes]:
        if answered.delay:
            await asyncio.sleep(answered.delay)
        yield answered.body

    if answered.cut or answered.delay:
        response: Response = StreamingResponse(chunks(), status_code=answered.status)
    else:
        response = Response(answered.body, status_code=answered.status)
    response.raw_headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers]
    return response
