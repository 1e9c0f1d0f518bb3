"""Orders, pages of every size, and totals: each task once, in the order that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.agree.comparing.evaluator import FIGURES, MISSING, WORDS, data
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, import_tasks, tasks_page

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Wire

SIZES = (1, 3, 4, 9, 10, 11)
COLUMNS: Final[dict[str, list[Any]]] = {
    "id": list(range(10)),
    "inner_id": list(range(10)),
    "created_at": list(range(10)),
    "data.n": list(FIGURES),
    "data.s": list(WORDS),
    "data.group": [n % 3 for n in range(10)],
    "total_annotations": [int(n in {2, 5, 7}) for n in range(10)],
    "avg_lead_time": [n if n in {2, 5, 7} else None for n in range(10)],
    "completed_at": [n if n in {2, 5, 7} else None for n in range(10)],
    "cancelled_annotations": [0] * 10,
    "total_predictions": [0] * 10,
}
"""What each of the ten tasks has there."""


@pytest.fixture
def ten(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    """Ten tasks; many have the same group, and some none."""
    tasks = [{"data": {**data(n), "group": n % 3}} for n in range(len(WORDS))]
    made = import_tasks(api, project["id"], tasks)
    for number in (2, 5, 7):
        annotate(api, made[number], choice("Positive"), lead_time=number)
    return made


def page(api: Wire, tasks: list[dict[str, Any]], *, order: str | None = None, **query: object) -> list[int]:
    """One page, as numbers of tasks."""
    asked: dict[str, Any] = {"query": {"ordering": [order]}} if order else {}
    shown = tasks_page(api, tasks[0]["project"], include="id", **{**asked, **query})
    number = {task["id"]: n for n, task in enumerate(tasks)}
    return [number.get(t["id"], -1) for t in shown.json()["tasks"]]


def values(column: str, numbers: list[int]) -> list[Any]:
    """What tasks have in a column, as far as everybody orders it alike: where nothing is, nobody has to."""
    there = [COLUMNS[column][n] for n in numbers if n >= 0 and COLUMNS[column][n] not in (None, MISSING, "")]
    # how letters are ordered is the database's business: only plain ones are looked at
    return [v for v in there if column != "data.s" or v in {"alpha", "  blank ", "10% _x"}]


@pytest.mark.requirement("LS-AGREE-010", "LS-AGREE-011")
@pytest.mark.parametrize("sign", ["", "-"], ids=["up", "down"])
def test_orders(api: Wire, show: Show, ten: list[dict[str, Any]], sign: str) -> None:
    for column in COLUMNS:
        got = page(api, ten, order=f"{sign}tasks:{column}", page_size=100)
        show.equal("LS-AGREE-011", expected=list(range(10)), got=sorted(got), signature=f"{column}")
        there = values(column, got)
        show.equal("LS-AGREE-010", expected=sorted(there, reverse=sign == "-"), got=there, signature=f"{sign}{column}")


@pytest.mark.requirement("LS-AGREE-012", "LS-AGREE-013")
@pytest.mark.parametrize(
    "order", [None, "tasks:data.group", "-tasks:data.group", "tasks:total_annotations", "-tasks:data.n"]
)
def test_pages_add_up(api: Wire, show: Show, ten: list[dict[str, Any]], order: str | None) -> None:
    whole = page(api, ten, order=order, page_size=100)
    for size in SIZES if order in {None, "tasks:data.group"} else SIZES[1:3]:
        count = -(-len(ten) // size)
        parts = [page(api, ten, order=order, page=n + 1, page_size=size) for n in range(count)]
        got = [n for part in parts for n in part]
        show.equal("LS-AGREE-012", expected=whole, got=got, signature=f"{order or 'no order'}")
        sizes = [size] * (count - 1) + [len(ten) - size * (count - 1)]
        show.equal("LS-AGREE-013", expected=sizes, got=[len(p) for p in parts], signature=f"{order or 'no order'}")


@pytest.mark.requirement("LS-AGREE-014")
def test_totals_are_of_what_is_asked_for(api: Wire, show: Show, ten: list[dict[str, Any]]) -> None:
    for case, asked, expected in (
        ("all", None, [10, 3, 0]),
        ("filtered", filters(("data.group", "equal", "Number", 2)), [3, 2, 0]),
        ("nothing", filters(("data.s", "equal", "String", "none of them")), [0, 0, 0]),
    ):
        query: dict[str, Any] = {"query": {"filters": asked}} if asked else {}
        shown = tasks_page(api, ten[0]["project"], page_size=2, **query)
        got = [shown.json()[k] for k in ("total", "total_annotations", "total_predictions")]
        show.equal("LS-AGREE-014", expected=expected, got=got, exchange=shown, signature=case)


@pytest.mark.requirement("LS-AGREE-015")
def test_a_view_s_order_is_the_query_s(api: Wire, show: Show, ten: list[dict[str, Any]]) -> None:
    for column, sign in (("data.n", "-"), ("data.group", ""), ("created_at", "-"), ("total_annotations", "-")):
        body = {"project": ten[0]["project"], "data": {"ordering": [f"{sign}tasks:{column}"]}}
        view = api.call("views.create", json=body).json()["id"]
        shown = api.call("tasks.list", query={"view": view, "include": "id", "page_size": 100})
        number = {task["id"]: n for n, task in enumerate(ten)}
        got = [number.get(t["id"], -1) for t in shown.json()["tasks"]]
        there = values(column, got)
        show.equal(
            "LS-AGREE-015",
            expected=(list(range(10)), sorted(there, reverse=sign == "-")),
            got=(sorted(got), there),
            exchange=shown,
            signature=f"{sign}tasks:{column}",
        )
