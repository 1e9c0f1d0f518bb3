"""Fields of the data may have any name: filters and orders find them, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.steps import filters, import_tasks, tasks_page

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

KEYS: Final = (
    "plain",
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
        self._api, self._project = api, project
        tasks = [{"data": {"text": f"t{n}", key: value}} for n, value in enumerate(VALUES[kind])]
        self._numbers = {task["id"]: n for n, task in enumerate(import_tasks(api, project, tasks))}

    def ask(self, query: dict[str, Any]) -> tuple[Exchange, Any]:
        """The tasks that come, numbered from 0 in the order of the page; the status of what was refused."""
        page = tasks_page(self._api, self._project, expect=None, deed=DEED, query=query, include="id")
        if not page.succeeded:
            return page, f"HTTP {page.status}"
        return page, [self._numbers.get(task["id"], -1) for task in page.json()["tasks"]]


def show_cases(
    show: Show, requirement: str, about: str, cases: dict[str, tuple[list[int], Any]], pages: dict[str, Exchange]
) -> None:
    """One observation for all; what is refused with a 400 is neither right nor wrong."""
    told = {name: pair for name, pair in cases.items() if pages[name].status != 400}
    if not told:
        show.not_measured(f"{about}: refused")
    wrong = [name for name, (expected, got) in told.items() if expected != got]
    page = pages[wrong[0] if wrong else next(iter(told))]
    show_each(requirement, show, page, told, about=about)


@pytest.mark.requirement("LS-AGREE-050", "LS-AGREE-051")
@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_a_field_of_any_name(api: Wire, show: Show, project: dict[str, Any], key: str, kind: str) -> None:
    keyed = Keyed(api, project["id"], key, kind)
    found: dict[str, tuple[list[int], Any]] = {}
    pages: dict[str, Exchange] = {}
    for operator, type_, value, expected in ASKED[kind]:
        pages[operator], got = keyed.ask({"filters": filters((f"data.{key}", operator, type_, value))})
        found[operator] = expected, sorted(got) if isinstance(got, list) else got
    show_cases(show, "LS-AGREE-050", f"{kind} {key!r}", found, pages)
    ascending = sorted(range(4), key=VALUES[kind].__getitem__)
    ordered: dict[str, tuple[list[int], Any]] = {}
    for sign, expected in (("", ascending), ("-", ascending[::-1])):
        named = {"ordering": [f"{sign}tasks:data.{key}"]}
        if kind == "number":  # said as the data manager says it
            named["columnsDisplayType"] = {f"tasks:data.{key}": "Number"}  # type: ignore[assignment] # of a view's data
        pages[f"order {sign}"], got = keyed.ask(named)
        ordered[f"order {sign}"] = expected, got
    show_cases(show, "LS-AGREE-051", f"{kind} {key!r}", ordered, pages)
