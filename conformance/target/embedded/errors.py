"""Errors of the embedded target: one class per cause, each with code, message, cause and hint."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from conformance.errors import ConformanceError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TAIL_LINES = 15
_TAIL_WIDTH = 200


class EmbeddedError(ConformanceError):
    """The embedded Label Studio is not there; ours to explain, never a finding about the target.

    Attributes:
        log_tail: the last lines of the program's log.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TARGET_UNUSABLE
    title: ClassVar[str] = "The embedded Label Studio can't be had"
    code = "embedded"

    def __init__(self, message: str, *, cause: str = "", hint: str = "", log_tail: str = "") -> None:
        super().__init__(message, cause=cause, hint=hint)
        self.log_tail = log_tail

    def sections(self) -> tuple[tuple[str, str], ...]:
        """See the base class."""
        log = "\n".join(f"| {line}" for line in self.log_tail.splitlines())
        return (*super().sections(), ("Last lines of its log", log))

    def __str__(self) -> str:
        return self.render()


class UnusableSettings(EmbeddedError):
    """The settings ask for what cannot be: a strange version, a reserved variable, an unsupported system."""

    code = "embedded-settings"


class InstallFailed(EmbeddedError):
    """The environment of this version could not be built."""

    code = "embedded-install"


class MigrationFailed(EmbeddedError):
    """The first start, which migrates the database and makes the account, did not come to its end."""

    code = "embedded-migration"


class StartFailed(EmbeddedError):
    """The server ended while starting, or did not become ready in time."""

    code = "embedded-start"


class DatabaseFailed(EmbeddedError):
    """The PostgreSQL beside the server could not be made or started."""

    code = "embedded-database"


class NotRunning(EmbeddedError):
    """Something was asked of a server that has been stopped."""

    code = "embedded-not-running"


def log_tail(path: Path, secrets: Iterable[str] = ()) -> str:
    """Return the last lines of the log at ``path``, without ``secrets``; empty when there is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as log:
            lines = deque((line.rstrip() for line in log if line.strip()), maxlen=_TAIL_LINES)
    except OSError:
        return ""
    text = "\n".join(lines)
    for secret in secrets:
        text = text.replace(secret, "***")
    return "\n".join(line[:_TAIL_WIDTH] for line in text.splitlines())
