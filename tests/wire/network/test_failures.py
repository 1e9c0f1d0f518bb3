"""What goes wrong on the way has a name, and is tried again only where that can hurt nobody."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from conformance.wire.messages import ConnectionSettings
from conformance.wire.network.errors import (
    ConnectFailed,
    ConnectionLost,
    ProtocolBroken,
    TimedOut,
    TransportError,
)
from conformance.wire.network.transport import Transport
from tests.wire.network.conftest import OK, Server, closed_port, get

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_is_tried_again_whatever_the_method(direct: Transport, naps: list[float], method: str) -> None:
    with closed_port() as port, pytest.raises(ConnectFailed) as caught:
        direct.send(get(f"http://127.0.0.1:{port}/", method=method, content=b"x"))
    assert (caught.value.code, caught.value.attempts) == ("connect-refused", 3)
    assert len(naps) == 2
    assert 0 < naps[0] < naps[1] <= 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
@pytest.mark.parametrize("end", [b"", b"RESET"])
def test_idempotent_methods_are_sent_again(
    serve: Callable[..., Server], direct: Transport, method: str, end: bytes
) -> None:
    server = serve(end, end, OK)
    response = direct.send(get(server.url, method=method))
    assert (response.status, response.attempts, len(server.requests)) == (200, 3, 3)


@pytest.mark.parametrize("method", ["POST", "PATCH", "put", "get", "MOVE"])
@pytest.mark.parametrize("end", [b"", b"RESET"])
def test_other_methods_are_never_sent_again(
    serve: Callable[..., Server], direct: Transport, method: str, end: bytes
) -> None:
    server = serve(end, OK)
    with pytest.raises(ConnectionLost) as caught:
        direct.send(get(server.url, method=method))
    assert (caught.value.code, caught.value.attempts, len(server.requests)) == ("connection-lost", 1, 1)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxx", ConnectionLost, "body-incomplete"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ConnectionLost, "body-incomplete"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", ProtocolBroken, "not-http"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ProtocolBroken, "not-http"),
        (b"HTTP/1.1 two hundred\r\n\r\n", ProtocolBroken, "not-http"),
        (b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n", ProtocolBroken, "not-http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", ProtocolBroken, "not-http"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            ProtocolBroken,
            "bad-content-encoding",
        ),
    ],
)
def test_broken_responses_are_not_asked_for_again(
    serve: Callable[..., Server], direct: Transport, answer: bytes, kind: type[TransportError], code: str
) -> None:
    server = serve(answer, OK)
    with pytest.raises(kind) as caught:
        direct.send(get(server.url))
    assert (caught.value.code, caught.value.attempts, len(server.requests)) == (code, 1, 1)


def test_unknown_host(direct: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectFailed) as caught:
        direct.send(get("http://nowhere.invalid/"))
    assert (caught.value.code, caught.value.attempts) == ("dns", 1)


def test_a_name_that_cannot_be_resolved_for_a_moment_is_looked_up_again(
    serve: Callable[..., Server], direct: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, asked = socket.getaddrinfo, list[object]()

    def at_times(host: object, *given: Any, **named: Any) -> Any:
        asked.append(host)
        if len(asked) == 1:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve("127.0.0.1", *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", at_times)
    server = serve(OK)
    assert direct.send(get(server.url.replace("127.0.0.1", "localhost"))).status == 200
    assert len(asked) == 2


def test_a_silent_server_times_out_once(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(None)
    with pytest.raises(TimedOut) as caught:
        direct.send(get(server.url, timeout=0.05))
    assert (caught.value.code, len(server.requests)) == ("timeout", 1)


def test_a_body_that_drips_for_ever_meets_the_deadline(serve: Callable[..., Server]) -> None:
    ticks = iter(range(1000))
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
    with (
        Transport(clock=lambda: float(next(ticks))) as direct,
        pytest.raises(TimedOut) as caught,
    ):
        direct.send(get(server.url), deadline=3)
    assert caught.value.code == "deadline"


def test_rate_limit_spreads_requests_evenly(serve: Callable[..., Server]) -> None:
    server = serve(OK, close=False)
    now, naps = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    with Transport(ConnectionSettings(rate=4), clock=lambda: now[0], sleep=sleep) as direct:
        for _ in range(3):
            direct.send(get(server.url))
        now[0] += 10  # time that was not used is not saved up
        for _ in range(2):
            direct.send(get(server.url))
    assert naps == [0.25, 0.25, 0.25]
