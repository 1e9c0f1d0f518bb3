"""Compares what was written with what is read, as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.json_equal import any_order, equal, same_instant
from conformance.contract.places import at
from conformance.contract.tables.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.contract.tables.rules import Rules

__all__ = ["MISSING", "at", "differences", "same", "same_instant", "show", "stable"]

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "nothing"})()


def differences(
    expected: Mapping[str, Any], got: Mapping[str, Any], *, ignoring: Iterable[str] = ()
) -> Iterator[tuple[str, Any, Any]]:
    """Fields that both have and that differ: name, expected, got."""
    ignored, unordered = set(ignoring), load_rules().collections
    for name, value in expected.items():
        told = any_order(value) if name in unordered and isinstance(value, list) else value
        if name not in ignored and name in got and not same(told, got[name]):
            yield name, value, got[name]


def same(one: Any, other: Any) -> bool:
    """Equal as JSON values, where two ways to write one instant are equal, too."""
    return equal(one, other, texts=same_instant)


def stable(body: Any) -> Any:
    """A body without what changes by itself, and with the server's own lists in any order: so two readings compare.

    The server's own: the body itself, where it is a list, and the fields that ``collections`` of ``spec/rules.yaml``
    names. What people wrote (``opaque``) keeps its order.
    """
    rules = load_rules()
    return any_order(_stable(v, rules) for v in body) if isinstance(body, list) else _stable(body, rules)


def _stable(value: Any, rules: Rules) -> Any:
    if isinstance(value, list):
        return [_stable(v, rules) for v in value]
    if not isinstance(value, dict):
        return value
    kept = {k: v if k in rules.opaque else _stable(v, rules) for k, v in value.items() if k not in rules.volatile}
    return {k: any_order(v) if k in rules.collections and isinstance(v, list) else v for k, v in kept.items()}


def show(value: Any) -> str:
    """A value in one line."""
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:120]} … {text[-30:]}"  # noqa: PLR2004 - a line of a terminal
