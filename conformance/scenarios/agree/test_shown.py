"""A filter for what the task list shows in a column finds the task, and each result is shown once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, list_tasks, predict, tasks_page, upload

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Wire

NEAR: Final = timedelta(seconds=1)
"""What a time that is shown may be rounded by."""
# column -> type of the filter, and the operators by which the value that is shown finds its task
COLUMNS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "id": ("Number", ("equal",)),
    "inner_id": ("Number", ("equal",)),
    "total_annotations": ("Number", ("equal",)),
    "cancelled_annotations": ("Number", ("equal",)),
    "total_predictions": ("Number", ("equal",)),
    "avg_lead_time": ("Number", ("equal",)),
    "file_upload": ("String", ("equal", "contains")),
    "storage_filename": ("String", ("equal", "contains")),
    "annotations_ids": ("String", ("contains",)),
    "created_at": ("Datetime", ("in",)),
    "updated_at": ("Datetime", ("in",)),
    "completed_at": ("Datetime", ("in",)),
}


@pytest.fixture
def rich(
    api: Wire, eventually: Eventually, project: dict[str, Any], folder_if_any: Path | None
) -> list[dict[str, Any]]:
    """One task of a file and, where there may be one, one of a storage, each with two annotations and predictions."""
    if folder_if_any is not None:
        (folder_if_any / "Größe 1.json").write_text(json.dumps({"text": "stored"}), encoding="utf-8")
        body = {"project": project["id"], "path": str(folder_if_any)}
        storage = api.call("import_storage.local.create", json=body).json()["id"]
        api.call("import_storage.local.sync", id=storage)
        eventually(lambda: list_tasks(api, project["id"]), until=bool, budget="sync done")
    upload(api, project, ("two words.csv", b"text\nuploaded\n"))
    for task in list_tasks(api, project["id"]):
        for label, lead_time in (("Positive", 3.5), ("Negative", 1.25)):
            annotate(api, task, choice(label), lead_time=lead_time)
            predict(api, task, choice(label), score=0.5, model_version=label)
    return list_tasks(api, project["id"])


@pytest.mark.requirement("LS-AGREE-046")
def test_what_is_shown_is_found(api: Wire, show: Show, rich: list[dict[str, Any]]) -> None:
    for column, (kind, operators) in COLUMNS.items():
        for task in rich:
            value = task.get(column)
            if value is None or value == "":
                continue
            for operator in operators:
                asked = {"filters": filters((column, operator, kind, around(value) if kind == "Datetime" else value))}
                page = tasks_page(api, task["project"], query=asked, include="id", expect=None)
                found = [t["id"] for t in page.json()["tasks"]] if page.succeeded else []
                show(
                    "LS-AGREE-046",
                    task["id"] in found,
                    expected=f"task {task['id']}, which shows {value!r}",
                    got=f"{page.brief()}: tasks {found}",
                    exchange=page,
                    signature=f"{column} {operator}" + ("" if page.succeeded else f": HTTP {page.status}"),
                )


def around(shown: str) -> dict[str, str]:
    """From shortly before a time to shortly after it."""
    time = datetime.fromisoformat(shown).astimezone(UTC)
    return {end: f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" for end, at in (("min", time - NEAR), ("max", time + NEAR))}


@pytest.mark.requirement("LS-AGREE-047")
def test_each_result_is_shown_once(api: Wire, show: Show, rich: list[dict[str, Any]]) -> None:
    page = tasks_page(api, rich[0]["project"], fields="all")
    for column in ("annotations_results", "predictions_results"):
        got = [[str(task[column]).count(label) for label in ("Positive", "Negative")] for task in page.json()["tasks"]]
        told = " or ".join(str(times) for times in sorted({times for row in got for times in row}))
        show.equal(
            "LS-AGREE-047",
            expected=[[1, 1]] * len(rich),
            got=got,
            exchange=page,
            signature=f"{column}: {told} times",
        )
