"""Servers that take one request per connection, and drop the second without a word (uWSGI's own HTTP port)."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.errors import ConnectionLost
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Dropping:
    """Answers so many requests of a connection, reads one more, and closes."""

    def __init__(self, serves: int) -> None:
        self.answered: list[str] = []
        self.connections = 0
        self.serves = serves
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            for number in range(self.serves + 1):
                head = connection.recv(65536)
                if not head or number == self.serves:
                    return
                self.answered.append(head.split(b" ", 1)[0].decode())
                connection.sendall(OK)


@pytest.fixture
def dropping(request: pytest.FixtureRequest) -> Iterator[Dropping]:
    server = Dropping(request.param)
    yield server
    server.stop()


def send(transport: Transport, server: Dropping, *methods: str) -> None:
    for method in methods:
        transport.send(RawRequest(method=method, url=server.url, headers=()))


@pytest.mark.parametrize("dropping", [1], indirect=True)
@pytest.mark.parametrize("methods", [("GET", "POST", "POST", "GET"), ("POST", "POST", "GET", "GET", "POST")])
def test_each_request_arrives_once_where_used_connections_are_dropped(
    dropping: Dropping, methods: tuple[str, ...]
) -> None:
    with Transport() as transport:
        send(transport, dropping, *methods, "GET", "GET")
        assert dropping.answered == [*methods, "GET", "GET"]
        assert not transport.keeps_alive, "it switched by itself"
        before = dropping.connections
        send(transport, dropping, "POST", "GET")
        assert dropping.connections == before + 2


@pytest.mark.parametrize("dropping", [100], indirect=True)
def test_a_connection_that_has_proven_to_serve_twice_serves_all(dropping: Dropping) -> None:
    with Transport() as transport:
        send(transport, dropping, "GET", "GET", *["POST"] * 5)
        assert transport.keeps_alive
        assert dropping.connections == 1


@pytest.mark.parametrize("dropping", [3], indirect=True)
def test_what_breaks_now_and_then_is_no_reason_at_once(dropping: Dropping) -> None:
    with Transport(ConnectionSettings(attempts=2)) as transport:
        send(transport, dropping, *["GET"] * 3)
        with pytest.raises(ConnectionLost):
            send(transport, dropping, "POST")
        assert transport.keeps_alive
        send(transport, dropping, *["GET"] * 9)
        assert not transport.keeps_alive
        send(transport, dropping, *["POST"] * 5)
