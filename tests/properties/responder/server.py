"""A server that answers from the contract: right by default, wrong in one respect on request.

It keeps what is created in memory, so that the laws about writing can be seen to hold, and to be broken.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.wire.checking.bodies import BODILESS
from tests.properties.responder.accounts import KEY, OWNER, Accounts
from tests.properties.responder.samples import sample
from tests.properties.responder.store import Store

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from conformance.contract import Operation

__all__ = ["KEY", "Responder", "refusal"]
Answer = tuple[int, Any]
Fault = Callable[["Operation", Answer], Answer]
REFUSED = 400


class Responder(Store):
    """The whole API on loopback; ``with Responder() as server: server.url``.

    Attributes:
        faults: what it does wrong, by name (see the code), as many as you like.
        answer: last word on every answer: a function from operation and answer to answer.
    """

    def __init__(self, *faults: str, answer: Fault | None = None) -> None:
        super().__init__(set(faults))
        self.answer = answer
        self.accounts = Accounts()
        self.requests: list[tuple[str, str, bytes]] = []
        self.flaky = 1
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            responder: ClassVar[Responder] = server

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline:
                    self.close_connection = True
                    return
                if self.parse_request():
                    self._serve()

            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                content = self.rfile.read(length)
                status, body, headers = self.responder.respond(
                    self.command, self.path, dict(self.headers.items()), content
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(
        self, method: str, target: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request."""
        with self._lock:
            self.requests.append((method, target, content))
            parts = urlsplit(target)
            page = self.accounts.page(method, parts.path)
            if page is not None:
                for user in self.accounts.sessions.values():
                    self.add_user(user)
                return page
            matched = self.contract.match(method, parts.path)
            if matched is None:
                return self._no_operation(parts.path)
            operation, values = matched
            given = {k.lower(): v for k, v in headers.items()}
            status, body = self._answer(operation, values, parts.query, given, content)
            if self.answer is not None:
                status, body = self.answer(operation, (status, body))
            return self._encoded(operation, status, body)

    def _no_operation(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        allowed = sorted({o.method for o in self.contract if o.pattern.match(path)})
        if not allowed:
            return 404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"}
        if "any-method" in self.faults:
            return 200, b"{}", {"Content-Type": "application/json"}
        allow = {} if "no-allow" in self.faults else {"Allow": ", ".join(allowed)}
        return 405, json.dumps(refusal(405)).encode(), {"Content-Type": "application/json", **allow}

    def _encoded(self, operation: Operation, status: int, body: Any) -> tuple[int, bytes, dict[str, str]]:
        documented = operation.responses.get(status)
        names = list(documented.content) if documented is not None else []
        if not names and (documented is None or status >= REFUSED):
            names = ["application/json"]  # a refusal says why, documented or not
        if not names or status in BODILESS:
            return status, b"", {}
        name = "application/json" if "application/json" in names else names[0]
        content = json.dumps(body).encode() if "json" in name else b"text"
        more = {"Cache-Control": "public, max-age=60"} if "shared" in self.faults else {}
        if status == HTTPStatus.UNAUTHORIZED and "no-challenge" not in self.faults:
            more["WWW-Authenticate"] = "Token"
        return status, content, {"Content-Type": name, **more}

    def _answer(
        self, operation: Operation, values: dict[str, str], query: str, headers: dict[str, str], content: bytes
    ) -> Answer:
        user = self.accounts.asking(headers)
        if operation.secured and "anonymous" not in self.faults and user is None:
            return 401, refusal(401)
        if not self._addresses(operation, values):
            return (200, self.sample(operation)) if "unknown-found" in self.faults else (404, refusal(404))
        if "lenient" not in self.faults and (problem := self._problem(operation, query, headers, content)):
            if "stores-refused" in self.faults:
                self.change_anyway(operation, values)
            return self._refused(operation, problem)
        if operation.id in {"users.whoami", "users.get_token", "users.reset_token", "versions.get"}:
            return operation.success[0], self._about(operation, user or OWNER)
        if operation.reads():
            return 200, self.read(operation, values, query)
        return operation.success[0], self.write(operation, values, content)

    def _addresses(self, operation: Operation, values: dict[str, str]) -> bool:
        """Is there what the path names?"""
        fit = all(
            _reads_as(unquote(values[p.name]), p.schema["type"]) for p in operation.parameters if p.location == "path"
        )
        kinds = self.resources.slot_kinds(operation)
        return fit and all(self.stored((kind, unquote(values[slot]))) is not None for slot, kind in kinds.items())

    def _problem(self, operation: Operation, query: str, headers: dict[str, str], content: bytes) -> Answer | None:  # noqa: PLR0911 - one way out per reason
        given = parse_qs(query, keep_blank_values=True)
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            if parameter.required and not parameter.exploded and parameter.name not in given:
                return 400, refusal(400)
            if any(not _reads_as(v, parameter.schema.get("type")) for v in given.get(parameter.name, ())):
                return 400, refusal(400)
        if operation.body is None:
            return None
        kind = headers.get("content-type", "").split(";")[0]
        if not content:
            return (400, refusal(400)) if operation.body.required else None
        if kind not in operation.body.content:
            return 415, refusal(415)
        if kind != "application/json":
            return None
        try:
            data = json.loads(content, parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError):
            return 400, refusal(400)
        return (400, refusal(400)) if self.schemas.violations(operation.body.content[kind].pointer, data) else None

    def _refused(self, operation: Operation, answer: Answer) -> Answer:
        """A refusal with the body that is documented for it."""
        documented = operation.responses.get(answer[0])
        media = documented.content.get("application/json") if documented else None
        if not media or not media.schema:
            return answer
        body = sample(media.schema, dict(self.contract.document))
        return (answer[0], body or refusal(answer[0]))

    def _about(self, operation: Operation, user: int) -> Any:
        """The answers that tell who asks, and what was asked."""
        body = self.sample(operation)
        match operation.id:
            case "users.whoami":
                return {**body, "id": user, "active_organization": 1}
            case "users.get_token":
                return {**body, "token": self.accounts.key_of(user)}
            case "users.reset_token":
                return {**body, "token": self.accounts.renew(user)}
        return {**body, "release": "1.0.0", "edition": "Enterprise"}


def refusal(status: int) -> dict[str, str]:
    """What a right server says of a refusal."""
    return {"detail": HTTPStatus(status).phrase}


def _reads_as(text: str, wanted: object) -> bool:
    """Is the text of a URL one of this JSON type?"""
    match wanted:
        case "integer":
            return re.fullmatch(r"-?\d+", text) is not None
        case "number":
            return re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text) is not None
        case "boolean":
            return text in {"true", "false", "True", "False", "1", "0"}
    return True


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
