"""Comparing what was written with what is read, as JSON values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from conformance.contract.places import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["MISSING", "at", "differences", "same", "show"]

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "nothing"})()


def differences(
    expected: Mapping[str, Any], got: Mapping[str, Any], *, ignoring: Iterable[str] = ()
) -> Iterator[tuple[str, Any, Any]]:
    """Fields that both have and that differ: name, expected, got."""
    ignored = set(ignoring)
    for name, value in expected.items():
        if name not in ignored and name in got and not same(value, got[name]):
            yield name, value, got[name]


def same(one: Any, other: Any) -> bool:
    """Equal as JSON values: 1 and 1.0 are one number, True is none, and two ways to write one instant are equal."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if one == other:
        return True
    return (
        isinstance(one, str)
        and isinstance(other, str)
        and _instant(one) is not None
        and _instant(one) == _instant(other)
    )


def _instant(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def show(value: Any) -> str:
    """A value in one line."""
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:120]} … {text[-30:]}"  # noqa: PLR2004 - a line of a terminal
