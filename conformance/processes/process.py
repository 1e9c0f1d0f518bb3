"""Starts, watches and stops a supervised program: the parent's side."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from conformance.processes.progress import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from conformance.processes.progress import Progress

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_SUPERVISOR_SLACK = 5.0
"""Seconds that the supervisor gets on top of the program's own grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the supervisor is to start; it travels by pipe, so that no secret stands in the list of processes.

    Attributes:
        command: The program and its arguments.
        environment: All of its environment; nothing is inherited.
        folder: Its working directory.
        log: Its output is appended to this file.
        remove: Removed when the program ends because its parent is gone.
        grace: Seconds between SIGTERM and SIGKILL.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    log: str
    remove: str | None
    grace: float


class SupervisedProcess:
    """A running program that ends when this process does, whatever the reason."""

    def __init__(self, order: Order, *, keep_open: tuple[int, ...] = ()) -> None:
        """Start it.

        Args:
            order: What to start.
            keep_open: File descriptors (held locks) that the supervisor holds as well, as long as it lives.
        """
        self._order = order
        self._supervisor = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(_SUPERVISOR)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # out of reach of the terminal's Ctrl-C: stopping is our task
            pass_fds=keep_open,
        )
        text = json.dumps({**asdict(order), "environment": dict(order.environment)}) + "\n"
        assert self._supervisor.stdin is not None  # noqa: S101 - for the type checker
        assert self._supervisor.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            self._supervisor.stdin.write(text.encode())
            self._supervisor.stdin.flush()
        first_line = self._supervisor.stdout.readline().strip()
        self.pid: int = int(first_line) if first_line else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def supervisor_pid(self) -> int:
        """The process id of the supervisor."""
        return self._supervisor.pid

    def exit_code(self) -> int | None:
        """Return the program's exit code (128 + n after signal n), or None while it runs."""
        return self._supervisor.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait at most ``seconds`` for the end; returns the exit code, or None when it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._supervisor.wait(seconds)
        return None

    def wait_for_end(self, *, budget: float, what: str, progress: Progress) -> int | None:
        """Wait for the end of a program that does its work and ends, with signs of life to ``progress``.

        Returns its exit code, or None when ``budget`` seconds were not enough (it is stopped then).
        """
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < budget:
            progress(f"{what} ({elapsed:.0f} s)")
            if (code := self.wait(min(HEARTBEAT, budget - elapsed))) is not None:
                return code
        self.stop()
        return None

    def stop(self) -> None:
        """End the program and wait until it is gone; the folder stays. Stopping twice does no harm."""
        pipe = self._supervisor.stdin
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(b"keep\n")
                pipe.flush()
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        if self.wait(self._order.grace + _SUPERVISOR_SLACK) is None:
            self._supervisor.kill()  # its death closes the life-line, and that ends the program
            self._supervisor.wait()
        if self._supervisor.stdout is not None:
            self._supervisor.stdout.close()
