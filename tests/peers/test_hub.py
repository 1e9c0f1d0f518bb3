"""The set of peers: lazy, closed at the end, and clear about what can't be had."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from conformance.peers import Peers, PeerUnavailable, RedisPeer, Site
from conformance.peers.base import Program, ProgramPeer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class _Broken(ProgramPeer):
    """A program that ends at once."""

    name = "broken"

    def _program(self, folder: Path) -> Program:
        del folder
        return Program(command=["/bin/sh", "-c", "echo it hurts; exit 3"])

    def _answers(self) -> bool:
        return False


def test_nothing_starts_before_it_is_asked_for(tmp_path: Path) -> None:
    with Peers(log_dir=tmp_path) as peers:
        assert peers.secrets() == frozenset()
        assert list(tmp_path.iterdir()) == []
        assert peers.files is peers.files


def test_close_stops_all_and_nothing_starts_afterwards(tmp_path: Path, is_open: Callable[[int], bool]) -> None:
    peers = Peers(log_dir=tmp_path)
    ports = [peers.files.port, peers.webhooks.port, peers.ml.port]
    assert all(is_open(port) for port in ports)
    peers.close()
    peers.close()
    assert not any(is_open(port) for port in ports)
    with pytest.raises(RuntimeError, match="after the peers were closed"):
        _ = peers.files


def test_the_gcs_port_is_kept_until_it_is_needed(tmp_path: Path, is_open: Callable[[int], bool]) -> None:
    with Peers(log_dir=tmp_path) as peers:
        endpoint = peers.gcs_endpoint()
        port = int(endpoint.rpartition(":")[2])
        assert endpoint == f"http://127.0.0.1:{port}" == peers.gcs_endpoint()
        assert not is_open(port)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


@pytest.mark.parametrize(("peer", "what"), [("redis", "redis-server"), ("azure", "node")])
def test_a_wheel_without_the_program_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peer: str, what: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("conformance.peers.install.python_program", lambda *_, **__: tmp_path / "bin")
    with Peers(log_dir=tmp_path, cache=tmp_path / "cache") as peers:
        for _ in range(2):
            with pytest.raises(PeerUnavailable, match="put it on PATH") as caught:
                getattr(peers, peer)
            assert f"carries no {what} for this platform" in caught.value.reason


def test_a_program_that_ends_at_once_is_explained(tmp_path: Path) -> None:
    peer = _Broken(Site(log_dir=tmp_path))
    with pytest.raises(PeerUnavailable, match="exit code 3") as caught:
        peer.start()
    assert "it hurts" in caught.value.reason
    assert str(tmp_path / "broken.log") in caught.value.hint
    assert peer.pid is None


@pytest.mark.parametrize(
    ("callback_host", "bind_host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.1"),
        ("10.1.2.3", "0.0.0.0"),  # noqa: S104 - what is expected
        ("host.docker.internal", "0.0.0.0"),  # noqa: S104
    ],
)
def test_the_callback_host_decides_where_to_listen(tmp_path: Path, callback_host: str, bind_host: str) -> None:
    site = Site(log_dir=tmp_path, callback_host=callback_host)
    assert site.bind_host == bind_host
    redis = RedisPeer(site)
    assert redis.address_for_target() == f"redis://{callback_host}:{redis.port}"
    assert redis.url == f"redis://127.0.0.1:{redis.port}"
    redis.stop()
