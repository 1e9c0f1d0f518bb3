"""What kind of difference lies between what was expected and what came. Pure."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import Any, Final

_ALIKE: Final = 0.8
"""Texts that share this much are one text that was changed; others are two sentences about something else."""
_NOTHING: Final = object()


def difference(expected: str, got: str) -> str:
    """The kind of difference and the name of the part that differs: ``text``, ``number total``.

    Lists tell nothing: which elements are missing of a filtered list depends on what was asked for. Neither does
    what is no JSON, unless it is one text that came changed.

    Args:
        expected: as an observation has it: JSON, or a text.
        got: likewise.

    Returns:
        Empty where nothing can be said.
    """
    if expected == got or not expected or not got:
        return ""
    one, other = _parsed(expected), _parsed(got)
    if one is _NOTHING or other is _NOTHING:
        alike = one is other and SequenceMatcher(None, expected[:200], got[:200]).ratio() >= _ALIKE
        return "text" if alike else ""
    return _of(one, other, "")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _of(one: Any, other: Any, name: str) -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        changed = [key for key in one if key in other and one[key] != other[key]]
        if changed:
            return _of(one[changed[0]], other[changed[0]], changed[0])
        missing = sorted(set(one) - set(other))
        return f"missing {missing[0]}" if missing else ""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        changed_at = next((n for n, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]), None)
        return _of(one[changed_at], other[changed_at], name) if changed_at is not None else ""
    kinds = {_kind(one), _kind(other)}
    if len(kinds) > 1:
        return ""
    kind = kinds.pop()
    return kind if kind == "text" else f"{kind} {name}" if kind and name else ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else ""
