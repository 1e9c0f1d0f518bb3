"""The data manager's filters and orderings, each compared with what Python makes of the same tasks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, predict, tasks_page

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Wire

DATA = [
    {"text": "alpha one", "n": 9, "f": 0.5},
    {"text": "beta two", "n": 10, "f": -1.25},
    {"text": "gamma one", "n": -3, "f": 1000.0},
    {"text": "delta", "n": 100, "f": 2.0, "extra": "here"},
]

# requirement, name, filters, the tasks (from 0) that meet them
BY_DATA: list[tuple[str, str, list[tuple[str, str, str, object]], list[int]]] = [
    ("LS-DM-009", "equal", [("data.text", "equal", "String", "beta two")], [1]),
    ("LS-DM-009", "not_equal", [("data.text", "not_equal", "String", "beta two")], [0, 2, 3]),
    ("LS-DM-009", "contains", [("data.text", "contains", "String", "one")], [0, 2]),
    ("LS-DM-009", "not_contains", [("data.text", "not_contains", "String", "one")], [1, 3]),
    ("LS-DM-009", "contains nothing like it", [("data.text", "contains", "String", "omega")], []),
    ("LS-DM-010", "empty", [("data.extra", "empty", "String", "true")], [0, 1, 2]),
    ("LS-DM-010", "not empty", [("data.extra", "empty", "String", "false")], [3]),
    ("LS-DM-011", "equal", [("data.n", "equal", "Number", 10)], [1]),
    ("LS-DM-011", "not_equal", [("data.n", "not_equal", "Number", 10)], [0, 2, 3]),
    ("LS-DM-011", "less", [("data.n", "less", "Number", 10)], [0, 2]),
    ("LS-DM-011", "less_or_equal", [("data.n", "less_or_equal", "Number", 10)], [0, 1, 2]),
    ("LS-DM-011", "greater", [("data.n", "greater", "Number", 9)], [1, 3]),
    ("LS-DM-011", "greater_or_equal", [("data.n", "greater_or_equal", "Number", 9)], [0, 1, 3]),
    ("LS-DM-011", "fraction", [("data.f", "greater", "Number", 0.25)], [0, 2, 3]),
    ("LS-DM-011", "negative fraction", [("data.f", "less", "Number", -1)], [1]),
    ("LS-DM-012", "in", [("data.n", "in", "Number", {"min": 9, "max": 10})], [0, 1]),
    ("LS-DM-012", "not_in", [("data.n", "not_in", "Number", {"min": 9, "max": 10})], [2, 3]),
    ("LS-DM-013", "after", [("created_at", "greater", "Datetime", "2001-01-01T00:00:00.000Z")], [0, 1, 2, 3]),
    ("LS-DM-013", "before", [("created_at", "less", "Datetime", "2001-01-01T00:00:00.000Z")], []),
    ("LS-DM-031", "inner id", [("inner_id", "greater", "Number", 2)], [2, 3]),
    ("LS-DM-031", "inner id in", [("inner_id", "in", "Number", {"min": 2, "max": 3})], [1, 2]),
]
BY_LABELS: list[tuple[str, str, list[tuple[str, str, str, object]], list[int]]] = [
    ("LS-DM-014", "annotations", [("total_annotations", "greater", "Number", 0)], [0, 1]),
    ("LS-DM-014", "exactly two", [("total_annotations", "equal", "Number", 2)], [0]),
    ("LS-DM-014", "skipped", [("cancelled_annotations", "greater", "Number", 0)], [2]),
    ("LS-DM-014", "predictions", [("total_predictions", "equal", "Number", 1)], [1, 3]),
    ("LS-DM-015", "annotation", [("annotations_results", "contains", "String", "Negative")], [1]),
    ("LS-DM-015", "prediction", [("predictions_results", "contains", "String", "Positive")], [3]),
    ("LS-DM-016", "version", [("predictions_model_versions", "contains", "List", "new")], [3]),
    ("LS-DM-017", "and", [("data.text", "contains", "String", "one"), ("data.n", "less", "Number", 0)], [2]),
]


def cases(table: list[tuple[str, str, Any, list[int]]]) -> list[Any]:
    """Each row as a case of its own."""
    return [pytest.param(r, f, e, marks=pytest.mark.requirement(r), id=f"{f[0][0]} {name}") for r, name, f, e in table]


@pytest.fixture
def four(project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Four tasks of ``project`` with different data."""
    return imported(project, [{"data": data} for data in DATA])


def show_found(
    api: Wire, show: Show, requirement: str, tasks: list[dict[str, Any]], asked: dict[str, Any], expected: list[int]
) -> None:
    """Ask for tasks, and show that those came (numbered from 0) that should."""
    page = tasks_page(api, tasks[0]["project"], query=asked, include="id")
    number = {task["id"]: n for n, task in enumerate(tasks)}
    got = [number.get(task["id"], -1) for task in page.json()["tasks"]]
    wanted = "ordering" in asked
    show.equal(
        requirement,
        expected=expected,
        got=got if wanted else sorted(got),
        exchange=page,
        signature=str(asked.get("ordering") or [i["operator"] for i in asked["filters"]["items"]]),
    )


@pytest.mark.parametrize(("requirement", "items", "expected"), cases(BY_DATA))
def test_tasks_are_found_by_their_data(
    api: Wire,
    show: Show,
    four: list[dict[str, Any]],
    requirement: str,
    items: Any,
    expected: list[int],
) -> None:
    show_found(api, show, requirement, four, {"filters": filters(*items)}, expected)


@pytest.mark.requirement("LS-DM-014", "LS-DM-015", "LS-DM-016", "LS-DM-017")
def test_tasks_are_found_by_their_labels(api: Wire, show: Show, four: list[dict[str, Any]]) -> None:
    annotate(api, four[0], choice("Positive"))
    annotate(api, four[0], choice("Positive"))
    annotate(api, four[1], choice("Negative"))
    annotate(api, four[2], was_cancelled=True)
    predict(api, four[1], choice("Negative"), score=0.25, model_version="old")
    predict(api, four[3], choice("Positive"), score=0.75, model_version="new")
    for requirement, _, items, expected in BY_LABELS:
        show_found(api, show, requirement, four, {"filters": filters(*items)}, expected)
    either = filters(("data.n", "equal", "Number", 9), ("data.text", "equal", "String", "delta"), conjunction="or")
    show_found(api, show, "LS-DM-017", four, {"filters": either}, [0, 3])


@pytest.mark.requirement("LS-DM-018")
def test_a_broken_pattern_breaks_nothing(api: Wire, show: Show, four: list[dict[str, Any]]) -> None:
    asked = filters(("data.text", "regex", "String", "(["))
    query = {"project": four[0]["project"], "query": json.dumps({"filters": asked})}
    answer = api.call("tasks.list", query=query, expect=None)
    show(
        "LS-DM-018",
        answer.status == 400 or (answer.ok and answer.json()["total"] == 0),
        expected="400, or no tasks",
        got=answer.brief(),
        exchange=answer,
    )


@pytest.mark.requirement("LS-DM-019")
@pytest.mark.parametrize(
    "item",
    [
        pytest.param(("no_such_column", "equal", "String", "a"), id="column"),
        pytest.param(("data.text", "resembles", "String", "a"), id="operator"),
        pytest.param(("inner_id", "equal", "Number", "many"), id="value"),
        pytest.param(("created_at", "less", "Datetime", "yesterday"), id="time"),
        pytest.param(("project__organization__title", "contains", "String", "a"), id="another table"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    api: Wire, show: Show, four: list[dict[str, Any]], item: tuple[str, str, str, object]
) -> None:
    query = {"project": four[0]["project"], "query": json.dumps({"filters": filters(item)})}
    show.status("LS-DM-019", api.call("tasks.list", query=query, expect=None), 400)


@pytest.mark.requirement("LS-DM-020")
@pytest.mark.parametrize(
    ("column", "expected"),
    [("id", [0, 1, 2, 3]), ("data.n", [2, 0, 1, 3]), ("data.f", [1, 0, 3, 2]), ("data.text", [0, 1, 3, 2])],
)
def test_tasks_are_ordered(api: Wire, show: Show, four: list[dict[str, Any]], column: str, expected: list[int]) -> None:
    show_found(api, show, "LS-DM-020", four, {"ordering": [f"tasks:{column}"]}, expected)
    show_found(api, show, "LS-DM-020", four, {"ordering": [f"-tasks:{column}"]}, expected[::-1])
