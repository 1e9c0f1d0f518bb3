"""One version of the official client as a child process that reads answers for us."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from conformance.peers.errors import PeerUnavailable, tail
from conformance.peers.install import python_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.peers.base import Site

MISSING: Final = "missing"
NAME: Final = "official-client"
"""What it is called where peers are told of."""
PATIENCE: Final = 60.0
"""Seconds for one line: an answer is read in milliseconds, and the first one of a kind loads the models of its part."""
_READER: Final = Path(__file__).with_name("reader.py")
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A value that is not of the type that the client's method declares.

    Attributes:
        place: pointer into the answer, ``*`` for elements.
        declared: ``string``; ``missing`` where something must be there, and is not.
        came: its JSON type; ``nothing``.
    """

    place: str
    declared: str
    came: str

    def __str__(self) -> str:
        if self.declared == MISSING:
            return f"{self.place}: missing"
        return f"{self.place or '/'}: {self.came} for {self.declared}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of an answer in a user's hands.

    Attributes:
        version: of the client.
        method: whether the client has a method for the operation.
        raises: what the method raised; None where it returned.
        odd: what it returned that is not as it declares.
    """

    version: str
    method: bool = True
    raises: str | None = None
    odd: tuple[Odd, ...] = ()

    def without_missing(self) -> Reading:
        """The same of an answer that was asked to lack something."""
        return replace(self, odd=tuple(o for o in self.odd if o.declared != MISSING))


class Raised(Exception):
    """A method of the client raised, as it does in a user's hands."""

    def __init__(self, method: str, what: str) -> None:
        super().__init__(f"{method} raised {what}")
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came back of a request that the client made."""

    status: int
    content_type: str
    body: bytes


class Send(Protocol):
    """Sends a request that the client made, and gives it the answer."""

    def __call__(self, method: str, target: str, headers: list[tuple[str, str]], content: bytes) -> Came:
        """Send it; ``target`` is path and query."""


class Client:
    """A version of ``label-studio-sdk``, installed at first use and started by :meth:`start`.

    It ends with this process, whatever becomes of that: its input ends then.
    """

    def __init__(self, version: str, site: Site) -> None:
        self.version = version
        self._site = site
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Install and start it, and wait until it can read.

        Raises:
            PeerUnavailable: it can't be had.
        """
        requirement = f"label-studio-sdk=={self.version}"
        folder = python_program(self._site, peer=NAME, requirements=[requirement], program="python")
        self._site.log_dir.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a file of ours, by the Python that was just installed
                [str(folder / "python"), "-I", str(_READER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
                start_new_session=True,  # the terminal's Ctrl-C is not for it
            )
        self._line()

    @property
    def _log(self) -> Path:
        return self._site.log_dir / f"{NAME}-{self.version}.log"

    def read(self, *, operation: str, status: int, content_type: str, body: str) -> Reading:
        """Let the client's method of this operation read an answer.

        Raises:
            PeerUnavailable: it ended, or does not answer.
        """
        self._say({"operation": operation, "status": status, "type": content_type, "body": body})
        told: dict[str, Any] = json.loads(self._line())
        odd = tuple(Odd(place=place, declared=declared, came=came) for place, declared, came in told["odd"])
        return Reading(version=self.version, method=told["method"], raises=told["raises"], odd=odd)

    def call(self, method: str, send: Send, **arguments: Any) -> Any:
        """Call a method of the client.

        Args:
            method: ``projects.create``.
            send: sends each request that the client makes.
            arguments: of the method, as JSON values.

        Returns:
            What the method returned, as a JSON value.

        Raises:
            Raised: the method raised.
            PeerUnavailable: the client ended, or does not answer.
        """
        self._say({"call": method, "arguments": arguments})
        while "request" in (told := json.loads(self._line())):
            asked = told["request"]
            content = base64.b64decode(asked["body"])
            came = send(asked["method"], asked["target"], list(map(tuple, asked["headers"])), content)
            self._say({"status": came.status, "type": came.content_type, "body": base64.b64encode(came.body).decode()})
        if told["raised"] is not None:
            raise Raised(method, told["raised"])
        return told["returned"]

    def _say(self, message: Mapping[str, Any]) -> None:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - for the type checker
        with contextlib.suppress(BrokenPipeError):  # that it ended shows when its answer is read
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()

    def stop(self) -> None:
        """End it; stopping twice does no harm."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise PeerUnavailable(NAME, "it is not running", f"read {self._log}")
        return self._process

    def _line(self) -> str:
        """The next line that it says."""
        process = self._running()
        assert process.stdout is not None  # noqa: S101 - for the type checker
        guard = threading.Timer(PATIENCE, process.kill)  # then there is no line, and that says it
        guard.start()
        try:
            line = process.stdout.readline()
        finally:
            guard.cancel()
        if not line:
            what = f"label-studio-sdk {self.version} ended, or did not answer: {tail(self._log)}"
            raise PeerUnavailable(NAME, what, f"read {self._log}")
        return line
