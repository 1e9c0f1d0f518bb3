"""What can go wrong with the embedded target: one class per way, each with code, message, cause and hint."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TAIL_LINES = 15
_TAIL_WIDTH = 200


class EmbeddedError(Exception):
    """The embedded Label Studio is not there; ours to explain, never a finding about the target.

    ``str()`` of it is one screen for people. ``code`` is stable and for machines; ``message`` says what
    failed in one line, ``cause`` why (as far as known), ``hint`` what to do; ``log_tail`` are the last lines
    of the program's log.
    """

    code: ClassVar[str] = "embedded"

    def __init__(self, message: str, *, cause: str | None = None, hint: str | None = None, log_tail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.hint = hint
        self.log_tail = log_tail

    def __str__(self) -> str:
        lines = [f"{self.message} [{self.code}]"]
        if self.cause:
            lines.append(f"  cause: {self.cause}")
        if self.hint:
            lines.append(f"  hint:  {self.hint}")
        if self.log_tail:
            lines.append("  last lines of its log:")
            lines.extend(f"    | {line}" for line in self.log_tail.splitlines())
        return "\n".join(lines)


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
