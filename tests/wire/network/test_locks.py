"""The locks and the rate of a run: several threads and processes, one target."""

from __future__ import annotations

import fcntl
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from conformance.wire.network.locks import SharedLock, SharedRateLimiter
from tests.wire.conftest import response

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse
    from tests.wire.conftest import FakeTransport

SOON, AT_LAST = 0.2, 10.0
RATE, SENT = 50, 10


class Visitor:
    """Somebody in a thread of its own who takes a lock, and says when it is in."""

    def __init__(self, take: Callable[[], AbstractContextManager[None]]) -> None:
        self.inside, self.leave = threading.Event(), threading.Event()
        self._take = take
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()

    def _visit(self) -> None:
        with self._take():
            self.inside.set()
            self.leave.wait(AT_LAST)

    def end(self) -> None:
        self.leave.set()
        self._thread.join(AT_LAST)


def test_many_at_a_time_or_one_alone(tmp_path: Path) -> None:
    lock = SharedLock(tmp_path, "x")
    with ExitStack() as stack:
        first, second = Visitor(lock.shared), Visitor(lock.shared)
        stack.callback(first.end)
        assert first.inside.wait(AT_LAST)
        assert second.inside.wait(AT_LAST)
        hermit = Visitor(lock.exclusive)
        stack.callback(hermit.end)
        second.end()
        assert not hermit.inside.wait(SOON)
        late = Visitor(lock.shared)
        stack.callback(late.end)
        assert not late.inside.wait(SOON), "who comes after one that wants to be alone waits for it"
        first.end()
        assert hermit.inside.wait(AT_LAST)
        assert not late.inside.wait(SOON)
        hermit.end()
        assert late.inside.wait(AT_LAST)


def test_a_project_is_deleted_beside_nothing_else(wire: Wire, transport: FakeTransport, tmp_path: Path) -> None:
    wire.lock = SharedLock(tmp_path, "requests")
    alone: dict[str, bool] = {}

    def answer(request: RawRequest) -> RawResponse:
        with (tmp_path / "requests.room").open("a") as room:
            try:
                fcntl.flock(room, fcntl.LOCK_SH | fcntl.LOCK_NB)
                alone[request.method] = False
            except BlockingIOError:
                alone[request.method] = True
        return response(204)

    transport.answer = answer
    wire.ledger.add("project", 1)
    for operation in ("projects.delete", "projects.get"):
        wire.call(operation, id=1, expect=None)
    assert alone == {"DELETE": True, "GET": False}


def leave(file: Path) -> list[float]:
    """Ask the limiter some times; returns when each was let through."""
    limiter = SharedRateLimiter(RATE, shared=file)
    times = []
    for _ in range(SENT):
        limiter.wait()
        times.append(time.monotonic())
    return times


def test_two_processes_share_one_rate(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        times = sorted(t for part in pool.map(leave, [tmp_path / "rate"] * 2) for t in part)
    assert len(times) == 2 * SENT
    assert times[-1] - times[0] >= (2 * SENT - 2) / RATE


def test_the_rate_is_kept_without_bursts(tmp_path: Path) -> None:
    slept: list[float] = []
    limiter = SharedRateLimiter(5, shared=tmp_path / "rate", clock=lambda: 100.0, sleep=slept.append)
    for _ in range(4):
        limiter.wait()
    assert slept == pytest.approx([0.2, 0.4, 0.6])
