"""Counters are right after each kind of write, and after thirty in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.tally import disagreements, elsewhere
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, import_tasks, list_tasks, predict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

MANY = 30
PREDICTED = {"result": [choice("Negative")], "score": 0.5, "model_version": "1"}
WHOLE = {
    "data": {"text": "whole"},
    "annotations": [
        {"result": [choice("Positive")], "ground_truth": True},
        {"result": [choice("Negative")]},
        {"result": [], "was_cancelled": True},
    ],
    "predictions": [PREDICTED, PREDICTED],
}


class Writes:
    """One write after the other on the same project: each yields its name once it is done."""

    def __init__(self, api: Wire, project: int) -> None:
        self.api, self.project = api, project

    def act(self, action: str, *tasks: dict[str, Any]) -> Exchange:
        """Take an action on some tasks, or on all."""
        return act(self.api, action, self.project, *(task["id"] for task in tasks), expect=None)

    def of_annotations(self) -> Iterator[str]:
        """What can be done to annotations."""
        api = self.api
        task, other = import_tasks(api, self.project, [{"data": {"text": "a"}}, WHOLE])
        yield "import"
        made = annotate(api, task, choice("Positive"))["id"]
        yield "annotations.create"
        second = annotate(api, task, was_cancelled=True)["id"]
        yield "annotations.create, skipped"
        for case, identity, body in (
            ("result", made, {"result": [choice("Negative"), choice("Positive", region_id="r2")]}),
            ("skipped", made, {"was_cancelled": True}),
            ("no longer skipped", second, {"was_cancelled": False}),
            ("ground truth", second, {"ground_truth": True}),
            ("skipped ground truth", second, {"was_cancelled": True}),
        ):
            api.call("annotations.update", id=identity, json=body, expect=None)
            yield f"annotations.update, {case}"
        api.call("annotations.delete", id=made)
        yield "annotations.delete, skipped"
        api.call("annotations.delete", id=second)
        yield "annotations.delete"
        self.act("delete_tasks_annotations", other)
        yield "delete_tasks_annotations"

    def of_predictions(self) -> Iterator[str]:
        """What can be done to predictions."""
        api = self.api
        task, other, third = import_tasks(api, self.project, [{"data": {"text": "a"}}, WHOLE, WHOLE])
        made = predict(api, task, choice("Positive"))["id"]
        yield "predictions.create"
        api.call("predictions.update", id=made, json={"score": 0.25}, expect=None)
        yield "predictions.update"
        sent = [{"task": task["id"], **PREDICTED}, {"task": other["id"], **PREDICTED}]
        api.call("projects.import_predictions", id=self.project, json=sent, expect=None)
        yield "projects.import_predictions"
        self.act("predictions_to_annotations", task, other)
        yield "predictions_to_annotations"
        api.call("predictions.delete", id=made)
        yield "predictions.delete"
        self.act("delete_tasks_predictions", other)
        yield "delete_tasks_predictions"
        self.act("delete_tasks_predictions", third)
        yield "delete_tasks_predictions, of one"

    def of_tasks(self) -> Iterator[str]:
        """What can be done to tasks and to the project."""
        api = self.api
        made = import_tasks(api, self.project, [WHOLE] * 3)
        api.call("projects.update", id=self.project, json={"maximum_annotations": 3})
        yield "projects.update, more annotations"
        api.call("projects.update", id=self.project, json={"maximum_annotations": 2})
        yield "projects.update, fewer annotations"
        api.call("tasks.update", id=made[0]["id"], json={"overlap": 5}, expect=None)
        yield "tasks.update, overlap"
        api.call("tasks.update", id=made[0]["id"], json={"data": {"text": "other"}}, expect=None)
        yield "tasks.update, data"
        self.act("remove_duplicates", made[1], made[2])
        yield "remove_duplicates"
        api.call("tasks.delete", id=made[0]["id"])
        yield "tasks.delete"
        import_tasks(api, self.project, [WHOLE])
        yield "import, once more"
        self.act("delete_tasks", list_tasks(api, self.project)[-1])
        yield "delete_tasks"
        api.call("tasks.delete_all_tasks", id=self.project)
        yield "tasks.delete_all_tasks"


@pytest.mark.requirement("LS-AGREE-020")
@pytest.mark.parametrize("of", ["annotations", "predictions", "tasks"])
def test_counters_agree_after_each_write(api: Wire, show: Show, new_project: NewProject, of: str) -> None:
    project = new_project()["id"]
    known: dict[str, str] = {}
    for step in getattr(Writes(api, project), f"of_{of}")():
        cause = api.history[-1]
        wrong = {d.name: d for d in (*disagreements(api, project), *elsewhere(api, project))}
        found = {name: d.told for name, d in wrong.items()}
        for counter in sorted(c for c in found if found[c] != known.get(c)):
            show.equal(
                "LS-AGREE-020",
                expected=f"{counter} as the lists show it",
                got=found[counter],
                exchange=wrong[counter].reader or cause,
                signature=counter if counter.startswith("project") else f"{step}: {counter}",
            )
        if not found:
            show("LS-AGREE-020", holds=True, expected="", got="", exchange=cause)
        known = found


@pytest.mark.requirement("LS-AGREE-021")
def test_counters_agree_after_many(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project()["id"]
    task = import_tasks(api, project, [{"data": {"text": "a"}}])[0]
    made = [annotate(api, task, choice("Positive", region_id=f"r{n}"))["id"] for n in range(MANY)]
    told = api.call("tasks.get", id=task["id"])
    got = [told.json()["total_annotations"], len({a["id"] for a in told.json()["annotations"]})]
    show.equal("LS-AGREE-021", expected=[MANY, MANY], got=got, exchange=told, signature="created")
    regions = sorted(a["result"][0]["id"] for a in told.json()["annotations"])
    show.equal("LS-AGREE-021", expected=sorted(f"r{n}" for n in range(MANY)), got=regions, exchange=told)
    for identity in made[: MANY // 2]:
        deleted = api.call("annotations.delete", id=identity)
    found = disagreements(api, project)
    at = next((d.reader for d in found if d.reader is not None), deleted)
    show.equal("LS-AGREE-021", expected=[], got=[d.told for d in found], exchange=at, signature="deleted")
