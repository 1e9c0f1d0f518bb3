"""Exit codes, and errors that fill one screen instead of a traceback."""

from __future__ import annotations

import textwrap
from enum import IntEnum
from typing import ClassVar

WIDTH = 100
# How lines begin that are shown as they are: to be copied, or copied from somewhere.
_VERBATIM = ("curl ", "| ")


class ExitCode(IntEnum):
    """What the process ends with; 5 (pytest: no tests collected) becomes ``NOT_MEASURED``."""

    OK = 0
    DEVIATIONS = 1
    INTERRUPTED = 2
    INTERNAL = 3
    USAGE = 4
    TARGET_UNUSABLE = 6
    NOT_MEASURED = 7
    NO_RECORD = 8
    """``sweep``: there is no journal of the run."""
    NOTHING_FOUND = 9
    """``sweep``: nothing of the run is there (any more)."""


def printable(text: str, *, limit: int | None = None) -> str:
    """Text from a stranger, safe to print: no control characters, terminal escapes or direction marks.

    Args:
        text: anything, lone surrogates included.
        limit: keep at most so many characters of ``text``; an ellipsis tells that something is gone.
    """
    cut = text if limit is None else text[:limit]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return safe if len(cut) == len(text) else f"{safe}…"


class ConformanceError(Exception):
    """Something that a person has to know or to mend; base of all errors raised on purpose.

    A class that stands for one way of going wrong names its ``code`` itself; others are told it when raised.

    Attributes:
        code: short and stable, for machines and for searching (``connect-refused``).
        message: one sentence: what is wrong.
        cause: what was found, where the message alone does not tell.
        hint: what to do next.
        exit_code: what the process ends with if nobody handles the error.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    title: ClassVar[str] = "error"
    code: str = "error"

    def __init__(self, message: str, *, code: str = "", cause: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.message = message
        self.cause = cause
        self.hint = hint

    def sections(self) -> tuple[tuple[str, str], ...]:
        """Heading and text of each part of the screen, in order; empty texts are left out."""
        return (("Cause", self.cause), ("What to do", self.hint))

    def render(self) -> str:
        """One screen of plain text, without a traceback; a line break in a text stays a line break."""
        lines = [f"{self.title}: {printable(self.message)} [{self.code}]"]
        for heading, text in self.sections():
            if not text:
                continue
            lines += ["", f"{heading}:"]
            for line in text.splitlines():
                lines += _wrapped(printable(line))
        return "\n".join(lines)


class InputError(ConformanceError):
    """What was given, or what a file holds, can't be used; base of the errors of one sentence that names the place."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE
    title: ClassVar[str] = "ls-conformance"


def _wrapped(line: str) -> list[str]:
    """One line, indented and wrapped at blanks; URLs, shell commands and lines of a log stay whole."""
    indent = "  "
    if line.startswith(_VERBATIM):
        return [indent + line]
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
