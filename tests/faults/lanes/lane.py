"""A lane: one real server, and one faulty proxy after the other in front of it, each with a run of its own."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Final, Protocol, Self

import httpx
import pytest

from conformance.contract import SPEC
from conformance.target import embedded
from tests.faults.lanes.emulated import PORT
from tests.faults.lanes.proxy import Proxy
from tests.listening import LOOPBACK, listen

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.faults.loading import Fault

LONGEST: Final = 1200.0
"""Seconds after which the run of a fault is stopped from outside."""
RESET_AFTER: Final = 12
"""Runs after which the server begins anew, so that what they leave does not slow down the next."""
EMULATED: Final = "tests.faults.lanes.emulated"
OWN: Final = ("LABEL_STUDIO_", "LS_CONFORMANCE_T")


class _Turns:
    """A plugin of pytest that lets each test meet its own fault only."""

    def __init__(self, proxy: Proxy, faults: Mapping[Fault, Sequence[str]]) -> None:
        self._proxy = proxy
        self._of = {test: frozenset({fault.id}) for fault, tests in faults.items() for test in tests}
        proxy.active = frozenset()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fixtures of the test included."""
        self._proxy.active = self._of.get(item.nodeid, frozenset())
        try:
            return (yield)
        finally:
            self._proxy.active = frozenset()


class Server(Protocol):
    """What a lane needs of the server behind it."""

    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def document_root(self) -> Path: ...
    def reset(self) -> None: ...
    def stop(self) -> None: ...


class Lane:
    """``with Lane(folder) as lane: lane.run([fault], tests, folder)``."""

    def __init__(self, logs: Path) -> None:
        self.gcs_port = 0
        self.server = self.begin(logs)
        self._runs = 0

    def begin(self, logs: Path) -> Server:
        """Start the server; where GCS is, it is told now and never again."""
        with listen() as free:
            self.gcs_port = free.getsockname()[1]
        told = {"STORAGE_EMULATOR_HOST": f"http://{LOOPBACK}:{self.gcs_port}"}
        return embedded.start(embedded.EmbeddedSettings(log_dir=logs, extra_environment=told))

    def options(self) -> tuple[str, ...]:
        """Of a run, besides those that say where the server is."""
        return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()

    def run(self, faults: Mapping[Fault, Sequence[str]], tests: Sequence[str], folder: Path, *options: str) -> float:
        """Run tests against the server behind the faults, in a process of its own; returns its seconds.

        A fault is there only while its own tests run, so that several share a run without meeting.

        The report is in the folder, if the run came that far.
        """
        self._make_ready()
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        ended, held = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ended)
            code = 3
            with contextlib.suppress(BaseException):
                code = self._judged(faults, tests, folder, options)
            os._exit(code)
        os.close(held)
        # the child holds the other end for as long as it lives: what can be read then is that it ended
        told, _, _ = select.select([ended], [], [], LONGEST if faults else None)
        if not told:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ended)
        self._runs += 1
        return time.monotonic() - began

    def _judged(
        self, faults: Mapping[Fault, Sequence[str]], tests: Sequence[str], folder: Path, options: Sequence[str]
    ) -> int:
        """In the child: what pytest ends with."""
        out = os.open(folder / "output.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(SPEC.parent)
        for name in [name for name in os.environ if name.startswith(OWN)]:
            del os.environ[name]
        os.environ[PORT] = str(self.gcs_port)
        with Proxy(self.server.url, key=self.server.api_key, faults=tuple(faults)) as proxy:
            target = [f"--target={proxy.url}", f"--api-key={self.server.api_key}", "--disposable"]
            # where nobody knows the database, what is accepted of another one hides faults that look alike
            target.append("--target-database=sqlite")
            reached = ["--callback-host=127.0.0.1", f"--local-files={self.server.document_root}"]
            own = [
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "tests.faults.lanes.impatient",
                "-p",
                EMULATED,
                f"--report-dir={folder}",
            ]
            arguments = [*own, *target, *reached, *self.options(), *options, *tests]
            code = int(pytest.main(arguments, plugins=[_Turns(proxy, faults)]))
            met = "\n".join(f"{name} {number} {proxy.acted[name]}" for name, number in proxy.met.items())
            (folder / "met.txt").write_text(met, encoding="utf-8")
            broken = "\n".join(f"{name} {problem}" for name, problem in proxy.broken.items())
            (folder / "broken.txt").write_text(broken, encoding="utf-8")
        return code

    def _make_ready(self) -> None:
        """Begin anew after some runs, or where the last one left the server other than it should be."""
        if self._runs and (self._runs % RESET_AFTER == 0 or not self._is_well()):
            self.server.reset()

    def _is_well(self) -> bool:
        headers = {"Authorization": f"Token {self.server.api_key}"}
        try:
            with httpx.Client(base_url=self.server.url, headers=headers, timeout=20) as client:
                who = client.get("/api/current-user/whoami")
                settings = client.get("/api/jwt/settings").json()
                people = client.get("/api/users/").json()
        except (httpx.HTTPError, ValueError):
            return False
        return who.status_code == 200 and settings["legacy_api_tokens_enabled"] and len(people) < 30
