"""Classifies the difference between what was expected and what came. Pure."""

from __future__ import annotations

import json
from collections import Counter
from difflib import SequenceMatcher
from typing import Any, Final

_ALIKE: Final = 0.8
"""Texts that share this much are one text that was changed; others are two sentences about something else."""
_NOTHING: Final = object()
_STATUSES: Final = range(100, 600)
LESS: Final = "less"
MORE: Final = "more"


def difference(expected: str, got: str) -> str:
    """The kind of difference and the name of the part that differs: ``text``, ``number total``.

    Of lists it tells only that there is less of the same, or more, in elements or in counts of them; which elements
    are missing depends on what was asked for. What is no JSON tells nothing, unless it is one text that came changed.

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
    if isinstance(one, list) and isinstance(other, list) and (amount := _amount(one, other)):
        return amount
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        changed_at = next((n for n, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]), None)
        return _of(one[changed_at], other[changed_at], name) if changed_at is not None else ""
    kinds = {_kind(one), _kind(other)}
    if len(kinds) > 1:
        return ""
    kind = kinds.pop()
    return kind if kind == "text" else f"{kind} {name}" if kind and name else ""


def _amount(one: list[Any], other: list[Any]) -> str:
    """``less`` or ``more`` of the same; of counts, too, unless they are statuses."""
    if len(one) == len(other):
        pairs = list(zip(one, other, strict=True))
        if not all(_is_count(value) for pair in pairs for value in pair):
            return ""
        return LESS if all(b <= a for a, b in pairs) else MORE if all(b >= a for a, b in pairs) else ""
    wanted, came = (Counter(json.dumps(item, sort_keys=True) for item in items) for items in (one, other))
    return LESS if came <= wanted else MORE if wanted <= came and set(came) == set(wanted) else ""


def _is_count(value: Any) -> bool:
    return _kind(value) == "number" and value not in _STATUSES


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else ""
