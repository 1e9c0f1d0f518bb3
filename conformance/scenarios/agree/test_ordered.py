"""Every list whose contract has an ordering lists its objects in that order."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, list_tasks, predict, tasks_page, upload

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Wire

COLUMNS: Final = (
    *("id", "inner_id", "created_at", "updated_at", "completed_at", "avg_lead_time", "file_upload", "storage_filename"),
    *("total_annotations", "cancelled_annotations", "total_predictions", "predictions_model_versions"),
)
"""Columns of tasks that show one value of each: a number, a time or a name."""
OTHERS: Final = (
    *("annotations_results", "annotators", "predictions_results", "predictions_score", "agreement", "comments"),
    *("ground_truth", "reviewed", "reviewers", "reviews_accepted", "reviews_rejected"),
)
"""The other columns that the contract names for the order of a view."""


def show_ordered(api: Wire, show: Show, operation: str, query: dict[str, Any] | None = None, **path: Any) -> None:
    """List objects, of which there are several, in both orders of their ids; show that they come so."""
    for order, down in (("id", False), ("-id", True)):
        answer = api.call(operation, query={**(query or {}), "ordering": order}, **path)
        got = [one["id"] for one in answer.json()]
        show(
            "LS-AGREE-017",
            len(got) > 1 and got == sorted(got, reverse=down),
            expected=sorted(got, reverse=down),
            got=got,
            exchange=answer,
            signature=operation,
        )


@pytest.mark.requirement("LS-AGREE-017")
@pytest.mark.usefixtures("member")  # the second account
def test_lists_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    place = project["id"]
    for number in range(3):
        annotate(api, task, lead_time=number)
        api.call("projects.exports.create", id=place, json={"title": f"ordered {number}"})
    upload(api, project, *((f"{name}.csv", f"text\n{name}\n".encode()) for name in "cab"))
    show_ordered(api, show, "annotations.list", id=task["id"])
    show_ordered(api, show, "projects.exports.list", id=place)
    show_ordered(api, show, "files.list", {"all": True}, id=place)
    show_ordered(api, show, "users.list")


@pytest.mark.requirement("LS-AGREE-017")
def test_lists_of_storages_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], folder: Path
) -> None:
    for side in ("import_storage", "export_storage"):
        for number in range(2):
            body = {"project": project["id"], "path": str(folder), "title": f"ordered {number}"}
            api.call(f"{side}.local.create", json=body)
        show_ordered(api, show, f"{side}.local.list", {"project": project["id"]})


@pytest.fixture
def various(api: Wire, eventually: Eventually, project: dict[str, Any], folder_if_any: Path | None) -> int:
    """A project whose columns have other orders than the ids: six tasks of files, three of a storage if there may be.

    Where a server puts digits of its own before the name of a file, these are hardly ever in the order of the ids.
    """
    place: int = project["id"]
    if folder_if_any is not None:
        for name in "cab":
            (folder_if_any / f"{name}.json").write_text(json.dumps({"text": name}), encoding="utf-8")
        body = {"project": place, "path": str(folder_if_any)}
        storage = api.call("import_storage.local.create", json=body).json()["id"]
        api.call("import_storage.local.sync", id=storage)
        eventually(lambda: list_tasks(api, place), until=lambda seen: len(seen) == len("cab"), budget="sync done")
    for name in "fedgih":
        upload(api, project, (f"{name}.csv", b"text\n" + name.encode()))
    for number, task in enumerate(reversed(list_tasks(api, place)[2:6])):
        for _ in range(number):
            annotate(api, task, choice("Positive"), lead_time=10 - number, was_cancelled=number > 2)
            predict(api, task, choice("Positive"), model_version=f"v{9 - number}")
    return place


def instant(text: str) -> float:
    """A time as a number: servers write fractions of a second with as many digits as they like."""
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.requirement("LS-AGREE-054", "LS-AGREE-059")
def test_tasks_are_in_the_order_of_what_a_column_shows(
    api: Wire, show: Show, various: int, folder_if_any: Path | None
) -> None:
    for column in COLUMNS if folder_if_any else (c for c in COLUMNS if c != "storage_filename"):
        for sign in ("", "-"):
            asked = {"ordering": [f"{sign}tasks:{column}"]}
            page = tasks_page(api, various, query=asked, include=column, expect=None)
            told = page.json()["tasks"] if page.succeeded else []
            got = [task[column] for task in told if task[column] is not None and task[column] != ""]
            right = sorted(got, key=instant if column.endswith("_at") else None, reverse=bool(sign))
            signature = f"{sign}{column}" + ("" if page.succeeded else f": HTTP {page.status}")
            show(
                "LS-AGREE-054",
                len(got) > 1 and got == right,
                expected=right,
                got=got,
                exchange=page,
                signature=signature,
            )
    for column in OTHERS:
        with api.unchecked():
            page = tasks_page(api, various, query={"ordering": [f"tasks:{column}"]}, include="id", expect=None)
        show(
            "LS-AGREE-059",
            page.succeeded or page.rejected,
            expected="a 2xx, or a 4xx",
            got=page.brief(),
            exchange=page,
            signature=f"{column}: HTTP {page.status}",
        )
