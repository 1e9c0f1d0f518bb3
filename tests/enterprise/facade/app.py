"""The façade itself: an ASGI application in front of a real Community server."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tests.enterprise import areas
from tests.enterprise.facade.garnish import Garnish
from tests.enterprise.facade.permissions import permit
from tests.enterprise.facade.records import record
from tests.enterprise.facade.refusals import Refusal
from tests.enterprise.facade.routes import Routes
from tests.enterprise.facade.upstream import HOP_BY_HOP, Passed
from tests.enterprise.state.model import SERVED, Answer, Call

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.facade.routes import Place
    from tests.enterprise.state.model import Model

log = logging.getLogger(__name__)
areas.load()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Attributes:
        as_role: the role that the caller is taken to have, of a stand-in that gets roles wrong.
    """

    method: str
    target: bytes
    query: str
    headers: dict[str, str]
    raw: list[tuple[bytes, bytes]]
    content: bytes
    as_role: str = ""


class Facade:
    """Passes Community operations on, and answers Enterprise operations itself."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._routes = Routes(model.contract)
        self._garnish = Garnish(model)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            content = await request.body()
        except ClientDisconnect:
            return
        query = scope["query_string"]
        asked = Asked(
            scope["method"],
            scope["raw_path"] + (b"?" + query if query else b""),
            query.decode("ascii", "replace"),
            dict(request.headers.items()),
            [(k.lower(), v) for k, v in scope["headers"]],
            content,
            scope.get("state", {}).get("as_role", ""),
        )
        response = await self._answer(asked, scope["raw_path"].decode("ascii", "replace"))
        await response(scope, receive, send)

    async def _answer(self, asked: Asked, path: str) -> Response:
        place = self._routes.find(path)
        operation = place.operations.get("GET" if asked.method == "HEAD" else asked.method) if place else None
        if place is not None and operation is not None and operation.id in SERVED:
            return await anyio.to_thread.run_sync(self._serve, operation, place, asked)
        if place is not None and operation is None and place.enterprise_only:
            return await anyio.to_thread.run_sync(self._no_method, place, asked)
        return await self._pass_on(asked, operation, place)

    async def _pass_on(self, asked: Asked, operation: Operation | None, place: Place | None) -> Response:
        """A Community operation, or none at all: the real server's answer, with the Enterprise fields in it."""
        values = place.values if place else {}
        early = None
        if operation is not None:
            early = await anyio.to_thread.run_sync(self._garnish.refuses, operation, values, asked)
        if early is not None:
            return _refused(early)
        if operation is not None:
            asked = await anyio.to_thread.run_sync(self._garnish.rewritten, operation, asked)
        # the length that HEAD tells is that of the body with the Enterprise fields
        method = "GET" if asked.method == "HEAD" and operation is not None else asked.method
        try:
            passed = await self.model.upstream.pass_on(method, asked.target, asked.raw, asked.content)
        except httpx.HTTPError as problem:
            log.warning("the real server did not answer %s %s: %r", asked.method, asked.target, problem)
            return Response(b'{"detail": "Bad Gateway"}', 502, media_type="application/json")
        if place is not None:
            _allow(passed, place)
        if operation is not None:
            passed = await anyio.to_thread.run_sync(self._garnish.passed, operation, values, asked, passed)
        if method != asked.method:
            passed = Passed(passed.status, passed.headers, b"")
        return _as_it_is(passed)

    def _serve(self, operation: Operation, place: Place, asked: Asked) -> Response:
        """An Enterprise operation."""
        status, body = 500, None
        with self.model.lock:
            caller = None
            try:
                caller = self._caller(asked)
                permit(self.model, operation, caller)
                call = self._read(operation, place.values, asked, caller)
                status, body = self._done(call)
                response = _json(status, body, asked.method)
            except Refusal as refusal:
                status, response = refusal.status, _refused(refusal)
            except Passes as passes:
                return _as_it_is(passes.passed)
            if caller is not None:
                record(self.model, asked, operation, place.values, caller, status)
        return response

    def _caller(self, asked: Asked) -> Caller:
        caller = self.model.callers.identify(asked.headers)
        if isinstance(caller, httpx.Response):
            raise Passes(Passed(caller.status_code, _kept(caller.headers.raw), caller.content))
        if asked.as_role:
            caller = replace(caller, role=asked.as_role)
        return caller

    def _read(self, operation: Operation, values: dict[str, str], asked: Asked, caller: Caller) -> Call:
        """The request by the contract; what it names has to be there."""
        reader = self.model.reader
        call = Call(model=self.model, operation=operation, caller=caller)
        call.path = reader.path(operation, values)
        areas.look(call)
        permit(self.model, operation, caller, call.path)
        call.query = reader.query(operation, asked.query)
        call.body = reader.body(operation, asked.headers.get("content-type", ""), asked.content)
        areas.look_in_body(call)
        return call

    def _done(self, call: Call) -> tuple[int, Any]:
        found = SERVED[call.operation.id](call)
        answer = found if isinstance(found, Answer) else Answer(call.operation.success[0], found)
        if answer.status == 204 or not call.operation.responses[answer.status].content:
            return answer.status, answer.body
        return answer.status, self.model.shapes.answer(call.operation, answer.status, answer.body)

    def _no_method(self, place: Place, asked: Asked) -> Response:
        caller = self.model.callers.identify(asked.headers)
        if isinstance(caller, httpx.Response):
            return _as_it_is(Passed(caller.status_code, _kept(caller.headers.raw), caller.content))
        return _refused(Refusal(405, f'Method "{asked.method}" not allowed.', allow=place.methods))


class Passes(Exception):
    """The real server's own answer is the answer."""

    def __init__(self, passed: Passed) -> None:
        self.passed = passed
        super().__init__()


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(k.lower(), v) for k, v in headers if k.lower() not in HOP_BY_HOP]


def _as_it_is(passed: Passed) -> Response:
    response = Response(passed.content, passed.status)
    response.raw_headers = [h for h in passed.headers if h[0] not in {b"date", b"server"}]
    return response


def _allow(passed: Passed, place: Place) -> None:
    """What the real server says of methods leaves out those of Enterprise."""
    for index, (name, value) in enumerate(passed.headers):
        if name == b"allow":
            methods = {m.strip() for m in value.decode("ascii", "replace").split(",")} | set(place.methods)
            passed.headers[index] = (name, ", ".join(sorted(methods)).encode())


def _json(status: int, body: Any, method: str) -> Response:
    if status == 204 or body is None:
        return Response(b"", status)
    content = json.dumps(body).encode()
    response = Response(content, status, media_type="application/json")
    if method == "HEAD":
        response.body = b""
    return response


def _refused(refusal: Refusal) -> Response:
    headers = {"Allow": ", ".join(refusal.allow)} if refusal.allow else {}
    return Response(json.dumps(refusal.body()).encode(), refusal.status, headers, "application/json")
