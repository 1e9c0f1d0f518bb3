"""Names what a run creates, and reads such names again.

One scheme, for titles, e-mail addresses and addresses of nobody: a word or some, the id of the run, the worker where
there are several, and a number. Whoever reads a name takes it whole, or not at all: an id somewhere inside somebody's
title proves nothing.
"""

from __future__ import annotations

import itertools
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TITLE: Final = 50
"""Characters (contract, LseProjectCreate.title)."""
_RUN: Final = r"(?P<run>20[0-9]{6}-[0-9]{6}-[0-9a-f]{4})"
_ID: Final = re.compile(_RUN)
_MARK: Final = rf"{_RUN}(?:-gw[0-9]{{1,4}})?-[1-9][0-9]*"
_WORDS: Final = r"[a-z]+(?: [a-z]+)*"
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "title": re.compile(rf"{_WORDS} {_MARK}"),
    "email": re.compile(rf"[a-z]+-{_MARK}@example\.com"),
    "url": re.compile(rf"https://receiver\.invalid/[a-z]+/{_MARK}"),
}


@dataclass(frozen=True, slots=True)
class RunId:
    """The id of a run, whole and well-formed: ``20261127-002207-ab12``."""

    text: str
    started: datetime

    @classmethod
    def parse(cls, text: str) -> RunId | None:
        """The id, if the text is one and nothing else; dates that no calendar has are none."""
        if _ID.fullmatch(text) is None:
            return None
        try:
            started = datetime.strptime(text[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(text, started)

    @classmethod
    def new(cls, now: datetime) -> RunId:
        """An id for a run that begins now."""
        started = now.astimezone(UTC).replace(microsecond=0)
        return cls(f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", started)

    def __str__(self) -> str:
        return self.text


class Names:
    """Makes names that nothing else has.

    Args:
        origin: id of the run, and of the worker where there are several: ``20261127-002207-ab12-gw0``.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin.lower()
        self._numbers = itertools.count(1)

    def title(self, words: str) -> str:
        """A title; ``words`` are lower-case, to be understood by whoever finds it; cut where it gets too long."""
        mark = self._mark()
        while len(words) + 1 + len(mark) > LONGEST_TITLE and " " in words:
            words = words.rpartition(" ")[0]
        return f"{words} {mark}"

    def email(self, word: str) -> str:
        """An e-mail address at which nobody can be reached (RFC 2606)."""
        return f"{word}-{self._mark()}@example.com"

    def url(self, word: str) -> str:
        """An address that no resolver knows (RFC 2606), for what is only stored."""
        return f"https://receiver.invalid/{word}/{self._mark()}"

    def _mark(self) -> str:
        return f"{self._origin}-{next(self._numbers)}"


def run_of(place: str, text: object) -> str | None:
    """The id of the run that made something, by the name that it has.

    Args:
        place: where the name stands: ``title``, ``email`` or ``url``.
        text: what stands there.

    Returns:
        The id; None where the whole of the text is no name of a run.
    """
    found = _FORMS[place].fullmatch(text) if isinstance(text, str) else None
    return found["run"] if found else None
