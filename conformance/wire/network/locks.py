"""Locks requests against each other, over all processes and threads of a run: file locks."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class SharedLock:
    """Held by many at a time, or by one alone: a readers-writer lock of all processes that share a folder.

    Writers come first: whoever wants to be alone shuts a door behind those who hold the lock, so that a steady
    stream of others can't keep it out. A lock ends with its process, however that ends.

    Args:
        folder: of the run; the same for all its processes.
        name: of what is locked.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._door = folder / f"{name}.door"
        self._room = folder / f"{name}.room"

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it beside all others who share it, and beside nobody who wants to be alone."""
        with self._room.open("a") as room:
            with self._door.open("a") as door:
                fcntl.flock(door, fcntl.LOCK_SH)
                fcntl.flock(room, fcntl.LOCK_SH)
            yield

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold it alone."""
        with self._room.open("a") as room:
            with self._door.open("a") as door:
                fcntl.flock(door, fcntl.LOCK_EX)
                fcntl.flock(room, fcntl.LOCK_EX)
            yield


class SharedRateLimiter:
    """Spreads requests evenly, over all threads and processes of a run: they share one rate.

    Args:
        rate: so many a second, at most.
        shared: a file that holds when the next one may leave, for all processes.
        clock: monotonic seconds, of this machine (they are the same for all its processes).
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        rate: float,
        *,
        shared: Path,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / rate
        self._shared = shared
        self._clock = clock
        self._sleep = sleep
        shared.parent.mkdir(parents=True, exist_ok=True)

    def wait(self) -> None:
        """Return when it is time to send."""
        with self._shared.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            now = self._clock()
            turn = max(now, float(text) if text else now)
            file.truncate(0)
            file.write(repr(turn + self._gap))
        if turn > now:
            self._sleep(turn - now)
