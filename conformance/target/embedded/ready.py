"""Waits until a server answers; the one place that polls a process."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import TYPE_CHECKING

from conformance.processes.progress import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.processes.process import SupervisedProcess
    from conformance.processes.progress import Progress

LOOPBACK = "127.0.0.1"
_LOOK_EVERY = 0.05
_ANSWER_WITHIN = 10.0
_OK = 200


def free_port() -> int:
    """Return a port of the loopback interface that is free now; it may be lost again before it is bound."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Return whether a server could bind ``port`` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def status_of(port: int, path: str, headers: dict[str, str] | None = None) -> int | None:
    """Return the status of ``GET path``, or None when there was no answer. Never uses a proxy."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_WITHIN)
    try:
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def wait_until_ready(
    process: SupervisedProcess, *, port: int, ready_file: Path, budget: float, what: str, progress: Progress
) -> bool:
    """Wait until ``process`` listens on ``port`` and answers ``GET /health`` with 200.

    The launcher's ready file proves that it is our process that listens there, not a stranger.

    Args:
        process: The server.
        port: On which it was told to listen.
        ready_file: Where the launcher says that it listens.
        budget: Seconds that it may take.
        what: What to tell ``progress``, with the seconds elapsed.
        progress: Told every `HEARTBEAT` seconds.

    Returns:
        True when it is ready; False when it ended, or the budget was not enough (it still runs then).
    """
    began = told = time.monotonic()
    progress(what)
    while time.monotonic() - began < budget:
        if process.wait(_LOOK_EVERY) is not None:
            return False
        if _listens(ready_file, port) and status_of(port, "/health") == _OK:
            return True
        if time.monotonic() - told >= HEARTBEAT:
            told = time.monotonic()
            progress(f"{what} ({told - began:.0f} s)")
    return False


def wait_for(process: SupervisedProcess, condition: Callable[[], bool], budget: float) -> bool:
    """Wait until ``condition`` holds; False when ``process`` ended or the budget was not enough."""
    began = time.monotonic()
    while time.monotonic() - began < budget:
        if process.wait(_LOOK_EVERY) is not None:
            return False
        if condition():
            return True
    return False


def _listens(ready_file: Path, port: int) -> bool:
    try:
        return bool(json.loads(ready_file.read_text(encoding="utf-8"))["port"] == port)
    except FileNotFoundError:
        return False
