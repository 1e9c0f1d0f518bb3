"""Settings of the embedded Label Studio."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from platformdirs import user_cache_path

from conformance.target.embedded.errors import UnusableSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

Serving: TypeAlias = Literal["runserver", "gunicorn", "plain"]
"""How the application is served.

``runserver`` is Django's development server, as ``label-studio start`` has it, with Nagle's algorithm off:
not one byte differs from ``plain``, which is as shipped, but an answer on a kept-alive connection comes 40 ms
earlier (measured, `GET /api/version/`, one connection: 103 against 20 requests/s). ``gunicorn`` is one process or more,
each with several threads; 75 requests/s, and not quite the same on the wire: no ``Content-Length: 0`` on 204,
headers above 8 kB refused with 431, no limit of 100 headers.
"""

Database: TypeAlias = Literal["sqlite", "postgresql"]
"""What the server keeps its rows in: a file of its own, or a PostgreSQL of its own."""

DATABASES: tuple[Database, ...] = ("sqlite", "postgresql")
Policy: TypeAlias = Literal["open", "shipped"]
"""What is allowed on the server.

``open``: legacy tokens, requests to loopback, local files; so that everything can be judged. ``shipped``: what holds
where nobody sets anything: personal access tokens only, and protection against requests to private addresses.
"""
POLICIES: tuple[Policy, ...] = ("open", "shipped")

DEFAULT_VERSION = "1.23.2"
CACHE_VARIABLE = "LS_CONFORMANCE_CACHE"

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.dev|\.post)\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """How long, in seconds, each step may take before it counts as failed.

    Generous on purpose: a slow machine is no finding. Measured on two cores: install 32, migrate 60, start 4,
    stop 1.
    """

    install: float = 1800.0
    migrate: float = 900.0
    start: float = 180.0
    stop: float = 10.0
    """From SIGTERM to SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSettings:
    """Which Label Studio to start, and how.

    Attributes:
        version: A version of ``label-studio`` on the package index.
        cache_root: Where environments and snapshots are kept; by default ``$LS_CONFORMANCE_CACHE``, else the
            user's cache folder.
        log_dir: Where each server writes its log, a file of its own; by default the instance's temporary
            folder, which goes when the server stops.
        serving: See `Serving`.
        database: See `Database`.
        policy: See `Policy`.
        processes: Of how many processes the application is; more than one only with gunicorn.
        extra_environment: More environment variables for the server (feature flags,
            ``STORAGE_EMULATOR_HOST``, ...). It gets no other variable of the caller's.
        instance_root: Below which folder the instances' data lie; by default one of the user's own in the
            system's temporary folder.
        budgets: How long each step may take.
    """

    version: str = DEFAULT_VERSION
    cache_root: Path | None = None
    log_dir: Path | None = None
    serving: Serving = "runserver"
    database: Database = "sqlite"
    policy: Policy = "open"
    processes: int = 1
    extra_environment: Mapping[str, str] = field(default_factory=dict)
    instance_root: Path | None = None
    budgets: Budgets = field(default_factory=Budgets)

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise UnusableSettings(
                f"{self.version!r} is no version of label-studio",
                hint="write the version as on the package index: 1.23.2",
            )
        if self.processes > 1 and self.serving != "gunicorn":
            raise UnusableSettings(f"{self.serving} is one process, not {self.processes}", hint="serve with gunicorn")

    @property
    def cache(self) -> Path:
        """The cache folder in force, absolute; it need not exist."""
        if self.cache_root is not None:
            return self.cache_root.absolute()
        if named := os.environ.get(CACHE_VARIABLE):
            return Path(named).expanduser().absolute()
        return user_cache_path("ls-conformance", appauthor=False)

    @property
    def key(self) -> str:
        """Names what is built for these settings; another Python or another recipe is another build."""
        return f"label-studio-{self.version}-py{sys.version_info.major}.{sys.version_info.minor}"


def require_posix() -> None:
    """Raise `UnusableSettings` where there are no process groups and no ``flock``."""
    if os.name != "posix":
        raise UnusableSettings(
            "the embedded Label Studio needs Linux or macOS",
            hint="start a Label Studio yourself and give its URL instead",
        )
