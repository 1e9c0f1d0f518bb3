from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.errors import (
    ConnectFailed,
    ConnectionLost,
    ProtocolBroken,
    TimedOut,
    TlsFailed,
    TransportError,
    Unsendable,
)
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
def transport(naps: list[float]) -> Iterator[Transport]:
    with Transport(ConnectionSettings(read_timeout=5, connect_timeout=5), sleep=naps.append) as made:
        yield made


def get(url: str, **more: Any) -> RawRequest:
    return RawRequest(**{"method": "GET", "url": url, **more})


@contextmanager
def closed_port() -> Iterator[int]:
    with socket.socket() as bound:  # bound, not listening: refuses, and nobody else gets the port
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


# --- what is sent


@pytest.mark.parametrize(
    "target",
    [
        "/api/projects/?page=1",
        "/a%2Fb/%2e%2E/c",
        "/data/%00/x",
        "/a/../../b/./c",
        "//double//slash",
        "/x?q=%zz&r=[1]&s=a+b%20c&t=%E4",
        "/x?",
        "/q?a?b/c",
        "/x;y='(z)'|^`{\"}\\<>",
    ],
)
def test_target_is_sent_as_it_is(serve: Callable[..., Server], transport: Transport, target: str) -> None:
    server = serve(OK)
    transport.send(get(server.url + target))
    assert server.requests[0].split(b"\r\n")[0] == b"GET " + target.encode() + b" HTTP/1.1"


def test_fragment_stays_here_and_an_empty_path_is_the_root(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(OK)
    transport.send(get(server.url + "/a?b#c/d?e"))
    transport.send(get(server.url + "?b"))
    transport.send(get(server.url))
    assert [r.split(b" ")[1] for r in server.requests] == [b"/a?b", b"/?b", b"/"]


def test_headers_method_and_body_are_sent_as_they_are(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(OK)
    headers = (("X-OnE", "é"), ("x-one", "2"), ("Content-Type", "text/plain"), ("Host", "elsewhere"))
    transport.send(get(server.url, method="pAtch", headers=headers, content=b"\x00\xff{"))
    lines = server.requests[0].split(b"\r\n")
    assert lines[0] == b"pAtch / HTTP/1.1"
    assert lines[1:5] == [b"Host: elsewhere", b"X-OnE: \xe9", b"x-one: 2", b"Content-Type: text/plain"]
    assert b"Content-Length: 3" in lines
    assert server.requests[0].endswith(b"\r\n\r\n\x00\xff{")


def test_nothing_comes_from_the_environment(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("default login user password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server = serve(OK)
    with Transport() as transport:
        assert transport.send(get(server.url)).status == 200
    assert b"authorization" not in server.requests[0].lower()


def test_cookies_are_not_kept(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: sessionid=s3cret; Path=/\r\n"), close=False)
    transport.send(get(server.url))
    transport.send(get(server.url))
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    "broken",
    [
        {"url": "/no/host"},
        {"url": "http:///nohost"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http://user:pw@127.0.0.1/"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://127.0.0.1:0/"},
        {"url": "http://[::1/"},
        {"url": "http://" + "a" * 70 + ".test/"},
        {"url": "{url}/a b"},
        {"url": "{url}/a\nb"},
        {"url": "{url}/\x00"},
        {"url": "{url}/é"},
        {"url": "{url}/\ud800"},
        {"headers": (("X", "a\r\nY: b"),)},
        {"headers": (("X", "漢"),)},
        {"headers": (("X", "\x00"),)},
        {"headers": (("X Y", "a"),)},
        {"headers": (("", "a"),)},
        {"headers": (("Ä", "a"),)},
        {"headers": (("Content-Length", "7"),), "content": b"abc"},
        {"headers": (("Content-Length", "x"),), "content": b"abc"},
        {"headers": (("Host", "a"), ("Host", "b"))},
        {"method": "GET IT"},
        {"method": ""},
        {"method": "GÉT"},
    ],
)
def test_what_cannot_be_sent_is_our_limitation(
    serve: Callable[..., Server], transport: Transport, broken: dict[str, Any]
) -> None:
    server = serve(OK)
    request = get(**{"url": "{url}/", **broken})
    request = get(**{**broken, "url": request.url.replace("{url}", server.url)})
    with pytest.raises(Unsendable) as caught:
        transport.send(request)
    assert caught.value.code == "unsendable"
    assert caught.value.request is request
    assert caught.value.attempts == 1
    assert not server.requests
    assert "\n\n" not in caught.value.render().split("Cause:")[0].strip()


# --- what comes back


def test_response(serve: Callable[..., Server], transport: Transport) -> None:
    body = gzip.compress(b"hello")
    server = serve(
        b"HTTP/1.1 207 Multi\r\nX-A: 1\r\nx-a: 2\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    response = transport.send(get(server.url))
    assert (response.status, response.content, response.http_version) == (207, b"hello", "HTTP/1.1")
    assert response.headers.get_list("X-a") == ["1", "2"]
    assert response.attempts == 1
    assert 0 < response.elapsed < 5
    assert not response.truncated


def test_a_redirect_is_an_answer(serve: Callable[..., Server], transport: Transport) -> None:
    other = serve(OK)
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n" % other.url.encode())
    response = transport.send(get(server.url))
    assert response.status == 302
    assert response.headers["location"] == other.url + "/"
    assert not other.requests


def test_connections_are_used_again_or_not(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(OK, close=False)
    for _ in range(3):
        transport.send(get(server.url))
    assert server.connections == 1
    with Transport(ConnectionSettings(keep_alive=False)) as single:
        for _ in range(2):
            single.send(get(server.url))
    assert server.connections == 3
    assert b"Connection: close" in server.requests[-1]


def test_a_long_body_is_cut(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    with Transport(ConnectionSettings(max_body=1000)) as transport:
        response = transport.send(get(server.url))
        assert (len(response.content), response.truncated) == (1000, True)
        response = transport.send(get(server.url), max_bytes=100_000)
        assert (len(response.content), response.truncated) == (100_000, False)


def test_stream(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    with transport.stream(get(server.url)) as stream:
        assert stream.status == 200
        assert sum(len(piece) for piece in stream.chunks) == 100_000
    cut = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxx")
    with transport.stream(get(cut.url)) as stream, pytest.raises(ConnectionLost):
        list(stream.chunks)


def test_a_body_goes_into_a_file(serve: Callable[..., Server], transport: Transport, tmp_path: Path) -> None:
    body = b"".join(b"%07d\n" % n for n in range(25_000))
    path = tmp_path / "body"
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body)
    response = transport.save(get(server.url), path)
    assert path.read_bytes() == body
    assert (response.status, response.truncated, body.startswith(response.content)) == (200, True, True)
    assert len(response.content) < len(body)
    short = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nxxx")
    response = transport.save(get(short.url), path)
    assert (response.status, response.truncated, response.content, path.read_bytes()) == (404, False, b"xxx", b"xxx")
    cut = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxx")
    with pytest.raises(ConnectionLost):
        transport.save(get(cut.url), path)


# --- what goes wrong


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_is_tried_again_whatever_the_method(transport: Transport, naps: list[float], method: str) -> None:
    with closed_port() as port, pytest.raises(ConnectFailed) as caught:
        transport.send(get(f"http://127.0.0.1:{port}/", method=method, content=b"x"))
    assert (caught.value.code, caught.value.attempts) == ("connect-refused", 3)
    assert len(naps) == 2
    assert 0 < naps[0] < naps[1] <= 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
@pytest.mark.parametrize("end", [b"", b"RESET"])
def test_idempotent_methods_are_sent_again(
    serve: Callable[..., Server], transport: Transport, method: str, end: bytes
) -> None:
    server = serve(end, end, OK)
    response = transport.send(get(server.url, method=method))
    assert (response.status, response.attempts, len(server.requests)) == (200, 3, 3)


@pytest.mark.parametrize("method", ["POST", "PATCH", "put", "get", "MOVE"])
@pytest.mark.parametrize("end", [b"", b"RESET"])
def test_other_methods_are_never_sent_again(
    serve: Callable[..., Server], transport: Transport, method: str, end: bytes
) -> None:
    server = serve(end, OK)
    with pytest.raises(ConnectionLost) as caught:
        transport.send(get(server.url, method=method))
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
    serve: Callable[..., Server], transport: Transport, answer: bytes, kind: type[TransportError], code: str
) -> None:
    server = serve(answer, OK)
    with pytest.raises(kind) as caught:
        transport.send(get(server.url))
    assert (caught.value.code, caught.value.attempts, len(server.requests)) == (code, 1, 1)


def test_unknown_host(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectFailed) as caught:
        transport.send(get("http://nowhere.invalid/"))
    assert (caught.value.code, caught.value.attempts) == ("dns", 1)


def test_a_silent_server_times_out_once(serve: Callable[..., Server], transport: Transport) -> None:
    server = serve(None)
    with pytest.raises(TimedOut) as caught:
        transport.send(get(server.url, timeout=0.05))
    assert (caught.value.code, len(server.requests)) == ("timeout", 1)


def test_a_body_that_drips_for_ever_meets_the_deadline(serve: Callable[..., Server]) -> None:
    ticks = iter(range(1000))
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
    with (
        Transport(clock=lambda: float(next(ticks))) as transport,
        pytest.raises(TimedOut) as caught,
    ):
        transport.send(get(server.url), deadline=3)
    assert caught.value.code == "deadline"


def test_rate_limit_spreads_requests_evenly(serve: Callable[..., Server]) -> None:
    server = serve(OK, close=False)
    now, naps = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    with Transport(ConnectionSettings(rate=4), clock=lambda: now[0], sleep=sleep) as transport:
        for _ in range(3):
            transport.send(get(server.url))
        now[0] += 10  # time that was not used is not saved up
        for _ in range(2):
            transport.send(get(server.url))
    assert naps == [0.25, 0.25, 0.25]


# --- TLS and proxy


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


def server_context(ca: trustme.CA, *names: str, client_ca: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*names).configure_cert(context)
    if client_ca is not None:
        client_ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_ca_bundle_and_insecure(serve: Callable[..., Server], ca: trustme.CA, ca_file: Path) -> None:
    server = serve(OK, context=server_context(ca, "127.0.0.1"))
    with Transport(ConnectionSettings(ca_bundle=ca_file)) as trusting:
        assert trusting.send(get(server.url)).status == 200
    with Transport(ConnectionSettings(insecure=True)) as careless:
        assert careless.send(get(server.url)).status == 200
    with Transport() as strict, pytest.raises(TlsFailed) as caught:
        strict.send(get(server.url))
    assert "--ca-bundle" in caught.value.hint
    assert caught.value.attempts == 1


def test_wrong_host_name(serve: Callable[..., Server], ca: trustme.CA, ca_file: Path) -> None:
    server = serve(OK, context=server_context(ca, "other.test"))
    with (
        Transport(ConnectionSettings(ca_bundle=ca_file)) as transport,
        pytest.raises(TlsFailed, match="No secure connection"),
    ):
        transport.send(get(server.url))
    assert not server.requests


def test_https_to_a_port_that_speaks_http(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(TlsFailed) as caught:
            transport.send(get(f"https://127.0.0.1:{listening.getsockname()[1]}/"))
        thread.join()
    assert "http:// instead of https://" in caught.value.hint


def test_client_certificate(serve: Callable[..., Server], ca: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    server = serve(OK, context=server_context(ca, "127.0.0.1", client_ca=ca))
    mine = ca.issue_cert("me@example.com")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    mine.cert_chain_pems[0].write_to_path(str(cert))
    mine.private_key_pem.write_to_path(str(key))
    with Transport(ConnectionSettings(ca_bundle=ca_file, client_cert=cert, client_key=key)) as known:
        assert known.send(get(server.url)).status == 200
    with Transport(ConnectionSettings(ca_bundle=ca_file)) as unknown, pytest.raises(TransportError):
        unknown.send(get(server.url))
    with pytest.raises(TlsFailed) as caught:
        Transport(ConnectionSettings(client_cert=cert))
    assert caught.value.code == "tls-files"


def test_plain_http_through_a_proxy(serve: Callable[..., Server]) -> None:
    proxy = serve(OK)
    settings = ConnectionSettings(proxy=f"http://user:pw@127.0.0.1:{proxy.port}")
    with Transport(settings) as transport:
        assert transport.send(get("http://target.test:8080/a%2F/../b")).status == 200
    assert proxy.requests[0].startswith(b"GET http://target.test:8080/a%2F/../b HTTP/1.1\r\n")
    assert b"proxy-authorization: basic " in proxy.requests[0].lower()
    assert "pw" not in repr(settings)


def test_a_proxy_that_refuses_to_tunnel(serve: Callable[..., Server]) -> None:
    proxy = serve(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    with (
        Transport(ConnectionSettings(proxy=f"http://127.0.0.1:{proxy.port}")) as transport,
        pytest.raises(ConnectFailed) as caught,
    ):
        transport.send(get("https://target.test/"))
    assert caught.value.code == "proxy-refused"
    assert proxy.requests[0].startswith(b"CONNECT target.test:443 HTTP/1.1\r\n")


def test_reprs_hold_no_secret() -> None:
    request = get("http://h/", headers=(("Authorization", "Token s3cret"),), content=b"s3cret")
    assert "s3cret" not in repr(request)


def test_a_gateway_gets_its_own_headers_and_none_of_ours_is_replaced(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    more = (("X-Gate", "open"), ("Accept", "text/html"))
    with Transport(ConnectionSettings(headers=more)) as transport:
        transport.send(get(server.url))
    sent = server.requests[-1].lower()
    assert b"x-gate: open" in sent
    assert sent.count(b"accept:") == 1


@pytest.mark.parametrize(
    ("answer", "method", "excess"),
    [
        (OK, "GET", 0),
        (OK + b" and more", "GET", 9),
        (b"HTTP/1.1 204 No Content\r\n\r\nwhat", "DELETE", 4),
        (OK, "HEAD", 2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore", "GET", 4),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok!", "GET", 1),
    ],
)
def test_what_comes_after_the_end_is_counted_and_spoils_no_other_answer(
    serve: Callable[..., Server], transport: Transport, answer: bytes, method: str, excess: int
) -> None:
    server = serve(answer, OK, close=False)
    first = transport.send(RawRequest(method=method, url=server.url))
    assert first.excess == excess
    second = transport.send(RawRequest(method="GET", url=server.url))
    assert (second.status, second.content, second.excess) == (200, b"ok", 0)
