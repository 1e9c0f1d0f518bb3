"""Runs the body of one test again and again on a recording, each time in a process of its own.

A process is forked before the body runs for the first time, so that it knows the state that the body began with; when
the recording is there, it forks once more for each mutant. What a body changes is gone with its process.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.mutants.mutating import Place, Unchanged, Way, mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.mutants.replaying import Recording

LONGEST: Final = 6
"""Seconds for one body on a recording."""
Seen = frozenset[tuple[str, str, str]]
"""Requirement, signature and outcome of what was told."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One property of one operation's answers, and how it is spoiled."""

    operation: str
    place: Place
    way: Way

    def change(self, operation: str | None, value: Any) -> Any:
        """Spoil an answer, if it is this operation's and has the property."""
        if operation != self.operation:
            return value
        try:
            return mutated(value, self.place, self.way)
        except Unchanged:
            return value


class Template:
    """A process that waits, in the state that a test's body begins with.

    Args:
        body: runs the body on a recording, with each answer changed; returns what was told.
    """

    def __init__(self, body: Callable[[Recording, Callable[[str | None, Any], Any]], Seen]) -> None:
        ask_out, ask_in = os.pipe()
        tell_out, tell_in = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(ask_in)
            os.close(tell_out)
            _serve(body, ask_out, tell_in)
        os.close(ask_out)
        os.close(tell_in)
        self._ask, self._told = os.fdopen(ask_in, "wb"), os.fdopen(tell_out, "rb")

    def run(self, recording: Recording, mutants: Sequence[Mutant], *, seconds: float) -> list[Seen | None]:
        """What is told without a change, and with each mutant; as many as there is time for.

        None is what became of a body that did not end.
        """
        pickle.dump((recording, mutants, seconds), self._ask)
        self._ask.flush()
        answer = self._told.read()
        rows = json.loads(answer) if answer else []
        return [None if row is None else frozenset((a, b, c) for a, b, c in row) for row in rows]

    def end(self) -> None:
        """End the process, used or not."""
        self._ask.close()
        self._told.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _serve(body: Callable[..., Seen], ask: int, tell: int) -> None:
    """Wait for the recording, run the mutants, and end without what a process of pytest does at its end."""
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        with os.fdopen(ask, "rb") as asked:
            recording, mutants, seconds = pickle.load(asked)
        until = time.monotonic() + seconds
        rows = [_forked(body, recording, lambda _, value: value)]
        for mutant in mutants:
            if time.monotonic() > until or rows[0] is None:
                break
            rows.append(_forked(body, recording, mutant.change))
        with os.fdopen(tell, "w") as told:
            json.dump(rows, told)
    except EOFError:
        pass
    finally:
        os._exit(0)


def _forked(body: Callable[..., Seen], recording: Recording, change: Callable[..., Any]) -> list[list[str]] | None:
    out, into = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(out)
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(LONGEST)
            time.sleep = lambda _: None  # nothing changes on a recording, however long one waits
            processes: Any = subprocess.Popen
            processes.poll = lambda _: None  # peers run: they are children of another process
            seen = body(recording, change)
            with os.fdopen(into, "w") as told:
                json.dump(sorted(seen), told)
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out) as told:
        text = told.read()
    os.waitpid(process, 0)
    sys.stdout.flush()
    return json.loads(text) if text else None
