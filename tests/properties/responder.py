"""A server that answers from the contract: right by default, wrong in one respect on request.

It keeps what is created in memory, so that the laws about writing can be seen to hold, and to be broken.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.contract import SchemaChecker, load_contract
from conformance.contract.resources import load_resources
from conformance.properties.rules import load_rules
from tests.properties.samples import sample

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from conformance.contract import Operation

KEY = "f" * 40
Answer = tuple[int, Any]
Fault = Callable[["Operation", Answer], Answer]


class Responder:
    """The whole API on loopback; ``with Responder() as server: server.url``.

    Attributes:
        faults: what it does wrong, by name (see the code), as many as you like.
        answer: last word on every answer: a function from operation and answer to answer.
    """

    def __init__(self, *faults: str, answer: Fault | None = None) -> None:
        self.faults = set(faults)
        self.answer = answer
        self.contract = load_contract()
        self.resources = load_resources()
        self.schemas = _schemas()
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests: list[tuple[str, str, bytes]] = []
        self.flaky = 1
        self._numbers = 100
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            responder: ClassVar[Responder] = server

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
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
        return 405, b"{}", {"Content-Type": "application/json", **allow}

    def _encoded(self, operation: Operation, status: int, body: Any) -> tuple[int, bytes, dict[str, str]]:
        documented = operation.responses.get(status)
        names = list(documented.content) if documented is not None else ["application/json"]
        if not names:
            return status, b"", {}
        name = "application/json" if "application/json" in names else names[0]
        content = json.dumps(body).encode() if "json" in name else b"text"
        return status, content, {"Content-Type": name}

    def _answer(
        self, operation: Operation, values: dict[str, str], query: str, headers: dict[str, str], content: bytes
    ) -> Answer:
        if operation.secured and "anonymous" not in self.faults and headers.get("authorization") != f"Token {KEY}":
            return 401, {}
        kinds = self.resources.slot_kinds(operation)
        for slot, kind in kinds.items():
            key = (kind, unquote(values[slot]))
            if key not in self.objects and not self._always(*key):
                return (200, self._sample(operation)) if "unknown-found" in self.faults else (404, {})
        if "lenient" not in self.faults and (problem := self._problem(operation, query, headers, content)):
            if "stores-refused" in self.faults:
                self._store_anyway(kinds, values)
            return problem
        if operation.reads():
            return 200, self._read(operation, values, query)
        return self._write(operation, kinds, values, content)

    def _always(self, kind: str, identity: str) -> bool:
        """There are one organisation and one user; what else has no create operation is there, too."""
        return self.resources.kinds[kind].create is None or (kind == "user" and identity == "1")

    def _problem(self, operation: Operation, query: str, headers: dict[str, str], content: bytes) -> Answer | None:  # noqa: PLR0911 - one way out per reason
        given = parse_qs(query, keep_blank_values=True)
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            if parameter.required and parameter.name not in given:
                return 400, {}
            if parameter.schema.get("type") == "integer" and any(
                not _is_number(v) for v in given.get(parameter.name, ())
            ):
                return 400, {}
        if operation.body is None:
            return None
        kind = headers.get("content-type", "").split(";")[0]
        if not content:
            return (400, {}) if operation.body.required else None
        if kind not in operation.body.content:
            return 415, {}
        if kind != "application/json":
            return None
        try:
            data = json.loads(content, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return 400, {}
        return (400, {}) if self.schemas.violations(operation.body.content[kind].pointer, data) else None

    def _store_anyway(self, kinds: dict[str, str], values: dict[str, str]) -> None:
        for slot, kind in kinds.items():
            for name, value in self.objects.get((kind, values[slot]), {}).items():
                if isinstance(value, str) and name in {"title", "model_version", "first_name"}:
                    self.objects[kind, values[slot]][name] = "changed all the same"

    def _remove(self, kind: str, identity: str) -> None:
        self.objects.pop((kind, identity), None)
        if "keeps-orphans" in self.faults:
            return
        for child in self.resources.kinds.values():
            if child.parent != kind:
                continue
            for (name, number), stored in list(self.objects.items()):
                if name == child.name and str(stored.get(kind)) == identity:
                    self._remove(name, number)

    def _sample(self, operation: Operation) -> Any:
        status = operation.success[0]
        content = operation.responses[status].content
        media = content.get("application/json") or next(iter(content.values()), None)
        return sample(media.schema if media else {}, dict(self.contract.document))

    def _read(self, operation: Operation, values: dict[str, str], query: str) -> Any:
        for kind in self.resources.kinds.values():
            if kind.read == operation.id and operation.slots:
                stored = self.objects.get((kind.name, unquote(values[operation.slots[-1]])))
                if stored is not None:
                    return stored
        rules = load_rules()
        body = self._sample(operation)
        if operation.id == "users.whoami":
            return {**body, "id": 1, "active_organization": 1}
        listed = rules.filters.get(operation.id) or rules.paged.get(operation.id) or rules.ordered.get(operation.id)
        if listed is None:
            return body
        return self._list(operation, body, query, values)

    def _list(self, operation: Operation, body: Any, query: str, values: dict[str, str]) -> Any:
        rules = load_rules()
        given = {k: v[-1] for k, v in parse_qs(query).items()} | {k: unquote(v) for k, v in values.items()}
        table = rules.filters.get(operation.id, {})
        paged, ordered = rules.paged.get(operation.id), rules.ordered.get(operation.id)
        kind = next((r["kind"] for r in table.values()), None) or (paged or ordered or {})["make"]
        found = [o for (k, _), o in self.objects.items() if k == kind]
        for name, rule in table.items():
            if name in given and "unfiltered" not in self.faults:
                found = [o for o in found if str(o.get(rule["field"])) == given[name] or rule["field"] not in o]
        if given.get("ordering", "").startswith("-") and "unordered" not in self.faults:
            found = found[::-1]
        total = len(found)
        if paged and "page" in given:
            size, page = int(given["page_size"]), int(given["page"])
            start = (page - 1) * size - (1 if page > 1 and "overlapping-pages" in self.faults else 0)
            found = found[start : start + size]
        place = (paged or ordered or next(iter(table.values())))["at"]
        if place == "/*":
            return found
        return {**body, place.split("/")[1]: found, **({paged["total"].strip("/"): total} if paged else {})}

    def _write(self, operation: Operation, kinds: dict[str, str], values: dict[str, str], content: bytes) -> Answer:
        status = operation.success[0]
        body = self._sample(operation)
        try:
            sent = json.loads(content) if content else {}
        except ValueError:
            sent = {}
        sent = sent if isinstance(sent, dict) else {}
        made, removed = self.resources.created_by(operation.id), self.resources.deleted_by(operation.id)
        if made is not None and isinstance(body, dict):
            self._numbers += 1
            body = {**body, **({} if "forgets-input" in self.faults else sent), made.identity: self._numbers}
            for slot, kind in kinds.items():
                body[kind] = int(values[slot])
            read = self.contract[str(made.read)]
            kept = sent if "forgets-input" not in self.faults else {}
            named = {kind: body[kind] for kind in kinds.values()}
            self.objects[made.name, str(self._numbers)] = {
                **self._sample(read), **kept, **named, made.identity: self._numbers
            }  # fmt: skip
        elif removed is not None:
            if "deletes-nothing" not in self.faults:
                self._remove(removed.name, unquote(values[operation.slots[-1]]))
        elif operation.method == "PATCH" and kinds:
            key = (list(kinds.values())[-1], unquote(values[operation.slots[-1]]))
            stored = self.objects.get(key)
            if stored is not None:
                if "patch-forgets" in self.faults:
                    stored.update({k: None for k, v in stored.items() if isinstance(v, str)})
                if "patch-ignored" not in self.faults:
                    stored.update(sent)
                body = stored
        return status, body


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _refuse(name: str) -> None:
    raise ValueError(name)


_CHECKER: list[SchemaChecker] = []


def _schemas() -> SchemaChecker:
    if not _CHECKER:
        _CHECKER.append(SchemaChecker(load_contract()))
    return _CHECKER[0]
