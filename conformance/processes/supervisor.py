"""The small process between the suite and a program that it starts: it sees that nothing is left behind.

Run as ``python -I supervisor.py``, standard library only (it must be up in milliseconds, and work when
everything else is broken). Its standard input is both the order and the life-line:

* first line: the order, a JSON object (`Order` in ``process.py`` writes it);
* then nothing. ``keep`` before the end of the input means: end the program, leave the folder. The end of the
  input alone - the parent crashed, was interrupted or was killed with ``kill -9`` - means: end the program
  and remove the folder.

On standard output it writes one line, the program's process id. It exits with the program's exit code (128 +
n after signal n). The program gets a session of its own, so that Ctrl-C in a terminal does not reach it, and
so that all of its children can be ended with it: SIGTERM, then SIGKILL after the order's ``grace`` in
seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.1


def _signal_group(process_group: int, number: int) -> bool:
    """Send signal ``number`` to the group; False when there is nobody left in it."""
    try:
        os.killpg(process_group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS, for a group of zombies
        return False
    return True


def _end(child: subprocess.Popen[bytes], grace: float) -> None:
    """End the program and all that is left of its process group."""
    if child.poll() is None:
        child.terminate()  # only the leader first: it knows how to end its own children in good order
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _start(order: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the program; returns it, and the write end of its life-line (which is closed when we die)."""
    read_end, write_end = os.pipe()
    environment = {**order["environment"], "LS_CONFORMANCE_LIFELINE": str(read_end)}
    with Path(order["log"]).open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - the order comes from our own parent
            order["command"],
            cwd=order["folder"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(read_end,),
        )
    os.close(read_end)
    return child, write_end


def _wait(child: subprocess.Popen[bytes], stopping: list[bool], parent: int) -> bool:
    """Wait until the program ends or has to; returns whether the folder is to be kept."""
    received = b""
    while child.poll() is None:
        if stopping:
            return False
        ready, _, _ = select.select([0], [], [], _POLL_SECONDS)
        if ready:
            chunk = os.read(0, 4096)
            if not chunk:
                return received.startswith(b"keep")
            received += chunk
        elif os.getppid() != parent:
            return False  # a forked copy of the parent may still hold the pipe, but the parent itself is gone
    return True  # it ended by itself: the parent wants to look at what it left


def _read_order() -> dict[str, Any] | None:
    """Read the first line byte by byte: what follows it is not ours to take yet."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return None
        line += byte
    order: dict[str, Any] = json.loads(line)
    return order


def main() -> int:
    """Carry out the order on standard input; return the program's exit code."""
    parent = os.getppid()
    stopping: list[bool] = []
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN: the program would inherit that
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    order = _read_order()
    if order is None:
        return 0
    try:
        child, lifeline = _start(order)
    except OSError as error:
        with Path(order["log"]).open("a", encoding="utf-8") as log:
            log.write(f"cannot start {order['command'][0]}: {error}\n")
        return 127
    os.write(1, f"{child.pid}\n".encode())
    keep = _wait(child, stopping, parent)
    _end(child, float(order["grace"]))
    os.close(lifeline)
    if order["remove"] is not None and not keep:
        # What was killed a moment ago may still have written while the folder went: once more.
        for _ in range(3):
            shutil.rmtree(order["remove"], ignore_errors=True)
            if not Path(order["remove"]).exists():
                break
            time.sleep(_POLL_SECONDS)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
