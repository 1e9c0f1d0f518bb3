"""Snapshots of views whose filter cannot be followed: they have no task, rather than all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.exports.snapshots import downloaded
from conformance.scenarios.steps import filters

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Wire

# what is wrong with the filter → the filter
WRONG: dict[str, dict[str, Any]] = {
    "a word for a number": filters(("id", "equal", "Number", "many")),
    "no value": filters(("id", "equal", "Number", None)),
    "an object for a text": filters(("data.text", "contains", "String", {"a": 1})),
    "a list for a range": filters(("id", "in", "Number", [1, 2])),
    "a column that is none": filters(("nothing", "equal", "String", "a")),
    "a conjunction that is none": filters(("data.text", "equal", "String", "b"), conjunction="xor"),
    "an expression that is none": filters(("data.text", "regex", "String", "(")),
    "no operator": {"conjunction": "and", "items": [{"filter": "filter:tasks:id", "type": "Number", "value": 1}]},
    "one of two wrong": filters(("data.text", "equal", "String", "a"), ("id", "equal", "Number", None)),
}
WORDS = ("a", "b", "c")


@pytest.mark.requirement("LS-EXPORT-212")
@pytest.mark.parametrize("case", WRONG)
def test_a_snapshot_of_a_view_with_a_wrong_filter(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported, case: str
) -> None:
    imported(project, [{"data": {"text": word}} for word in WORDS])
    whole = [task["data"]["text"] for task in downloaded(api, eventually, project).json()]
    if sorted(whole) != sorted(WORDS):
        show.not_measured("a snapshot without a view does not have the tasks of the project, either")
    view = api.call("views.create", json={"project": project["id"], "data": {"filters": WRONG[case]}}, expect=None)
    if not view.ok:
        show("LS-EXPORT-212", view.rejected, expected="a 4xx", got=view.brief(), exchange=view, signature=case)
        return
    options = {"task_filter_options": {"view": view.json()["id"]}}
    made = api.call("projects.exports.create", id=project["id"], json=options, expect=None, deed=case)
    if not made.ok:
        show("LS-EXPORT-212", made.rejected, expected="a 4xx", got=made.brief(), exchange=made, signature=case)
        return
    got: list[str] = []
    snapshot = {"id": project["id"], "export_pk": made.json()["id"]}
    status = eventually(
        lambda: api.call("projects.exports.get", **snapshot).json()["status"],
        until=lambda seen: seen in {"completed", "failed"},
        budget="export ready",
    )
    if status == "completed":
        tasks = api.call("projects.exports.download", **snapshot).json()
        got = sorted(task["data"]["text"] for task in tasks)
    show.equal("LS-EXPORT-212", expected=[], got=got, exchange=made, signature=case)
