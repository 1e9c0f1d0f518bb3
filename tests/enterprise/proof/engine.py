"""Makes the stand-in wrong in one way, at its edge: what comes in or goes out is spoiled, and no area knows of it."""

from __future__ import annotations

import fnmatch
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.enterprise.proof.spoiling import SPOILS, only, telling, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from conformance.contract import Contract

JSON = (b"content-type", b"application/json")
SHORT = 3
"""No text as short as that is a secret."""
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to be wrong.

    Attributes:
        operation: ids of operations, or patterns of them (``import_storage.*.create``), separated by blanks.
        skip: answer this status, and do nothing.
        turn: answer another status than the one that it came to; what was done stays done.
        ignore_body: fields of the body that never arrive; ``*`` for all of them.
        ignore_query: query parameters that never arrive; ``*`` for all of them.
        role: the role that whoever asks is taken to have.
        also: do the same to the object whose id is that much further.
        instead: do it to the object whose id is that much further.
        twice: do it twice.
        after: so many requests to it go well before.
        stale: an address answers as it did the first time.
        repeats: do nothing, and answer as the last time.
        besides: another operation that is done with the same body, too.
        tells: all texts that bodies carried stand in answers.
        spoil: names of :data:`SPOILS`: what is done to the answer.
        fields: nothing but these is spoiled.
        says: the answer is 200 and this, where it should say nothing.
        overlay: what an update was sent shows in answers afterwards, whether it was taken or not.
    """

    operation: str
    skip: int | None = None
    turn: Mapping[int, int] = field(default_factory=dict)
    ignore_body: tuple[str, ...] = ()
    ignore_query: tuple[str, ...] = ()
    role: str = ""
    also: int = 0
    instead: int = 0
    twice: bool = False
    after: int = 0
    stale: bool = False
    repeats: bool = False
    besides: str = ""
    tells: bool = False
    spoil: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    overlay: bool = False
    says: Mapping[str, Any] = field(default_factory=dict)

    def is_about(self, operation: str) -> bool:
        """Is an operation spoiled?"""
        return any(fnmatch.fnmatchcase(operation, pattern) for pattern in self.operation.split())


class Spoiled:
    """The stand-in with the fault of the moment.

    Args:
        app: what answers.
        contract: tells operations by method and path.

    Attributes:
        calls: how often each operation was asked for since the fault of the moment.
    """

    def __init__(self, app: ASGIApp, contract: Contract) -> None:
        self._app = app
        self._contract = contract
        self.fault = None

    @property
    def fault(self) -> Fault | None:
        """What is wrong; None for nothing."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._fault: Fault | None = fault
        self._overlay: dict[str, Any] = {}
        self._said: dict[str, Answer] = {}
        self._carried: list[str] = []
        self.calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        fault = self._fault
        found = self._contract.match(scope["method"], scope["path"]) if scope["type"] == "http" else None
        operation = found[0].id if found else ""
        self.calls[operation] += 1
        if fault is None or not operation or not (fault.tells or fault.is_about(operation)):
            await self._app(scope, receive, send)
            return
        content = await _read(receive)
        self._carried += [text for text in texts(_object(content)) if len(text) > SHORT]
        if not fault.is_about(operation):
            await _answer(send, *await self._ask(scope, content))
            return
        if self.calls[operation] <= fault.after:
            self._said[_address(fault, scope, operation)] = told = await self._ask(scope, content)
            await _answer(send, *told)
            return
        await _answer(send, *await self._wrong(fault, operation, scope, content))

    async def _wrong(self, fault: Fault, operation: str, scope: Scope, content: bytes) -> Answer:
        said = self._said.get(_address(fault, scope, operation))
        if said is not None and (fault.repeats or fault.stale):
            return said
        if fault.skip is not None:
            return fault.skip, [JSON], b"" if fault.skip == 204 else b"{}"
        if fault.says:
            return 200, [JSON], json.dumps(fault.says).encode()
        scope, content = _changed(fault, scope, content)
        if fault.overlay and scope["method"] in {"PATCH", "PUT", "POST"}:
            self._overlay = _object(content) or {}
        if fault.besides:
            await self._ask(self._elsewhere(fault.besides, scope), content)
        for further in (_further(scope, fault.also) if fault.also else None, scope if fault.twice else None):
            if further is not None:
                await self._ask(further, content)
        status, headers, body = await self._ask(_further(scope, fault.instead) or scope, content)
        status = fault.turn.get(status, status)
        answer = status, headers, self._spoil(fault, scope["method"], body)
        self._said[_address(fault, scope, operation)] = answer
        return answer

    def _elsewhere(self, operation: str, scope: Scope) -> Scope:
        """The same request to another operation, at the same place."""
        other = self._contract.operations[operation]
        found = self._contract.match(scope["method"], scope["path"])
        path = other.path
        for value, slot in zip(found[1].values() if found else (), other.slots, strict=False):
            path = path.replace(f"{{{slot}}}", str(value))
        return {**scope, "method": other.method, "path": path, "raw_path": path.encode()}

    async def _ask(self, scope: Scope, content: bytes) -> Answer:
        answer: dict[str, Any] = {"status": 500, "headers": [], "body": b""}

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer["status"], answer["headers"] = message["status"], list(message.get("headers", []))
            else:
                answer["body"] += message.get("body", b"")

        await self._app(scope, receive, send)
        return answer["status"], answer["headers"], answer["body"]

    def _spoil(self, fault: Fault, method: str, body: bytes) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            return SPOILS["bytes"](body) if "bytes" in fault.spoil else body
        for name in fault.spoil:
            value = only(value, fault.fields, SPOILS[name]) if fault.fields else SPOILS[name](value)
        if fault.tells:
            value = telling(value, self._carried)
        if method == "GET" and isinstance(value, dict):
            value = {**value, **{k: v for k, v in self._overlay.items() if k in value}}
        return json.dumps(value).encode()


def _address(fault: Fault, scope: Scope, operation: str) -> str:
    """By what an answer is remembered: what an operation was asked for last, or what an address was."""
    return operation if fault.repeats else f"{operation} {scope['path']}?{scope['query_string'].decode()}"


async def _read(receive: Receive) -> bytes:
    content, more = b"", True
    while more:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
    return content


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    body = b"" if status == 204 else body  # there is no way to send one
    kept = [(k, v) for k, v in headers if k.lower() != b"content-length"]
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*kept, *length]})
    await send({"type": "http.response.body", "body": body})


def _changed(fault: Fault, scope: Scope, content: bytes) -> tuple[Scope, bytes]:
    """The request as it arrives."""
    changed = dict(scope)
    if fault.role:
        changed["state"] = {**scope.get("state", {}), "as_role": fault.role}
    if fault.ignore_query:
        query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
        left = [(k, v) for k, v in query if k not in fault.ignore_query and "*" not in fault.ignore_query]
        changed["query_string"] = urlencode(left).encode()
    body = _object(content)
    if fault.ignore_body and body is not None:
        left_ = {k: v for k, v in body.items() if k not in fault.ignore_body and "*" not in fault.ignore_body}
        content = json.dumps(left_).encode()
        headers = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
        changed["headers"] = [*headers, (b"content-length", str(len(content)).encode())]
    return changed, content


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _further(scope: Scope, by: int) -> Scope | None:
    """The same request for the object whose id is that much further; None where the path names none by a number."""
    found = re.search(r"\d+(?=[^\d]*$)", scope["path"])
    if found is None or not by:
        return None
    path = f"{scope['path'][: found.start()]}{int(found[0]) + by}{scope['path'][found.end() :]}"
    return {**scope, "path": path, "raw_path": path.encode()}
