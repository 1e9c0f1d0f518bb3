"""How many annotations a task requires (its overlap), where that is changed for one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

# what changes → annotations that are there, overlap before and after; two of one person may count as one
CHANGED: dict[str, tuple[int, int, int]] = {
    "raised beyond its annotations": (1, 1, 2),
    "lowered to its annotations": (1, 2, 1),
    "lowered, and still beyond its annotations": (1, 3, 2),
    "lowered, without an annotation": (0, 2, 1),
}
NONE = (0, -1)


@pytest.mark.requirement("LS-TASK-039")
@pytest.mark.parametrize("case", CHANGED)
def test_a_task_is_labelled_by_its_own_overlap(api: Wire, show: Show, new_project: NewProject, case: str) -> None:
    annotations, before, after = CHANGED[case]
    project = new_project(maximum_annotations=before)["id"]
    task, _ = import_tasks(api, project, [{"data": {"text": word}} for word in "ab"])
    for _ in range(annotations):
        annotate(api, task, choice("Positive"))
    update = api.call("tasks.update", id=task["id"], json={"overlap": after}, expect=None)
    told = api.call("tasks.get", id=task["id"]).json()
    finished = api.call("projects.get", id=project).json()["finished_task_number"]
    overlap = told["overlap"]
    if update.ok and overlap != after:
        show.not_measured("an update of a task does not change its overlap")
    labelled = annotations >= overlap
    expected = {"is_labeled": labelled, "finished tasks of the project": int(labelled)}
    got = {"is_labeled": told["is_labeled"], "finished tasks of the project": finished}
    show.equal("LS-TASK-039", expected=expected, got=got, exchange=update, signature=case)


@pytest.mark.requirement("LS-TASK-040")
@pytest.mark.parametrize("value", NONE)
def test_an_overlap_that_is_none(api: Wire, show: Show, task: dict[str, Any], value: int) -> None:
    """An update with it is refused, and one with an overlap of two is not."""
    usual = api.call("tasks.update", id=task["id"], json={"overlap": 2}, expect=None)
    if not usual.ok:
        show.not_measured("an update of a task with an overlap of two is refused, too")
    update = api.call("tasks.update", id=task["id"], json={"overlap": value}, expect=None, deed=f"overlap {value}")
    told = api.call("tasks.get", id=task["id"]).json()["overlap"]
    got = f"{update.brief()}; then an overlap of {told}"
    refused = update.rejected and told != value
    show("LS-TASK-040", refused, expected="a 4xx", got=got, exchange=update, signature=str(value))
