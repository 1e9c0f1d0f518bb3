"""Optional fields of imported tasks that are of the wrong type: the client's mistake, and nothing is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import bring_in, import_tasks, tasks_page

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Wire

VALUES: dict[str, Any] = {"a word": "maybe", "a list": [1], "an object": {"a": 1}, "null": None}
USUAL = "a usual task"
FIELDS = (
    "allow_skip",
    "annotations",
    "predictions",
    "drafts",
    "meta",
    "inner_id",
    "overlap",
    "is_labeled",
    "created_at",
    "total_annotations",
    "comment_authors",
    "updated_by",
)


@pytest.mark.requirement("LS-IMPORT-171", "LS-IMPORT-172")
def test_a_field_of_the_wrong_type_is_no_failure_of_the_server(api: Wire, show: Show, project: dict[str, Any]) -> None:
    import_tasks(api, project["id"], [{"data": {"text": USUAL}}])
    for field in FIELDS:
        for case, value in VALUES.items():
            sent = [{"data": {"text": f"{field}: {case}"}, field: value}]
            with api.unchecked():
                done = bring_in(api, project["id"], json=sent, expect=None)
            show(
                "LS-IMPORT-171",
                not done.server_error,
                expected="a 4xx, or a 2xx",
                got=f"{case}: {done.brief()}",
                exchange=done,
                signature=field,
            )
            if done.succeeded:
                continue
            there = [task["data"]["text"] for task in tasks_page(api, project["id"], page_size=500).json()["tasks"]]
            show(
                "LS-IMPORT-172",
                USUAL in there and f"{field}: {case}" not in there,
                expected="no task but the one before",
                got=f"{case}: {done.brief()}, and there are {there}",
                exchange=done,
                signature=field,
            )
