"""Collects the shell commands that README and docs tell people to type."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "reports" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
_BLOCK = re.compile(r"^[ ]*```(?P<language>\w*)\n(?P<text>.*?)^[ ]*```", re.DOTALL | re.MULTILINE)
# Within a sentence: what begins with the name of a program of this project and has an argument.
_INLINE = re.compile(r"`((?:pytest|tox|ls-conformance|python -m) [^`]+)`")
_PLACEHOLDERS = re.compile(r"…|\.\.\.|\b[A-Z]{3,}\b|<\w+>")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in one of the languages."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [m["text"] for m in found if m["language"] in languages]


def _lines(page: Path) -> Iterator[str]:
    for block in blocks(page, "sh", "bash", "shell", "console", ""):
        for line in block.splitlines():
            if re.match(r"\s*(pytest|tox|ls-conformance|python3? -m|uv|uvx|pipx|export) ", line):
                yield line
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    yield from (one for one in _INLINE.findall(text) if not _PLACEHOLDERS.search(one))


def commands() -> list[Command]:
    """Each command of each page, once per page, in order."""
    found: dict[Command, None] = {}
    for page in PAGES:
        for line in _lines(page):
            words: list[str] = []
            for word in [*shlex.split(line, comments=True), "&&"]:
                if word != "&&":
                    words.append(word)
                elif words:
                    found[Command(page.relative_to(ROOT).as_posix(), tuple(words))] = None
                    words = []
    return list(found)


def deviation_files() -> list[str]:
    """The files of accepted deviations that pages show; other YAML is of a workflow or the like."""
    return [text for page in PAGES for text in blocks(page, "yaml") if re.search("^deviations:", text, re.MULTILINE)]
