"""Tasks imported with annotations are finished under the same conditions as tasks annotated one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

DRAWN = choice("Positive")
# what a task is annotated with
KINDS: dict[str, list[dict[str, Any]]] = {
    "plain": [{"result": [DRAWN]}],
    "empty": [{"result": []}],
    "skipped": [{"result": [], "was_cancelled": True}],
    "ground truth": [{"result": [DRAWN], "ground_truth": True}],
    "skipped and plain": [{"result": [], "was_cancelled": True}, {"result": [DRAWN]}],
}


@pytest.mark.requirement("LS-IMPORT-161", "LS-IMPORT-162")
@pytest.mark.parametrize("queue", ["REQUEUE_FOR_OTHERS", "REQUEUE_FOR_ME", "IGNORE_SKIPPED"])
def test_a_task_is_finished_whichever_way_it_was_annotated(
    api: Wire, show: Show, new_project: NewProject, queue: str
) -> None:
    places = {way: new_project(skip_queue=queue)["id"] for way in ("imported", "created")}
    sent = [{"data": {"text": case}, "annotations": kind} for case, kind in KINDS.items()]
    done = bring_in(api, places["imported"], json=sent)
    tasks = import_tasks(api, places["created"], [{"text": case} for case in KINDS])
    for task, kind in zip(tasks, KINDS.values(), strict=True):
        for one in kind:
            annotate(api, task, *one["result"], **{name: one[name] for name in one if name != "result"})
    found = {
        way: {task["data"]["text"]: task["is_labeled"] for task in list_tasks(api, place)}
        for way, place in places.items()
    }
    for case in KINDS:
        expected, got = found["created"].get(case), found["imported"].get(case)
        show.equal("LS-IMPORT-161", expected=expected, got=got, exchange=done, signature=f"{queue}: {case}")
    for way, place in places.items():
        read = api.call("projects.get", id=place)
        count = read.json()["finished_task_number"]
        show.equal("LS-IMPORT-162", expected=sum(found[way].values()), got=count, exchange=read, signature=way)
