"""A list of JSON values that is too big for the memory, read from a file one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.scenarios.readers.archive import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE = 1 << 16


def read_large(path: Path, *, piece: int = PIECE) -> Iterator[Any]:
    """The items of the list in a file; only one of them, and a piece of the file, is in memory.

    Raises:
        Unreadable: it is no list of JSON values, it is cut off, or something follows it.
    """
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8") as file:
        text = file.read(piece).lstrip()
        if not text.startswith("["):
            raise Unreadable(f"no list: it begins with {text[:40]!r}")
        text = text[1:].lstrip() or file.read(piece).lstrip()
        while not text.startswith("]"):
            try:
                item, end = decoder.raw_decode(text)
                after = text[end:].lstrip()
                if not after:  # a number may go on in the next piece
                    raise ValueError("the item may not be complete")  # noqa: TRY301 - both ways to be incomplete
            except ValueError as problem:
                more = file.read(max(piece, len(text)))
                if not more:
                    raise Unreadable(f"cut off or damaged: it ends with {text[-40:]!r}") from problem
                text += more
                continue
            if after[0] not in ",]":
                raise Unreadable(f"neither a comma nor the end after an item: {after[:40]!r}")
            yield item
            text = (after[1:] if after[0] == "," else after).lstrip() or file.read(piece).lstrip()
        if text[1:].strip() or file.read(piece).strip():
            raise Unreadable("something follows the list")
