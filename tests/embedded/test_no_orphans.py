from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.target.embedded import EmbeddedServer, EmbeddedSettings, Installation, prepare
from conformance.target.embedded.instance import Instance, clear_stale

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVER = Path(__file__).with_name("driver.py")
ROOT = Path(__file__).parents[2]


class Parent:
    """A process of its own that has started a server."""

    def __init__(self, settings: EmbeddedSettings, what: str) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(DRIVER),
                "no uv",
                what,
                str(settings.cache_root),
                str(settings.instance_root),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT)},
            text=True,
        )
        assert self.process.stdout is not None
        self.facts: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.connection = socket.create_connection(("127.0.0.1", int(self.facts["url"].rpartition(":")[2])))
        self.connection.settimeout(20)
        self.instance = Path(self.facts["data"]).parent

    def server_is_gone(self) -> bool:
        """Wait until it is: its end of the connection closes."""
        try:
            return self.connection.recv(1) == b""
        except ConnectionResetError:
            return True

    def wait_for_supervisor(self) -> None:
        """Wait until it is gone: it holds the lock of the instance as long as it lives."""
        with self.instance.with_name(self.instance.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)


@pytest.fixture
def parent(settings: EmbeddedSettings, request: pytest.FixtureRequest) -> Iterator[Parent]:
    started = Parent(settings, getattr(request, "param", "stay"))
    yield started
    started.connection.close()
    started.process.kill()
    started.process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_its_parent(parent: Parent, number: signal.Signals) -> None:
    parent.process.send_signal(number)
    parent.process.wait(10)
    assert parent.server_is_gone()
    parent.wait_for_supervisor()
    assert not parent.instance.exists()


@pytest.mark.parametrize("parent", ["crash", "stay"], indirect=True)
def test_the_server_ends_when_its_parent_ends_without_stopping_it(parent: Parent) -> None:
    assert parent.process.stdin is not None
    parent.process.stdin.close()
    parent.process.wait(10)
    assert parent.server_is_gone()
    parent.wait_for_supervisor()
    assert not parent.instance.exists()


def test_the_server_ends_even_with_parent_and_supervisor_killed(parent: Parent, settings: EmbeddedSettings) -> None:
    os.kill(parent.facts["supervisor"], signal.SIGKILL)
    parent.process.kill()
    parent.process.wait(10)
    assert parent.server_is_gone()
    assert parent.instance.exists()  # nobody was left to remove it
    prepare(settings)
    assert not parent.instance.exists()


def test_children_of_the_server_end_with_it(
    installation: Installation, settings: EmbeddedSettings, tmp_path: Path
) -> None:
    held = tmp_path / "held"
    with EmbeddedServer(installation, replace(settings, extra_environment={"FAKE_HOLD": str(held)})):
        pass
    with held.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_only_instances_without_an_owner_are_cleared(tmp_path: Path) -> None:
    owned, lost = Instance.create(tmp_path), Instance.create(tmp_path)
    os.close(lost.lock_descriptor)
    assert clear_stale(tmp_path) == 1
    assert owned.folders.root.exists()
    assert not lost.folders.root.exists()
    owned.remove()
    owned.remove()
    assert list(tmp_path.iterdir()) == []
