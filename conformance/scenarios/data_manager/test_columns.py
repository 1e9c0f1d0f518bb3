"""Filters and orderings by each published column of the data manager, and the operators that only some take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, bring_in, filters, list_tasks, predict, tasks_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

LONG_AGO, TO_COME = "2001-01-01T00:00:00.000Z", "2101-01-01T00:00:00.000Z"
ALL = [0, 1, 2, 3]
EVER = {"min": LONG_AGO, "max": TO_COME}
ID, ME = "$id of the second", "$me"

# requirement, column, operator, type, value, the tasks (from 0) that meet it; see `four`
FILTERS: list[tuple[str, str, str, str, object, list[int]]] = [
    ("LS-DM-033", "data.text", "starts_with", "String", "alpha", [0, 2]),
    ("LS-DM-033", "data.text", "ends_with", "String", "one", [0, 1]),
    ("LS-DM-034", "data.extra", "exists", "String", "true", [3]),
    ("LS-DM-034", "data.extra", "not_exists", "String", "true", [0, 1, 2]),
    ("LS-DM-035", "id", "equal", "Number", ID, [1]),
    ("LS-DM-035", "id", "not_equal", "Number", ID, [0, 2, 3]),
    ("LS-DM-035", "id", "greater", "Number", ID, [2, 3]),
    ("LS-DM-035", "id", "less_or_equal", "Number", ID, [0, 1]),
    ("LS-DM-035", "inner_id", "not_in", "Number", {"min": 2, "max": 3}, [0, 3]),
    ("LS-DM-035", "inner_id", "less", "Number", 3, [0, 1]),
    ("LS-DM-013", "created_at", "in", "Datetime", EVER, ALL),
    ("LS-DM-013", "created_at", "not_in", "Datetime", EVER, []),
    ("LS-DM-013", "created_at", "less_or_equal", "Datetime", TO_COME, ALL),
    ("LS-DM-013", "updated_at", "greater_or_equal", "Datetime", LONG_AGO, ALL),
    ("LS-DM-013", "completed_at", "greater", "Datetime", LONG_AGO, [0, 1]),
    ("LS-DM-036", "file_upload", "contains", "String", "from-a-file", [3]),
    ("LS-DM-036", "file_upload", "not_contains", "String", "from-a-file", [0, 1, 2]),
    ("LS-DM-037", "annotators", "contains", "List", ME, [0, 1, 2]),
    ("LS-DM-037", "annotators", "not_contains", "List", ME, [3]),
    ("LS-DM-014", "total_annotations", "in", "Number", {"min": 1, "max": 1}, [1]),
    ("LS-DM-014", "total_annotations", "not_in", "Number", {"min": 1, "max": 9}, [2, 3]),
    ("LS-DM-014", "total_annotations", "less", "Number", 1, [2, 3]),
    ("LS-DM-014", "cancelled_annotations", "equal", "Number", 1, [2]),
    ("LS-DM-014", "total_predictions", "greater_or_equal", "Number", 1, [1, 3]),
    ("LS-DM-015", "annotations_results", "not_contains", "String", "Negative", [0, 2, 3]),
    ("LS-DM-015", "predictions_results", "not_contains", "String", "Positive", [0, 1, 2]),
    ("LS-DM-016", "predictions_model_versions", "not_contains", "List", ["model"], [0, 2]),
    ("LS-DM-032", "predictions_score", "greater", "Number", 0.5, [3]),
    ("LS-DM-032", "predictions_score", "less", "Number", 0.5, [1]),
    ("LS-DM-032", "predictions_score", "in", "Number", {"min": 0.25, "max": 0.75}, [1, 3]),
]
# column, the groups of tasks in ascending order; the order within a group is open, and None stands for no value
ORDERS: list[tuple[str, list[list[int]]]] = [
    ("id", [[0], [1], [2], [3]]),
    ("inner_id", [[0], [1], [2], [3]]),
    ("created_at", [[0, 1, 2], [3]]),
    ("total_annotations", [[2, 3], [1], [0]]),
    ("cancelled_annotations", [[0, 1, 3], [2]]),
    ("total_predictions", [[0, 2], [1, 3]]),
    ("predictions_score", [[1], [3]]),
    ("completed_at", [[0], [1]]),
]


@pytest.fixture
def four(api: Wire, project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Tasks of ``project``: annotated twice; annotated and predicted; skipped; from a file and predicted."""
    sent = [{"data": {"text": text}} for text in ("alpha one", "beta one", "alpha two")]
    imported(project, sent)
    content = b'[{"text": "gamma", "extra": "here"}]'
    bring_in(api, project["id"], files={"file": ("from-a-file.json", content)})
    tasks = list_tasks(api, project["id"])
    annotate(api, tasks[0], choice("Positive"))
    annotate(api, tasks[0], choice("Positive"))
    annotate(api, tasks[1], choice("Negative"))
    annotate(api, tasks[2], was_cancelled=True)
    predict(api, tasks[1], choice("Negative"), score=0.25, model_version="model")
    predict(api, tasks[3], choice("Positive"), score=0.75, model_version="model")
    # a project shows scores of the model version that it is set to
    api.call("projects.update", id=project["id"], json={"model_version": "model"})
    return tasks


def found(api: Wire, tasks: Sequence[dict[str, Any]], asked: dict[str, Any]) -> Any:
    """The numbers (from 0) of the tasks that come, in their order; or what came instead."""
    page = tasks_page(api, tasks[0]["project"], expect=None, query=asked, include="id")
    if not page.ok:
        return page.brief()
    number = {task["id"]: n for n, task in enumerate(tasks)}
    return [number.get(task["id"], -1) for task in page.json()["tasks"]]


@pytest.mark.requirement(*dict.fromkeys(row[0] for row in FILTERS))
def test_tasks_are_found_by_each_column(api: Wire, show: Show, four: list[dict[str, Any]]) -> None:
    me = api.call("users.whoami").json()["id"]
    stands_for = {ID: four[1]["id"], ME: me}
    for requirement, column, operator, kind, value, expected in FILTERS:
        held = stands_for[value] if isinstance(value, str) and value in stands_for else value
        got = found(api, four, {"filters": filters((column, operator, kind, held))})
        got = sorted(got) if isinstance(got, list) else got
        show.equal(requirement, expected=expected, got=got, signature=f"{column} {operator}")


@pytest.mark.requirement("LS-DM-038")
def test_tasks_are_ordered_by_each_column(api: Wire, show: Show, four: list[dict[str, Any]]) -> None:
    for column, groups in ORDERS:
        for sign, wanted in (("", groups), ("-", groups[::-1])):
            got = found(api, four, {"ordering": [f"{sign}tasks:{column}"]})
            place = {task: n for n, group in enumerate(wanted) for task in group}
            # tasks without a value may come first or last
            places = [place[task] for task in got if task in place] if isinstance(got, list) else [1, 0]
            show(
                "LS-DM-038",
                places == sorted(places) and sorted(got) == ALL,
                expected=wanted,
                got=got,
                signature=f"{sign}{column}",
            )


@pytest.mark.requirement("LS-DM-039")
def test_a_view_keeps_how_it_looks(api: Wire, show: Show, new_project: NewProject) -> None:
    data = {
        "title": "Narrow",
        "hiddenColumns": {"explore": ["tasks:inner_id"], "labeling": ["tasks:id"]},
        "columnsWidth": {"tasks:id": 50},
        "columnsDisplayType": {"tasks:data.n": "Number"},
        "gridWidth": 3,
        "type": "grid",
    }
    made = api.call("views.create", json={"project": new_project()["id"], "data": data})
    read = api.call("views.get", id=made.json()["id"])
    show.equal("LS-DM-039", expected=data, got=read.json()["data"], exchange=made)
