"""What is sent is what was asked for, and what comes back is all that was answered."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.errors import (
    ConnectionLost,
    Unsendable,
)
from conformance.wire.network.transport import Transport
from tests.wire.network.conftest import OK, Server, get

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
def test_target_is_sent_as_it_is(serve: Callable[..., Server], direct: Transport, target: str) -> None:
    server = serve(OK)
    direct.send(get(server.url + target))
    assert server.requests[0].split(b"\r\n")[0] == b"GET " + target.encode() + b" HTTP/1.1"


def test_fragment_stays_here_and_an_empty_path_is_the_root(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(OK)
    direct.send(get(server.url + "/a?b#c/d?e"))
    direct.send(get(server.url + "?b"))
    direct.send(get(server.url))
    assert [r.split(b" ")[1] for r in server.requests] == [b"/a?b", b"/?b", b"/"]


def test_headers_method_and_body_are_sent_as_they_are(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(OK)
    headers = (("X-OnE", "é"), ("x-one", "2"), ("Content-Type", "text/plain"), ("Host", "elsewhere"))
    direct.send(get(server.url, method="pAtch", headers=headers, content=b"\x00\xff{"))
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
    with Transport() as direct:
        assert direct.send(get(server.url)).status == 200
    assert b"authorization" not in server.requests[0].lower()


def test_cookies_are_not_kept(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: sessionid=s3cret; Path=/\r\n"), close=False)
    direct.send(get(server.url))
    direct.send(get(server.url))
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
    serve: Callable[..., Server], direct: Transport, broken: dict[str, Any]
) -> None:
    server = serve(OK)
    request = get(**{"url": "{url}/", **broken})
    request = get(**{**broken, "url": request.url.replace("{url}", server.url)})
    with pytest.raises(Unsendable) as caught:
        direct.send(request)
    assert caught.value.code == "unsendable"
    assert caught.value.request is request
    assert caught.value.attempts == 1
    assert not server.requests
    assert "\n\n" not in caught.value.render().split("Cause:")[0].strip()


def test_response(serve: Callable[..., Server], direct: Transport) -> None:
    body = gzip.compress(b"hello")
    server = serve(
        b"HTTP/1.1 207 Multi\r\nX-A: 1\r\nx-a: 2\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    response = direct.send(get(server.url))
    assert (response.status, response.content, response.http_version) == (207, b"hello", "HTTP/1.1")
    assert response.headers.get_list("X-a") == ["1", "2"]
    assert response.attempts == 1
    assert 0 < response.elapsed < 5
    assert not response.truncated


def test_a_redirect_is_an_answer(serve: Callable[..., Server], direct: Transport) -> None:
    other = serve(OK)
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n" % other.url.encode())
    response = direct.send(get(server.url))
    assert response.status == 302
    assert response.headers["location"] == other.url + "/"
    assert not other.requests


def test_connections_are_used_again_or_not(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(OK, close=False)
    for _ in range(3):
        direct.send(get(server.url))
    assert server.connections == 1
    with Transport(ConnectionSettings(keep_alive=False)) as single:
        for _ in range(2):
            single.send(get(server.url))
    assert server.connections == 3
    assert b"Connection: close" in server.requests[-1]


def test_a_long_body_is_cut(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    with Transport(ConnectionSettings(max_body=1000)) as direct:
        response = direct.send(get(server.url))
        assert (len(response.content), response.truncated) == (1000, True)
        response = direct.send(get(server.url), max_bytes=100_000)
        assert (len(response.content), response.truncated) == (100_000, False)


def test_stream(serve: Callable[..., Server], direct: Transport) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    with direct.stream(get(server.url)) as stream:
        assert stream.status == 200
        assert sum(len(piece) for piece in stream.chunks) == 100_000
    cut = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxx")
    with direct.stream(get(cut.url)) as stream, pytest.raises(ConnectionLost):
        list(stream.chunks)


def test_a_body_goes_into_a_file(serve: Callable[..., Server], direct: Transport, tmp_path: Path) -> None:
    body = b"".join(b"%07d\n" % n for n in range(25_000))
    path = tmp_path / "body"
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body)
    response = direct.save(get(server.url), path)
    assert path.read_bytes() == body
    assert (response.status, response.truncated, body.startswith(response.content)) == (200, True, True)
    assert len(response.content) < len(body)
    short = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nxxx")
    response = direct.save(get(short.url), path)
    assert (response.status, response.truncated, response.content, path.read_bytes()) == (404, False, b"xxx", b"xxx")
    cut = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxx")
    with pytest.raises(ConnectionLost):
        direct.save(get(cut.url), path)


def test_reprs_hold_no_secret() -> None:
    request = get("http://h/", headers=(("Authorization", "Token s3cret"),), content=b"s3cret")
    assert "s3cret" not in repr(request)


def test_a_gateway_gets_its_own_headers_and_none_of_ours_is_replaced(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    more = (("X-Gate", "open"), ("Accept", "text/html"))
    with Transport(ConnectionSettings(headers=more)) as direct:
        direct.send(get(server.url))
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
    serve: Callable[..., Server], direct: Transport, answer: bytes, method: str, excess: int
) -> None:
    server = serve(answer, OK, close=False)
    first = direct.send(RawRequest(method=method, url=server.url))
    assert first.excess == excess
    second = direct.send(RawRequest(method="GET", url=server.url))
    assert (second.status, second.content, second.excess) == (200, b"ok", 0)
