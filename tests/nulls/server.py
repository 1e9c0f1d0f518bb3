"""Servers that know nothing of Label Studio: each says the same to whatever it is asked.

In a second variant each first answers what a run asks before anything else (health, version, whoami) as it should be.
"""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from conformance.contract import load_contract
from tests.properties.responder.samples import sample

if TYPE_CHECKING:
    from types import TracebackType

KEY: Final = "0123456789abcdef0123456789abcdef01234567"
JSON: Final = {"Content-Type": "application/json"}
HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
PAGE: Final = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
AT_ONCE: Final = 10
"""Bytes that the slow server sends in one second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """What a server says to everything.

    Attributes:
        slow: ten bytes of the body a second.
        closes: each third connection is closed without a word.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    slow: bool = False
    closes: bool = False


NULLS: Final[dict[str, Null]] = {
    "404-json": Null(status=404, body=b'{"detail": "Not found."}'),
    "404-html": Null(status=404, body=PAGE.format("Not Found").encode(), headers=HTML),
    "200-object": Null(status=200, body=b"{}"),
    "200-list": Null(status=200, body=b"[]"),
    "201-id": Null(status=201, body=b'{"id": 1}'),
    "500": Null(status=500, body=PAGE.format("Server Error (500)").encode(), headers=HTML),
    "500-text": Null(status=500, body=json.dumps({"detail": "'list' object has no attribute 'get'"}).encode()),
    "welcome": Null(status=200, body=PAGE.format("Welcome!").encode(), headers=HTML),
    "redirects": Null(status=302, body=b"", headers={**HTML, "Location": "/again"}),
    "401": Null(status=401, body=b'{"detail": "Authentication credentials were not provided."}'),
    "429": Null(status=429, body=b'{"detail": "Request was throttled."}'),
    "slow": Null(status=200, body=b"[" + b" " * 4000 + b"]", slow=True),
    "closing": Null(status=200, body=b"{}", closes=True),
}


def _right() -> dict[str, bytes]:
    """What a run asks before anything else, as a Label Studio answers it."""
    contract = load_contract()
    documents: dict[str, dict[str, Any]] = {}
    for name in ("versions.get", "users.whoami"):
        operation = contract[name]
        media = operation.responses[200].content["application/json"]
        documents[operation.path] = sample(media.schema or {}, dict(contract.document))
    version, user = documents.values()
    version |= {"release": "1.23.2", "label-studio-os-package": {"version": "1.23.2"}, "edition": "Community"}
    user |= {"id": 1, "email": "ann@example.com", "active_organization": 1}
    return {"/health": b'{"status": "UP"}', **{path: json.dumps(d).encode() for path, d in documents.items()}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, null: Null, right: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.null = null
        self.right = right
        self.connections = itertools.count(1)
        self.asked: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        if not (self.server.null.closes and next(self.server.connections) % 3 == 0):
            super().handle()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        path = urlsplit(self.path).path
        known = self.server.right.get(path) if self.command in {"GET", "HEAD"} else None
        if known is None:
            self._say(self.server.null)
        elif "whoami" in path and self.headers.get("authorization") != f"Token {KEY}":
            self._say(Null(status=401, body=b'{"detail": "Invalid token."}'))
        else:
            self._say(Null(status=200, body=known))

    def _say(self, what: Null) -> None:
        self.send_response(what.status)
        for name, value in what.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(what.body)))
        if what.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        size = AT_ONCE if what.slow else len(what.body) or 1
        for at in range(0, len(what.body), size):
            if at:
                time.sleep(1)
            self.wfile.write(what.body[at : at + size])
            self.wfile.flush()


class NullServer:
    """``with NullServer(NULLS["404-json"], greets=True) as server: server.url``.

    Args:
        null: what it says.
        greets: it answers what a run asks first (health, version, whoami with the right key).
    """

    def __init__(self, null: Null, *, greets: bool = False) -> None:
        self._server = _Server(null, _right() if greets else {})
        self.asked = self._server.asked
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
