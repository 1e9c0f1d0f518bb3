"""A server that answers byte by byte as a test writes it, and the transport that asks it."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = bytes | None  # None: hold the connection open and say nothing


class Server:
    """Answers requests from a list, byte by byte as written there; the last answer for ever."""

    def __init__(self, answers: list[Answer], context: ssl.SSLContext | None = None, *, close: bool = True) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = answers
        self._context = context
        self._close = close
        self._held: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listening.close()
        for held in self._held:
            held.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._held.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._held.append(connection)
            while request := _read_request(connection):
                self.requests.append(request)
                answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
                if answer is None:
                    return
                if answer == b"RESET":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                    return
                connection.sendall(answer)
                if self._close:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                    connection.close()
                    return


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        body += piece
        data += piece
    return data


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*answers: Answer, **options: Any) -> Server:
        servers.append(Server(list(answers), **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def direct(naps: list[float]) -> Iterator[Transport]:
    with Transport(ConnectionSettings(read_timeout=5, connect_timeout=5), sleep=naps.append) as made:
        yield made


def get(url: str, **more: Any) -> RawRequest:
    return RawRequest(**{"method": "GET", "url": url, **more})


@contextmanager
def closed_port() -> Iterator[int]:
    with socket.socket() as bound:  # bound, not listening: refuses, and nobody else gets the port
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
