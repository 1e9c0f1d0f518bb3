"""Starts a server in its folders, and waits until it is ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.processes.process import Order, SupervisedProcess
from conformance.target.embedded.errors import EmbeddedError, StartFailed, log_tail
from conformance.target.embedded.ready import LOOPBACK, free_port, port_is_free, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.processes.progress import Progress
    from conformance.target.embedded.instance import Instance
    from conformance.target.embedded.settings import Serving

_LAUNCHER = Path(__file__).with_name("launcher.py")
_PORTS_TRIED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """All that is needed to start one server, again and again."""

    python: Path
    version: str
    serving: Serving
    processes: int = 1
    instance: Instance
    environment: Mapping[str, str]
    log: Path
    start_budget: float
    stop_budget: float
    failure: type[EmbeddedError] = StartFailed
    arguments: Sequence[str] = ()
    """More arguments for ``label-studio start``."""
    secrets: Sequence[str] = field(default=(), repr=False)
    """Never shown, not even in the tail of a log."""

    def _order(self, port: int) -> Order:
        folders = self.instance.folders
        start = ["start", "--no-browser", "--internal-host", LOOPBACK, "--port", str(port)]
        # HTTP access lines are of no use in the log; errors are.
        start += ["--data-dir", str(folders.data), "--log-level", "ERROR", *self.arguments]
        launcher = [str(_LAUNCHER), "--serving", self.serving, "--processes", str(self.processes)]
        launcher += ["--ready-file", str(folders.ready_file)]
        return Order(
            # -s, -P: neither the user's own packages nor the modules beside the launcher are seen.
            command=[str(self.python), "-s", "-P", *launcher, "--", *start],
            environment=self.environment,
            folder=str(folders.root),
            log=str(self.log),
            remove=str(folders.root),
            grace=self.stop_budget,
        )

    def run(self, *, port: int | None, what: str, progress: Progress) -> tuple[SupervisedProcess, int]:
        """Start the server and wait until it is ready.

        Args:
            port: Where it shall listen; None for any free port of the loopback interface.
            what: What to tell ``progress``.
            progress: Told what is going on.

        Returns:
            The running process, and its port.

        Raises:
            EmbeddedError: ``failure``, when it ended or did not become ready.
        """
        code: int | None = None
        for _ in range(_PORTS_TRIED):
            chosen = port if port is not None else free_port()
            self.instance.folders.ready_file.unlink(missing_ok=True)
            process = SupervisedProcess(self._order(chosen), keep_open=(self.instance.lock_descriptor,))
            ready = False
            try:
                ready = wait_until_ready(
                    process,
                    port=chosen,
                    ready_file=self.instance.folders.ready_file,
                    budget=self.start_budget,
                    what=what,
                    progress=progress,
                )
                code = process.exit_code()
            finally:  # also on Ctrl-C
                if not ready:
                    process.stop()
            if ready:
                return process, chosen
            if code is None or port_is_free(chosen):
                break  # the port was not the trouble: another would not help
        raise self.failure(
            f"{what} failed",
            cause=f"not ready within {self.start_budget:.0f} s" if code is None else f"the server ended with {code}",
            hint=f"the whole log: {self.log}" if self.log.parent != self.instance.folders.root else "",
            log_tail=log_tail(self.log, self.secrets),
        )
