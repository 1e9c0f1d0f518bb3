"""uWSGI serves a Label Studio as its own deployment files have it: an HTTP router, a master, processes.

It serves the database and the files of a server that runs already, beside that one, and with its environment.
"""

from __future__ import annotations

import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx

from conformance.processes.process import Order, SupervisedProcess
from conformance.target.embedded.install import find_uv
from conformance.target.embedded.ready import LOOPBACK, free_port, wait_for

if TYPE_CHECKING:
    from conformance.target.embedded import EmbeddedServer

WHEEL = "pyuwsgi==2.0.30.post1"
# Runs in Label Studio's environment: uWSGI is taken from a folder of its own, the settings are those of `label-studio`.
_RUN = """
import importlib.util, os, sys
sys.path.append({folder!r})
home = os.path.dirname(importlib.util.find_spec("label_studio").origin)
os.environ["DJANGO_SETTINGS_MODULE"] = "label_studio.core.settings.label_studio"
os.environ["PYTHONPATH"] = home
import pyuwsgi
pyuwsgi.run([*{arguments!r}, "--chdir", home, "--pythonpath", home, "--virtualenv", sys.prefix])
"""


def install(folder: Path) -> Path:
    """Put uWSGI into a folder; it has to be of the Python that Label Studio runs on, which is ours."""
    subprocess.run([find_uv(), "pip", "install", "-q", "--no-deps", "--target", str(folder), WHEEL], check=True)
    return folder


@dataclass(slots=True, kw_only=True)
class Uwsgi:
    """A running uWSGI; a context manager that ends it.

    Attributes:
        program: the folder that `install` filled.
        folder: for its log.
        processes: how many serve.
    """

    program: Path
    folder: Path
    processes: int = 2
    port: int = field(default_factory=free_port)
    _process: SupervisedProcess | None = None

    @property
    def url(self) -> str:
        """Its own HTTP port, which takes one request per connection."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self, server: EmbeddedServer) -> Self:
        """Serve what the server has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments = [
            *("--http", f"{LOOPBACK}:{self.port}", "--module", "core.wsgi:application", "--master", "--lazy-apps"),
            *("--single-interpreter", "--enable-threads", "--processes", str(self.processes), "--need-app"),
            *("--die-on-term", "--buffer-size", "65535", "--post-buffering", "4096", "--http-timeout", "300"),
            *("--harakiri", "120", "--disable-logging"),
        ]
        process = Path(f"/proc/{server.pid}")
        told = (process / "environ").read_text(encoding="utf-8").split("\0")
        order = Order(
            command=[
                (process / "cmdline").read_text(encoding="utf-8").split("\0")[0],
                "-s",
                "-c",
                _RUN.format(folder=str(self.program), arguments=arguments),
            ],
            environment=dict(line.split("=", 1) for line in told if "=" in line and "LIFELINE" not in line),
            folder=str(self.folder),
            log=str(self.folder / "uwsgi.log"),
            remove=None,
            grace=5.0,
        )
        self._process = SupervisedProcess(order)
        assert wait_for(self._process, self._answers, 120), (self.folder / "uwsgi.log").read_text(encoding="utf-8")
        return self

    def stop(self) -> None:
        """End it; twice does no harm."""
        if self._process is not None:
            self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, self.port)) != 0:
                return False
        try:
            return httpx.get(f"{self.url}/health", timeout=60, trust_env=False).is_success
        except httpx.TransportError:
            return False
