from __future__ import annotations

import json
import os
import signal
import socket
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.target.embedded import (
    Budgets,
    EmbeddedServer,
    EmbeddedSettings,
    Installation,
    NotRunning,
    StartFailed,
    launch,
    ready,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of somebody else's server, which says that its health is good."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def get(server: EmbeddedServer, path: str) -> httpx.Response:
    return httpx.get(server.url + path, headers={"Authorization": f"Token {server.api_key}"}, trust_env=False)


def test_start_restart_reset_stop(installation: Installation, settings: EmbeddedSettings) -> None:
    with EmbeddedServer(installation, settings) as server:
        assert server.is_alive()
        assert server.url.startswith("http://127.0.0.1:")
        assert get(server, "/api/current-user/whoami").status_code == 200
        mark = server.data_dir / "mark"
        mark.touch()
        (server.document_root / "picture").touch()
        url, pid = server.url, server.pid

        server.restart()
        assert (server.url, mark.exists()) == (url, True)
        assert server.pid != pid
        assert get(server, "/api/current-user/whoami").status_code == 200

        server.reset()
        assert (server.url, mark.exists()) == (url, False)
        assert list(server.document_root.iterdir()) == []
        assert get(server, "/api/current-user/whoami").status_code == 200
    assert not server.is_alive()
    assert server.pid == 0
    assert not server.data_dir.exists()
    assert list((settings.instance_root or Path()).iterdir()) == []
    assert server.log_path.parent == settings.log_dir
    server.stop()
    with pytest.raises(NotRunning):
        server.restart()


def test_the_environment_is_clean(
    installation: Installation, settings: EmbeddedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LABEL_STUDIO_HOST", "DJANGO_DEBUG", "https_proxy", "PYTHONDONTWRITEBYTECODE", "USERNAME"):
        monkeypatch.setenv(name, "surprise")
    extra = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1", "SSRF_PROTECTION_ENABLED": "true"}
    with EmbeddedServer(installation, replace(settings, extra_environment=extra)) as server:
        seen = json.loads(get(server, "/environment").text)
        assert "surprise" not in seen.values()
        assert seen["SENTRY_DSN"] == seen["FRONTEND_SENTRY_DSN"] == ""
        assert seen["STORAGE_EMULATOR_HOST"] == "http://127.0.0.1:1"
        assert seen["SSRF_PROTECTION_ENABLED"] == "true"
        assert seen["LABEL_STUDIO_BASE_DATA_DIR"] == str(server.data_dir)
        assert seen["LOCAL_FILES_DOCUMENT_ROOT"] == str(server.document_root)


def test_one_that_dies_is_explained_without_secrets(installation: Installation, settings: EmbeddedSettings) -> None:
    with pytest.raises(StartFailed) as caught:
        EmbeddedServer(installation, replace(settings, extra_environment={"FAKE_MODE": "dies"}))
    text = str(caught.value)
    assert "the server ended with 1" in text
    assert "boom, and here is a secret: ***" in text
    assert installation.snapshot.api_key not in text
    assert len(text.splitlines()) < 25
    assert list((settings.instance_root or Path()).iterdir()) == []


@pytest.mark.parametrize("mode", ["hangs", "sick"])
def test_one_that_never_gets_ready_is_given_up(
    mode: str, installation: Installation, settings: EmbeddedSettings
) -> None:
    said: list[str] = []
    impatient = replace(settings, extra_environment={"FAKE_MODE": mode}, budgets=Budgets(start=1.0))
    with pytest.raises(StartFailed, match="not ready within 1 s"):
        EmbeddedServer(installation, impatient, said.append)
    assert said == ["starting label-studio 4.0.0"]


def test_one_that_ignores_sigterm_is_killed(installation: Installation, settings: EmbeddedSettings) -> None:
    deaf = replace(settings, extra_environment={"FAKE_MODE": "deaf"}, budgets=Budgets(stop=0.3))
    server = EmbeddedServer(installation, deaf)
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
        server.stop()
        connection.settimeout(10)
        assert connection.recv(1) == b""


def test_a_lost_port_is_replaced(
    installation: Installation, settings: EmbeddedSettings, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([stranger, ready.free_port()])
    monkeypatch.setattr(launch, "free_port", lambda: next(ports))
    with EmbeddedServer(installation, settings) as server:
        assert server.url != f"http://127.0.0.1:{stranger}"
        assert get(server, "/api/current-user/whoami").status_code == 200


def test_a_crash_is_noticed(installation: Installation, settings: EmbeddedSettings) -> None:
    with EmbeddedServer(installation, settings) as server:
        assert server._process is not None
        os.kill(server.pid, signal.SIGKILL)
        assert server._process.wait(10) == 128 + signal.SIGKILL
        assert not server.is_alive()
        server.restart()
        assert server.is_alive()
