"""A project that is deleted while others are worked in: nobody there may notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.tally import disagreements
from conformance.scenarios.data.configs import choice
from conformance.scenarios.parallel.racing import PATIENCE, at_once
from conformance.scenarios.steps import bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

LARGE = 300
"""Tasks of the project that is deleted: it takes some time."""
HANDS, EACH = 3, 4


def annotating(api: Wire, tasks: Sequence[dict[str, Any]]) -> Callable[[], Exchange]:
    """Annotate some tasks, one after the other."""

    def work() -> Exchange:
        body = {"result": [choice("Positive")]}
        return [api.call("annotations.create", id=t["id"], json=body, expect=None, timeout=PATIENCE) for t in tasks][-1]

    return work


@pytest.mark.requirement("LS-PARALLEL-011")
def test_work_elsewhere_is_counted_while_a_project_is_deleted(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], new_project: NewProject
) -> None:
    large = new_project()["id"]
    whole = {"data": {"text": "a"}, "annotations": [{"result": [choice("Negative")]}]}
    bring_in(api, large, json=[whole] * LARGE)
    tasks = import_tasks(api, project["id"], [{"data": {"text": str(n)}} for n in range(HANDS * EACH)])

    def gone() -> Exchange:
        return api.call("projects.delete", id=large, expect=None, timeout=PATIENCE)

    answers = at_once([gone, *(annotating(api, tasks[n::HANDS]) for n in range(HANDS))])
    if not all(answer.ok for answer in answers):
        show.not_measured("the project is not deleted, or a task is not annotated, while the other goes on")
    with api.unchecked():
        there = sum(len(task["annotations"]) for task in list_tasks(api, project["id"]))
        if there != len(tasks):
            show.not_measured(f"of {len(tasks)} annotations the list shows {there}")
        found = eventually(
            lambda: [d.told for d in disagreements(api, project["id"])],
            until=lambda seen: not seen,
            budget="counters settled",
        )
    # how many are missed is chance
    show.equal("LS-PARALLEL-011", expected=[], got=found, exchange=answers[0], signature="counters")
