"""Reduces answers to their types: what tells them apart for a client with typed models."""

from __future__ import annotations

from typing import Any, Final

from conformance.wire.checking.deeds import kind_of

DEEP: Final = 6
"""Below this nothing is declared but 'anything'."""


def shape(value: Any, free: frozenset[str], *, depth: int = 0) -> str:
    """The names and types of a JSON value; equal for lists of any length with elements of the same shapes.

    Args:
        value: the value.
        free: names of fields that hold what people write: what is in them has no shape.
        depth: of the value in the whole.
    """
    if depth < DEEP and isinstance(value, dict):
        inner = (f"{k}:{kind_of(v) if k in free else shape(v, free, depth=depth + 1)}" for k, v in value.items())
        return f"{{{','.join(sorted(inner))}}}"
    if depth < DEEP and isinstance(value, list):
        return f"[{'|'.join(sorted({shape(item, free, depth=depth + 1) for item in value}))}]"
    return kind_of(value)
