"""A task has one ground truth, whichever way annotations come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

TRUE: dict[str, Any] = {"result": [choice("Positive")], "ground_truth": True}


def _imported(api: Wire, project: int) -> Exchange:
    return bring_in(api, project, json=[{"data": {"text": "a"}, "annotations": [TRUE, TRUE]}])


def _moved(api: Wire, project: int) -> Exchange:
    for _ in range(2):
        annotate(api, import_tasks(api, project, [{"text": "alike"}])[0], *TRUE["result"], ground_truth=True)
    return act(api, "remove_duplicates", project)


@pytest.mark.requirement("LS-ANNOTATION-032")
def test_a_task_has_one_ground_truth_whichever_way(api: Wire, show: Show, new_project: NewProject) -> None:
    for case, way in {"imported": _imported, "duplicates removed": _moved}.items():
        project = new_project()["id"]
        done = way(api, project)
        truths = [sum(a["ground_truth"] for a in task["annotations"]) for task in list_tasks(api, project)]
        show(
            "LS-ANNOTATION-032",
            bool(truths) and max(truths) <= 1,
            expected="at most one ground truth at each task",
            got=truths,
            exchange=done,
            signature=case,
        )
