"""Renders values as Python source, with variables in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH: Final = 100
# A private character that no text of ours has; NUL is one that scenarios send.
MARK: Final = "\U000f1234"
_SHOWN: Final = repr(MARK)[1:-1]


class Name(str):
    """A variable."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text with variables in it: texts and names in turn."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, value: str, names: Mapping[str, Name]) -> Text | str:
        """Put names in the place of what they stand for; a text without any stays one."""
        if value in names:
            return names[value]
        marked = value
        for held in sorted(names, key=len, reverse=True):
            marked = marked.replace(held, f"{MARK}{names[held]}{MARK}")
        return cls.unmarked(marked) if marked.count(MARK) else value

    @classmethod
    def unmarked(cls, marked: str) -> Self:
        """Of a text in which names stand between marks."""
        pieces = marked.split(MARK)
        return cls(tuple(Name(p) if n % 2 else p for n, p in enumerate(pieces)))

    @classmethod
    def joined(cls, pieces: Sequence[object]) -> Text:
        """Texts, names and texts with names, one after the other."""
        parts: list[str] = []
        for piece in pieces:
            parts += piece.parts if isinstance(piece, Text) else [piece if isinstance(piece, str) else str(piece)]
        return cls(tuple(parts))

    def source(self) -> str:
        """As an f-string."""
        if not any(isinstance(part, Name) for part in self.parts):
            return repr("".join(self.parts))
        bare = "".join(
            f"{MARK}{n}{MARK}" if isinstance(p, Name) else p.replace("{", "{{").replace("}", "}}")
            for n, p in enumerate(self.parts)
        )
        shown = repr(bare)
        for number, part in enumerate(self.parts):
            if isinstance(part, Name):
                shown = shown.replace(f"{_SHOWN}{number}{_SHOWN}", f"{{{part}}}")
        return f"f{shown}"


def source(value: Any, indent: int = 0) -> str:
    """A JSON value with names in it, as Python source; wrapped where a line grows long."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, Text):
        return value.source()
    if isinstance(value, dict | list):
        pairs = (
            [f"{k!r}: {source(v, indent + 4)}" for k, v in value.items()]
            if isinstance(value, dict)
            else [source(v, indent + 4) for v in value]
        )
        begin, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
        line = f"{begin}{', '.join(pairs)}{end}"
        if len(line) + indent <= WIDTH or not pairs:
            return line
        pad = " " * (indent + 4)
        return f"{begin}\n" + "".join(f"{pad}{pair},\n" for pair in pairs) + f"{' ' * indent}{end}"
    return repr(value)
