"""Certificates of both sides, and proxies between them."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import trustme

from conformance.wire.messages import ConnectionSettings
from conformance.wire.network.errors import (
    ConnectFailed,
    TlsFailed,
    TransportError,
)
from conformance.wire.network.transport import Transport
from tests.wire.network.conftest import OK, Server, get

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
        Transport(ConnectionSettings(ca_bundle=ca_file)) as direct,
        pytest.raises(TlsFailed, match="No secure connection"),
    ):
        direct.send(get(server.url))
    assert not server.requests


def test_https_to_a_port_that_speaks_http(direct: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(TlsFailed) as caught:
            direct.send(get(f"https://127.0.0.1:{listening.getsockname()[1]}/"))
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
    with Transport(settings) as direct:
        assert direct.send(get("http://target.test:8080/a%2F/../b")).status == 200
    assert proxy.requests[0].startswith(b"GET http://target.test:8080/a%2F/../b HTTP/1.1\r\n")
    assert b"proxy-authorization: basic " in proxy.requests[0].lower()
    assert "pw" not in repr(settings)


def test_a_proxy_that_refuses_to_tunnel(serve: Callable[..., Server]) -> None:
    proxy = serve(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    with (
        Transport(ConnectionSettings(proxy=f"http://127.0.0.1:{proxy.port}")) as direct,
        pytest.raises(ConnectFailed) as caught,
    ):
        direct.send(get("https://target.test/"))
    assert caught.value.code == "proxy-refused"
    assert proxy.requests[0].startswith(b"CONNECT target.test:443 HTTP/1.1\r\n")
