"""Fields of the data may have any name: filters and orders find them, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.steps import filters, import_tasks, tasks_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

Case = tuple["Exchange", tuple[list[int], object]]
"""What was answered; what was expected, and what came."""
BAD_REQUEST: Final = 400
PLAIN: Final = "plain"
KEYS: Final = (
    PLAIN,
    "two words",
    "Größe",
    "😀",
    "a.b",
    "metadata.x",
    "a__b",
    "__a",
    "a:b",
    "tasks:x",
    "a/b",
    "a,b",
    "a;b",
    "a--b",
    "#1",
    "-a",
    "$a",
    "a%b",
    "a'b",
    'a"b',
    "a\\b",
    "a[0]",
    "(a)",
    "0",
    "1st",
    "id",
    "data",
    "select",
    "in",
    "range",
    "exact",
    "isnull",
    "contains",
    "regex",
    "has_key",
    "len",
)
"""Names with what queries read: blanks, separators, quotes, comments, numbers, and words of query languages."""
DEED: Final = "a field of the data by an odd name"
VALUES: Final[dict[str, list[Any]]] = {"text": ["pear", "apple", "quince", "fig"], "number": [10, 9, 100, -2.5]}
ASKED: Final[dict[str, list[tuple[str, str, Any, list[int]]]]] = {
    "text": [
        ("equal", "String", "apple", [1]),
        ("not_equal", "String", "apple", [0, 2, 3]),
        ("contains", "String", "p", [0, 1]),
        ("empty", "String", False, [0, 1, 2, 3]),
    ],
    "number": [
        ("equal", "Number", 9, [1]),
        ("greater", "Number", 9.5, [0, 2]),
        ("in", "Number", {"min": -3, "max": 9}, [1, 3]),
        ("empty", "Number", False, [0, 1, 2, 3]),
    ],
}


class Keyed:
    """Four tasks whose data have one field beside the text."""

    def __init__(self, api: Wire, project: int, key: str, kind: str) -> None:
        self._api, self._project, self._key = api, project, key
        tasks = [{"data": {"text": f"t{n}", key: value}} for n, value in enumerate(VALUES[kind])]
        self._numbers = {task["id"]: n for n, task in enumerate(import_tasks(api, project, tasks))}

    def ask(self, query: dict[str, Any], expected: list[int], *, ordered: bool = False) -> Case:
        """Ask for tasks, numbered from 0; an odd name may be refused."""
        page = tasks_page(self._api, self._project, expect=None, deed=DEED, query=query, include="id")
        if page.status == BAD_REQUEST and self._key != PLAIN:
            return page, (expected, expected)
        if not page.succeeded:
            return page, (expected, f"HTTP {page.status}")
        numbers = [self._numbers.get(task["id"], -1) for task in page.json()["tasks"]]
        return page, (expected, numbers if ordered else sorted(numbers))


def show_cases(show: Show, requirement: str, cases: Mapping[str, Case], about: str) -> None:
    """One observation for all of them."""
    pages = {name: page for name, (page, _) in cases.items()}
    show_each(requirement, show, pages, {name: pair for name, (_, pair) in cases.items()}, about=about)


@pytest.mark.requirement("LS-AGREE-050", "LS-AGREE-051")
@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_a_field_of_any_name(api: Wire, show: Show, project: dict[str, Any], key: str, kind: str) -> None:
    keyed, about = Keyed(api, project["id"], key, kind), f"{kind} {key!r}"
    filtered = {
        operator: keyed.ask({"filters": filters((f"data.{key}", operator, type_, value))}, expected)
        for operator, type_, value, expected in ASKED[kind]
    }
    show_cases(show, "LS-AGREE-050", filtered, about)
    ascending = sorted(range(4), key=VALUES[kind].__getitem__)
    # as the data manager says that numbers are to be ordered as such
    shown = {"columnsDisplayType": {f"tasks:data.{key}": "Number"}} if kind == "number" else {}
    ordered = {
        f"order {sign}": keyed.ask({"ordering": [f"{sign}tasks:data.{key}"], **shown}, expected, ordered=True)
        for sign, expected in (("", ascending), ("-", ascending[::-1]))
    }
    show_cases(show, "LS-AGREE-051", ordered, about)
