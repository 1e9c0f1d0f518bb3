"""Every operator by type, missing value, negation, odd value and odd key, against our own evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.evaluator import (
    NAMED,
    NUMBERS,
    PAIRS,
    TEXTS,
    WITHOUT,
    WORDS,
    Asked,
    data,
    told,
)
from conformance.scenarios.checks import show_each
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, import_tasks, predict, tasks_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire


@pytest.fixture
def ten(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    """Ten tasks whose data differ in all that filters look at."""
    return import_tasks(api, project["id"], [{"data": data(n)} for n in range(len(WORDS))])


def ask(
    api: Wire, tasks: Sequence[dict[str, Any]], asked: dict[str, Any], *, deed: str | None = None
) -> tuple[Exchange, list[int] | None]:
    """Ask for the tasks (numbered from 0) that meet filters; None where that was refused."""
    page = tasks_page(
        api, tasks[0]["project"], expect=None, deed=deed, query={"filters": asked}, include="id", page_size=100
    )
    if not page.succeeded:
        return page, None
    number = {task["id"]: n for n, task in enumerate(tasks)}
    return page, sorted(number.get(task["id"], -1) for task in page.json()["tasks"])


def show_met(show: Show, requirement: str, asked: Asked, page: Exchange, got: list[int] | None) -> None:
    """Show that those came that should; where only tasks without a value are amiss, that is said apart."""
    expected = asked.met()
    amiss = set(expected) ^ set(got if got is not None else [-1])
    signature = f"{asked.type} {asked.operator}" if got is not None else f"HTTP {page.status}"
    if amiss and amiss <= WITHOUT:
        requirement, signature = "LS-AGREE-003", f"{asked.type} {asked.operator}"
    show(
        requirement,
        got == expected,
        expected=f"{asked.item} finds {expected}",
        got=got if got is not None else f"{page.brief()}: {page.text[:160]}",
        exchange=page,
        signature=signature,
    )


@pytest.mark.requirement("LS-AGREE-003")
@pytest.mark.parametrize(
    ("requirement", "table"),
    [
        pytest.param(r, t, id=name, marks=pytest.mark.requirement(r))
        for name, r, t in (("texts", "LS-AGREE-001", TEXTS), ("numbers", "LS-AGREE-002", NUMBERS))
    ],
)
def test_filters_on_values(
    api: Wire, show: Show, ten: list[dict[str, Any]], requirement: str, table: Sequence[Asked]
) -> None:
    for asked in table:
        show_met(show, requirement, asked, *ask(api, ten, filters(asked.item)))


@pytest.mark.requirement("LS-AGREE-004", "LS-AGREE-005")
def test_filters_on_any_key(api: Wire, show: Show, ten: list[dict[str, Any]]) -> None:
    broken: set[str] = set()
    for asked in NAMED:
        if asked.column in broken:
            continue
        deed = f"a filter on {asked.column!r}"
        page, got = ask(api, ten, filters(asked.item), deed=deed)
        show(
            "LS-AGREE-004",
            page.status == 400 or got == asked.met(),
            expected=f"400, or {asked.item} finds {asked.met()}",
            got=got if got is not None else f"{page.brief()}: {page.text[:160]}",
            exchange=page,
            signature=f"{asked.column!r}: HTTP {page.status}",
        )
        if got is None and page.server_error:
            broken.add(asked.column)
            body = {"project": ten[0]["project"], "data": {"title": "kept", "filters": filters(asked.item)}}
            made = api.call("views.create", json=body, expect=None)
            if not made.succeeded:
                continue
            shown = api.call("tasks.list", query={"view": made.json()["id"]}, expect=None, deed=f"a view with {deed}")
            show(
                "LS-AGREE-005",
                not shown.server_error,
                expected="a refusal of the view, or a list",
                got=shown.brief(),
                exchange=shown,
                signature=f"{asked.column!r}",
            )


FIRSTS: dict[str, dict[str, Any]] = {
    "a text": {"s": "zzz", "n": 55},
    "missing": {},
    "null": {"s": None, "n": None},
    "empty": {"s": "", "n": 55},
    "a number for a text": {"s": 7, "n": 55},
    "a text for a number": {"s": "zzz", "n": "many"},
    "a boolean": {"s": True, "n": False},
    "a list": {"s": ["alpha"], "n": [1]},
    "an object": {"s": {"alpha": 1}, "n": {"n": 1}},
}
"""What the first task of a project has in the columns that filters look at."""
OTHER_TYPES = ("a number for a text", "a text for a number", "a boolean", "a list", "an object")
EMPTY = Asked("s", "empty", "String", True)
ASKED = (
    Asked("s", "equal", "String", "alpha"),
    Asked("s", "not_equal", "String", "alpha"),
    Asked("s", "contains", "String", "lph"),
    EMPTY,
    Asked("s", "empty", "String", False),
    Asked("n", "equal", "Number", 2.5),
    Asked("n", "less", "Number", 0),
    Asked("n", "in", "Number", {"min": 0, "max": 2.5}),
)


@pytest.mark.requirement("LS-AGREE-048")
@pytest.mark.parametrize("first", FIRSTS)
def test_filters_whatever_the_first_task_has(api: Wire, show: Show, project: dict[str, Any], first: str) -> None:
    """The others are judged: what the first one meets is not asked here."""
    sent = [{"text": "first", **FIRSTS[first]}, *(data(n) for n in range(len(WORDS)))]
    _, *ten = import_tasks(api, project["id"], [{"data": one} for one in sent])
    cases: dict[str, tuple[object, object]] = {}
    pages: dict[str, Exchange] = {}
    deed = "a filter where the first task has another type" if first in OTHER_TYPES else None
    for asked in ASKED:
        name = f"{asked.type} {asked.operator} {asked.value}"
        pages[name], got = ask(api, ten, filters(asked.item), deed=deed)
        met, found = asked.met(), [n for n in got if n >= 0] if got is not None else pages[name].brief()
        if isinstance(found, list) and asked != EMPTY:  # LS-AGREE-003 asks for those without a value
            met, found = sorted({*met} - WITHOUT), sorted({*found} - WITHOUT)
        cases[name] = (met, found)
    show_each("LS-AGREE-048", show, pages, cases, about=first)


NO_NUMBERS: dict[str, object] = {"a word": "many", "a word with a number": "5 of them", "empty": "", "a list": [0]}
"""What is no number."""


@pytest.mark.requirement("LS-AGREE-055")
def test_what_is_no_number_is_not_found_as_one(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent: list[object] = [0, 5, *NO_NUMBERS.values()]
    tasks = import_tasks(api, project["id"], [{"text": "a", "n": one} for one in sent])
    names = ["0", "5", *NO_NUMBERS]
    for operator, value, met in (("equal", 0, [0]), ("equal", 5, [1]), ("less", 1, [0]), ("greater", 1, [1])):
        deed = "a filter on numbers where some are none"
        page, got = ask(api, tasks, filters(("data.n", operator, "Number", value)), deed=deed)
        show(
            "LS-AGREE-055",
            got == met or page.rejected,
            expected=f"{[names[n] for n in met]}, or a 4xx",
            got=[names[n] for n in got] if got is not None else page.brief(),
            exchange=page,
            signature=f"{operator} {value}",
        )


ANY_COLUMN = (
    *("id", "inner_id", "total_annotations", "cancelled_annotations", "total_predictions", "avg_lead_time"),
    *("annotators", "annotations_ids", "annotations_results", "predictions_results", "predictions_score"),
    *("predictions_model_versions", "file_upload", "storage_filename", "updated_by", "draft_exists", "data.s"),
)
ANY_VALUE: dict[str, tuple[str, object]] = {
    "a text": ("String", "abc"),
    "a number": ("Number", 7),
    "a boolean": ("Boolean", True),
    "an object": ("Number", {"min": 1, "max": 7}),
    "a list": ("List", ["abc", 7]),
}
"""What the contract lets a filter's value be → its type and an example."""


@pytest.mark.requirement("LS-AGREE-058")
def test_a_value_of_any_kind_breaks_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    """All columns are asked at once."""
    annotate(api, import_tasks(api, project["id"], [{"text": "a", "s": "abc"}])[0], choice("Positive"))
    for kind, (type_, value) in ANY_VALUE.items():
        for operator in ("in",) if kind == "an object" else ("equal", "contains"):
            asked = filters(*((column, operator, type_, value) for column in ANY_COLUMN), conjunction="or")
            with api.unchecked():
                page = tasks_page(api, project["id"], query={"filters": asked}, include="id", expect=None)
            show(
                "LS-AGREE-058",
                not page.server_error,
                expected="a list, or a 4xx",
                got=page.brief(),
                exchange=page,
                signature=f"{operator} {kind}",
            )


FRUITLESS: dict[str, tuple[str, str, str, object]] = {
    "annotations' results equal to no JSON": ("annotations_results", "equal", "String", "Positive"),
    "predictions' results equal to no JSON": ("predictions_results", "equal", "String", "Positive"),
    "annotations' results equal to another": ("annotations_results", "equal", "String", "[]"),
    "a pattern that is none": ("data.s", "regex", "String", "["),
    "a text that no task has": ("data.s", "equal", "String", "none of them"),
    "a person who annotated nothing": ("annotators", "contains", "List", 0),
    "a model that predicted nothing": ("predictions_model_versions", "contains", "List", ["none"]),
    "annotations that are not there": ("annotations_ids", "contains", "String", "0"),
}
"""Filters that no task meets."""


@pytest.mark.requirement("LS-AGREE-049")
@pytest.mark.parametrize("fruitless", FRUITLESS)
def test_any_of_two_filters_is_enough(api: Wire, show: Show, ten: list[dict[str, Any]], fruitless: str) -> None:
    either = (FRUITLESS[fruitless], ("id", "equal", "Number", ten[3]["id"]))
    for order, pair in (("first", either), ("last", either[::-1])):
        page, got = ask(api, ten, filters(*pair, conjunction="or"), deed=f"{fruitless}, or an id")
        show(
            "LS-AGREE-049",
            got == [3] or page.rejected,
            expected="[3], whose id was asked for, or a 4xx",
            got=got if got is not None else page.brief(),
            exchange=page,
            signature=f"{fruitless}: {order}",
        )


@pytest.mark.requirement("LS-AGREE-006", "LS-AGREE-007")
def test_filters_together_and_in_a_view(api: Wire, show: Show, ten: list[dict[str, Any]]) -> None:
    for pair in PAIRS:
        for conjunction in ("and", "or"):
            asked = filters(*(a.item for a in pair), conjunction=conjunction)
            page, got = ask(api, ten, asked)
            expected = told(pair, conjunction=conjunction)
            show.equal("LS-AGREE-006", expected=expected, got=got, exchange=page, signature=conjunction)
    body = {"project": ten[0]["project"], "data": {"filters": filters(*(a.item for a in PAIRS[0]), conjunction="or")}}
    view = api.call("views.create", json=body).json()["id"]
    page = api.call("tasks.list", query={"view": view, "include": "id"})
    number = {task["id"]: n for n, task in enumerate(ten)}
    got = sorted(number[t["id"]] for t in page.json()["tasks"])
    show.equal("LS-AGREE-007", expected=told(PAIRS[0], conjunction="or"), got=got, exchange=page)


# column, operator, type, value, tasks that meet it; tasks: 0 two annotations, one of them the truth; 1 skipped;
# 2 and 3 predicted; 4 annotated and predicted; the rest nothing
OUR_TIMES = {"min": "2001-01-01T00:00:00.000Z", "max": "2100-01-01T00:00:00.000Z"}
SKIPPED = 1
LABELS: list[tuple[str, str, str, Any, list[int]]] = [
    ("total_annotations", "equal", "Number", 2, [0]),
    ("total_annotations", "equal", "Number", 0, [1, 2, 3, 5, 6, 7, 8, 9]),
    ("total_annotations", "not_equal", "Number", 0, [0, 4]),
    ("total_annotations", "in", "Number", {"min": 1, "max": 2}, [0, 4]),
    ("cancelled_annotations", "greater", "Number", 0, [1]),
    ("total_predictions", "greater_or_equal", "Number", 1, [2, 3, 4]),
    ("total_predictions", "less", "Number", 1, [0, 1, 5, 6, 7, 8, 9]),
    ("annotations_results", "contains", "String", "Positive", [0]),
    ("annotations_results", "contains", "String", "Negative", [0, 4]),
    ("annotations_results", "not_contains", "String", "Positive", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("annotations_results", "empty", "String", False, [0, 4]),
    ("annotations_results", "empty", "String", True, [2, 3, 5, 6, 7, 8, 9]),
    ("predictions_results", "contains", "String", "Positive", [2, 4]),
    ("predictions_results", "not_contains", "String", "Positive", [0, 1, 3, 5, 6, 7, 8, 9]),
    ("predictions_results", "empty", "String", False, [2, 3, 4]),
    ("predictions_results", "empty", "String", True, [0, 1, 5, 6, 7, 8, 9]),
    ("predictions_model_versions", "contains", "List", "m 1", [2, 4]),
    ("predictions_model_versions", "contains", "List", ["m 1"], [2, 4]),
    ("predictions_model_versions", "contains", "List", "Mödel “2”", [3]),
    ("predictions_model_versions", "not_contains", "List", "m 1", [0, 1, 3, 5, 6, 7, 8, 9]),
    ("predictions_model_versions", "empty", "List", False, [2, 3, 4]),
    ("predictions_model_versions", "empty", "List", True, [0, 1, 5, 6, 7, 8, 9]),
    ("ground_truth", "equal", "Boolean", True, [0]),
    ("ground_truth", "equal", "Boolean", False, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("avg_lead_time", "greater", "Number", 5, [0]),
    ("avg_lead_time", "less", "Number", 5, [4]),
    ("completed_at", "empty", "Datetime", True, [1, 2, 3, 5, 6, 7, 8, 9]),
    ("completed_at", "empty", "Datetime", False, [0, 4]),
    ("created_at", "in", "Datetime", OUR_TIMES, list(range(10))),
    ("created_at", "not_in", "Datetime", OUR_TIMES, []),
    ("inner_id", "not_in", "Number", {"min": 2, "max": 9}, [0, 9]),
    ("file_upload", "empty", "String", True, list(range(10))),
    ("storage_filename", "empty", "String", True, list(range(10))),
]


@pytest.mark.requirement("LS-AGREE-008")
def test_filters_on_labels(api: Wire, show: Show, ten: list[dict[str, Any]]) -> None:
    annotate(api, ten[0], choice("Positive"), ground_truth=True, lead_time=10)
    annotate(api, ten[0], choice("Negative"), lead_time=20)
    annotate(api, ten[1], was_cancelled=True)
    predict(api, ten[2], choice("Positive"), score=0.25, model_version="m 1")
    predict(api, ten[3], choice("Negative"), score=0.75, model_version="Mödel “2”")
    annotate(api, ten[4], choice("Negative"), lead_time=1)
    predict(api, ten[4], choice("Positive"), score=0.125, model_version="m 1")
    for column, operator, kind, value, expected in LABELS:
        page, got = ask(api, ten, filters((column, operator, kind, value)))
        if column == "annotations_results" and operator == "empty" and got is not None:
            got = [n for n in got if n != SKIPPED]  # whether a skipped one says nothing may be seen either way
        show.equal(
            "LS-AGREE-008",
            expected=expected,
            got=got if got is not None else f"{page.brief()}: {page.text[:120]}",
            exchange=page,
            signature=f"{column} {operator} {value}" if operator == "empty" else f"{column} {operator}",
        )
