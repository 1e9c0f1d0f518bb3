"""A Redis server without password and data, which records the commands that it gets."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class OpenRedis(socketserver.ThreadingTCPServer):
    """Answers whatever it is told in the protocol of Redis: PONG to a PING, no keys to KEYS, and OK to all else.

    Attributes:
        port: where it listens.
        told: everything that it was sent, in the order in which it came.
    """

    daemon_threads = True

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Visit)
        self.port: int = self.server_address[1]
        self.told = b""


class _Visit(socketserver.StreamRequestHandler):
    """One connection."""

    server: OpenRedis

    def handle(self) -> None:
        with suppress(ValueError, ConnectionError):  # what is no Redis protocol is no visit, and who hangs up ends it
            while head := self.rfile.readline():
                words = [self._word() for _ in range(int(head[1:]))]  # *2 is a command of two words
                self.server.told += b" ".join(words) + b"\n"
                named = b"".join(words[:1]).upper()
                self.wfile.write({b"PING": b"+PONG\r\n", b"KEYS": b"*0\r\n"}.get(named, b"+OK\r\n"))

    def _word(self) -> bytes:
        length = int(self.rfile.readline()[1:])  # $4, and then four bytes
        return self.rfile.read(length + 2)[:length]


@contextmanager
def open_redis(host: str) -> Iterator[OpenRedis]:
    """Run one for as long as this lasts, on a free port of an address of this machine."""
    with OpenRedis(host) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
