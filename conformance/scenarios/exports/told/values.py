"""Values of task data, and the rows that exports make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.scenarios import readers
from conformance.scenarios.data.texts import TEXTS
from conformance.scenarios.readers import Unreadable

if TYPE_CHECKING:
    from conformance.wire import Exchange


TABLES = {"CSV": ",", "TSV": "\t"}


NUMBERS: dict[str, Any] = {
    "beyond doubles": 9007199254740993,
    "largest of 64 bits": 9223372036854775807,
    "a third": 1 / 3,
    "tenths": 0.1 + 0.2,
    "tiny": 5e-324,
    "small": 1e-7,
    "negative": -12.5,
    "money": 1234567.89,
    "zero": 0,
    "true": True,
    "false": False,
}


NESTED: dict[str, Any] = {
    "a list": [1, [2.5, {"a": None}], "ä"],
    "an object": {"b": {"c": []}, "": 0},
    "an empty list": [],
    "null": None,
}


STRINGS: dict[str, Any] = {
    **TEXTS,
    "an empty text": "",
    "blanks around": "  x  ",
    "leading zeros": "007",
    "a long text": "long " * 15_000,
    "a quote alone": '"',
    "looks like JSON": '{"a": [1]}',
}


# each by itself: a database that can't keep one, or tells it in other digits, fails all that comes with it
ALONE: dict[str, Any] = {"NUL": "a\u0000b", "huge": 1.7976931348623157e308}


# one and the same column for all values, so that a column of mixed types is looked at, too
FIELD = "a field"


def rows(name: str, answer: Exchange) -> list[dict[str, Any]]:
    """Of JSON_MIN, CSV or TSV; none where it can't be read, or there is no export."""
    if not answer.ok:
        return []
    try:
        if name == "JSON_MIN":
            found: list[dict[str, Any]] = answer.json()
            return found
        return list(readers.read_table(answer.content, delimiter=TABLES[name]))
    except (Unreadable, ValueError):
        return []
