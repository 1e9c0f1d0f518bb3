"""Listens on loopback and counts connections: a target must not be brought to request it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

ANSWER = b"[]"
LOOPBACK = "127.0.0.1"


class Listener:
    """Listens on a free port of loopback for as long as the block lasts; answers whatever comes with an empty list."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                # whoever connects was brought to call, whatever it speaks: a Redis client's first line is no HTTP
                line = self.raw_requestline.decode("latin-1")
                heard.append(" ".join(line.split()[:2]) or "a connection")
                if not line or not self.parse_request():
                    self.close_connection = True
                    return
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else ANSWER)

            def log_message(self, *_: object) -> None:
                """Keep still: who called is in the list."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
