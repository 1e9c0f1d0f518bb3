"""Stands between the suite and a server, and writes down what passes: an access log that the suite can't write."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

HOPS = {"connection", "transfer-encoding", "content-encoding", "content-length", "host", "date", "server"}


class Between:
    """What passed.

    Attributes:
        url: to be judged in place of the server.
        log: method and path of each request, in order.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.log: list[tuple[str, str]] = []


@contextmanager
def between(server: str) -> Iterator[Between]:
    """Forward everything to a server until the block ends."""
    client = httpx.Client(timeout=100, limits=httpx.Limits(max_keepalive_connections=0))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            noted.log.append((self.command, self.path))
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = [(n, v) for n, v in self.headers.items() if n.lower() not in HOPS]
            answer = client.request(self.command, server + self.path, headers=headers, content=body or None)
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() not in HOPS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has seen enough
                    self.wfile.write(answer.content)

        def __getattr__(self, name: str) -> object:
            # whatever the method is called: what must not come is to be seen, not refused
            if name.startswith("do_"):
                return self.forward
            raise AttributeError(name)

        def log_message(self, format: str, *args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    noted = Between(f"http://127.0.0.1:{listening.server_address[1]}")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield noted
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
        client.close()
