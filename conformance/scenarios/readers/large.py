"""A list of JSON values that is too big for the memory, read from a file one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TextIO

from conformance.scenarios.readers.archive import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE: Final = 1 << 16
_DECODER: Final = json.JSONDecoder()


def read_large(path: Path, *, piece: int = PIECE) -> Iterator[Any]:
    """The items of the list in a file; only one of them, and a piece of the file, is in memory.

    Raises:
        Unreadable: it is no list of JSON values, it is cut off, or something follows it.
    """
    with path.open(encoding="utf-8") as file:

        def begun(text: str) -> str:
            """Return what is left, from the first character that is no space; empty at the end of the file."""
            text = text.lstrip()
            while not text and (more := file.read(piece)):
                text = more.lstrip()
            return text

        text = begun("")
        if not text.startswith("["):
            raise Unreadable(f"no list: it begins with {text[:40]!r}")
        text = begun(text[1:])
        while not text.startswith("]"):
            item, text = _item(text, file, piece)
            yield item
            text = begun(text)
            if text.startswith(","):
                text = begun(text[1:])
            elif not text.startswith("]"):
                raise Unreadable(f"neither a comma nor the end after an item: {text[:40]!r}")
        if begun(text[1:]):
            raise Unreadable("something follows the list")


def _item(text: str, file: TextIO, piece: int) -> tuple[Any, str]:
    """The item that a text begins with, and what follows; reads on while it is not complete."""
    while True:
        try:
            item, end = _DECODER.raw_decode(text)
        except ValueError as problem:
            more = file.read(max(piece, len(text)))
            if not more:
                raise Unreadable(f"cut off or damaged: it ends with {text[-40:]!r}") from problem
        else:
            # the digits of a number may go on in the next piece
            more = file.read(piece) if end == len(text) else ""
            if not more:
                return item, text[end:]
        text += more
