"""Our own evaluation of data manager filters, over the tasks that were sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MISSING: Final = "(missing)"
# Values that differ in case, script, blanks, marks that query languages read, and signs; some tasks have none.
WORDS: Final = (
    "alpha",
    "Alpha beta",
    "żółć ÄÖ",
    "",
    None,
    MISSING,
    "10% _x",
    'it\'s "q"',
    "  blank ",
    "😀 \\d",
)
FIGURES: Final = (1, 2.5, -3, 0, None, MISSING, 100, 0.001, 12345678901, -0.5)
KEYS: Final = ("s", "my key", "Größe", "a.b", "n-1", "S", "id", "data", "select", 'quo"ted', "it's", "per%cent", "a__b")
"""Names of the same text: keys of JSON may be anything."""


def data(number: int) -> dict[str, Any]:
    """The data of task ``number`` (from 0)."""
    word, figure = WORDS[number], FIGURES[number]
    named = {} if word is MISSING else dict.fromkeys(KEYS, word)
    return {"text": f"t{number}", **named, **({} if figure is MISSING else {"n": figure})}


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter on data: a column, an operator, its type and its value."""

    column: str
    operator: str
    type: str
    value: Any

    @property
    def item(self) -> tuple[str, str, str, object]:
        """As :func:`conformance.scenarios.steps.filters` takes it."""
        return (f"data.{self.column}", self.operator, self.type, self.value)

    def met(self) -> list[int]:
        """The tasks (from 0) that meet it."""
        values = WORDS if self.type == "String" else FIGURES
        return [n for n, value in enumerate(values) if self._by(value)]

    def _by(self, value: Any) -> bool:
        nothing = value is None or value is MISSING
        if self.operator == "empty":
            return (nothing or value == "") is bool(self.value)
        positive = NEGATIONS.get(self.operator)
        if positive is not None:
            return nothing or not OPERATORS[positive](value, self.value)
        return not nothing and OPERATORS[self.operator](value, self.value)


OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "equal": lambda have, want: have == want,
    "contains": lambda have, want: want in have,
    "regex": lambda have, want: re.search(want, have) is not None,
    "less": lambda have, want: have < want,
    "less_or_equal": lambda have, want: have <= want,
    "greater": lambda have, want: have > want,
    "greater_or_equal": lambda have, want: have >= want,
    "in": lambda have, want: want["min"] <= have <= want["max"],
}
NEGATIONS: Final = {"not_equal": "equal", "not_contains": "contains", "not_in": "in"}
WITHOUT: Final = frozenset(n for n, v in enumerate(WORDS) if v is None or v is MISSING)
"""The tasks that have no value: numbers and words are missing in the same ones."""

TEXTS: Final = tuple(
    Asked("s", operator, "String", value)
    for operator, values in {
        "equal": ("alpha", "żółć ÄÖ", "10% _x", 'it\'s "q"', "  blank ", "😀 \\d", "none of them"),
        "not_equal": ("alpha", "żółć ÄÖ", "  blank "),
        "contains": ("lph", "ół", "%", "_", '"', "'", "  ", "😀", "\\"),
        "not_contains": ("lph", "ół", "%"),
        "regex": ("^alpha$", "^[^a-zA-Z]+$", "q", "Ä"),
        "empty": (True, False),
    }.items()
    for value in values
)
NUMBERS: Final = tuple(
    Asked("n", operator, "Number", value)
    for operator, values in {
        "equal": (1, 2.5, -3, 0, 12345678901, 7),
        "not_equal": (1, 0, -0.5),
        "less": (0, 1, -0.5, 12345678901),
        "less_or_equal": (0, 2.5),
        "greater": (0, 0.001, 2.5, -3),
        "greater_or_equal": (100, -0.5),
        "in": ({"min": 0, "max": 2.5}, {"min": -3, "max": -0.5}, {"min": 5, "max": 1}),
        "not_in": ({"min": 0, "max": 2.5}, {"min": -3, "max": -0.5}),
        "empty": (True, False),
    }.items()
    for value in values
)
NAMED: Final = tuple(
    Asked(key, operator, "String", value)
    for key in KEYS[1:]
    for operator, value in (("equal", "alpha"), ("contains", "ół"))
)
PAIRS: Final = (
    (Asked("s", "contains", "String", "lph"), Asked("n", "greater", "Number", 1)),
    (Asked("s", "equal", "String", "alpha"), Asked("s", "equal", "String", "żółć ÄÖ")),
    (Asked("n", "less", "Number", 0), Asked("s", "empty", "String", True)),
)


def told(asked: Sequence[Asked], *, conjunction: str) -> list[int]:
    """The tasks that meet all of them, or any."""
    met = [set(a.met()) for a in asked]
    return sorted(set.intersection(*met) if conjunction == "and" else set.union(*met))
