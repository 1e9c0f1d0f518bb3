"""Filters on the columns of tasks, and their negations: together they find each task once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, import_tasks, list_tasks, predict, tasks_page, upload

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Wire

TIMES = {"min": "2001-01-01T00:00:00.000Z", "max": "2100-01-01T00:00:00.000Z"}
RANGE = {"min": 0, "max": 6}
# column, type, operator, value; each operator has a negation that begins with not_
ASKED: dict[str, tuple[str, str, Any]] = {
    "id in": ("id", "Number", {"min": 0, "max": 1}),
    "inner_id equal": ("inner_id", "Number", 2),
    "inner_id in": ("inner_id", "Number", {"min": 2, "max": 3}),
    "completed_at in": ("completed_at", "Datetime", TIMES),
    "created_at in": ("created_at", "Datetime", TIMES),
    "total_annotations equal": ("total_annotations", "Number", 1),
    "cancelled_annotations in": ("cancelled_annotations", "Number", {"min": 1, "max": 2}),
    "total_predictions equal": ("total_predictions", "Number", 1),
    "annotators contains": ("annotators", "List", 0),
    "updated_by contains": ("updated_by", "List", 0),
    "annotations_results contains": ("annotations_results", "String", "Positive"),
    "annotations_results equal": ("annotations_results", "String", "Positive"),
    "predictions_results contains": ("predictions_results", "String", "Positive"),
    "predictions_results equal": ("predictions_results", "String", "Positive"),
    "predictions_model_versions equal": ("predictions_model_versions", "List", "first"),
    "predictions_score in": ("predictions_score", "Number", {"min": 0, "max": 1}),
    "avg_lead_time equal": ("avg_lead_time", "Number", 5),
    "avg_lead_time in": ("avg_lead_time", "Number", RANGE),
    "file_upload contains": ("file_upload", "String", "named"),
    "file_upload equal": ("file_upload", "String", "named.csv"),
    "storage_filename contains": ("storage_filename", "String", "named"),
    "draft_exists equal": ("draft_exists", "Boolean", True),
}


@pytest.fixture
def six(api: Wire, project: dict[str, Any]) -> list[str]:
    """Tasks that were annotated, skipped or predicted, that came from a file, and one of which nothing is told."""
    made = import_tasks(api, project["id"], [{"data": {"text": word}} for word in "abcde"])
    annotate(api, made[0], choice("Positive"), lead_time=5)
    annotate(api, made[1], choice("Negative"), lead_time=7)
    annotate(api, made[2], was_cancelled=True)
    predict(api, made[3], choice("Positive"), score=0.5, model_version="first")
    predict(api, made[0], choice("Negative"), score=0.25, model_version="second")
    upload(api, project, ("named.csv", b"text\nf\n"))
    return [task["data"]["text"] for task in list_tasks(api, project["id"])]


@pytest.mark.requirement("LS-AGREE-052")
def test_a_filter_and_its_negation_share_the_tasks(
    api: Wire, show: Show, project: dict[str, Any], six: list[str]
) -> None:
    if sorted(six) != list("abcdef"):
        show.not_measured(f"the list shows {six}, and not the six tasks that were made")
    for name, (column, kind, value) in ASKED.items():
        operator = name.rpartition(" ")[2]
        found: list[str] = []
        for way in (operator, f"not_{operator}"):
            query = {"filters": filters((column, way, kind, value))}
            deed = f"a filter and its negation: {name}"
            page = tasks_page(api, project["id"], expect=None, deed=deed, query=query, fields="all")
            if not page.ok:
                break
            found += [task["data"]["text"] for task in page.json()["tasks"]]
        show(
            "LS-AGREE-052",
            page.rejected or sorted(found) == sorted(six),
            expected=f"{six}, each found by one of the two, or a 4xx",
            got=sorted(found) if page.ok else page.brief(),
            exchange=page,
            signature=name,
        )
