"""Builds the environment that a version of Label Studio runs in, with uv."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.processes import build
from conformance.processes.process import Order, SupervisedProcess
from conformance.processes.uv_program import uv_program
from conformance.target.embedded.errors import InstallFailed, log_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.processes.progress import Progress
    from conformance.target.embedded.settings import EmbeddedSettings

_NOT_FOR_UV = (
    "CONDA_PREFIX",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "VIRTUAL_ENV",
)
"""Variables that would send it to another environment than the one it is told.

The rest (index, proxy, certificates) is how the user has set up uv, and stays.
"""


@dataclass(frozen=True, slots=True)
class ServerEnvironment:
    """A Python environment with one version of Label Studio in it."""

    version: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


def find_uv() -> str:
    """Return the path of uv, which is a dependency of the suite.

    Raises:
        InstallFailed: It is not there.
    """
    try:
        return uv_program()
    except FileNotFoundError as error:
        raise InstallFailed("uv was not found", cause=str(error), hint="install the suite again, with pip") from error


def find_or_install(settings: EmbeddedSettings, progress: Progress) -> ServerEnvironment:
    """Return the environment for ``settings``; build it first if need be (about half a minute, 800 MB).

    Raises:
        InstallFailed: uv is missing, or failed, or took too long.
    """
    folder, _ = build.find_or_build(
        settings.cache / "environments",
        settings.key,
        lambda folder: _install(folder, settings, progress),
        usable=lambda folder, _: os.access(folder / "bin" / "python", os.X_OK),
        progress=progress,
    )
    return ServerEnvironment(settings.version, folder)


def _install(folder: Path, settings: EmbeddedSettings, progress: Progress) -> build.Record:
    # The environment is built where it will stay: scripts and compiled modules know their own path.
    executable = find_uv()
    what = f"label-studio {settings.version}"
    python = str(folder / "bin" / "python")
    steps = (
        # --clear: the folder is there already, and empty.
        (
            "making an environment for",
            ["venv", "--clear", "--no-project", "--python", sys.executable, str(folder)],
        ),
        (
            "installing",
            # Compiled modules more than halve the time of every start. gunicorn: one way of serving.
            [
                "pip",
                "install",
                "--compile-bytecode",
                "--python",
                python,
                f"label-studio=={settings.version}",
                "gunicorn",
            ],
        ),
    )
    for verb, arguments in steps:
        run_uv([executable, *arguments], f"{verb} {what}", settings, progress)
    return {"version": settings.version, "python": sys.version.split()[0], "packages": _versions(folder)}


def run_uv(command: Sequence[str], what: str, settings: EmbeddedSettings, progress: Progress) -> None:
    """Run one command of uv, with signs of life.

    Raises:
        InstallFailed: It failed, or took too long.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_UV}
    # Python is the one that runs the suite; nothing but the index is asked for anything.
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    with tempfile.TemporaryDirectory(prefix="ls-conformance-uv-") as folder:  # no project's settings are found there
        log = Path(folder, "uv.log")
        order = Order(
            command=command,
            environment=environment,
            folder=folder,
            log=str(log),
            remove=folder,
            grace=settings.budgets.stop,
        )
        with SupervisedProcess(order) as process:
            code = process.wait_for_end(budget=settings.budgets.install, what=what, progress=progress)
        if code != 0:
            raise InstallFailed(
                f"{what} failed",
                cause=f"it took more than {settings.budgets.install:.0f} s"
                if code is None
                else f"uv ended with {code}",
                hint="check that the version is on your package index, and can be reached (uv's settings apply)",
                log_tail=log_tail(log),
            )


def _versions(folder: Path) -> dict[str, str]:
    """Return the packages in the environment with their versions, for the record of the build."""
    paths = [str(path) for path in folder.glob("lib/python*/site-packages")]
    return {found.name: found.version for found in metadata.distributions(path=paths)}
