"""Actions of the data manager touch the tasks that were selected, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.scope.selections import FEW, SELECTIONS
from conformance.scenarios.scope.touching import act, show_scope
from conformance.scenarios.steps import filters, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.scope.selections import Selection
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

State = dict[int, tuple[int, int]]
ACTIONS = {
    "delete_tasks": SELECTIONS,
    "delete_tasks_annotations": FEW,
    "delete_tasks_predictions": FEW,
    "predictions_to_annotations": FEW,
    "remove_duplicates": FEW,
}


def fill(api: Wire, project: dict[str, Any], count: int) -> State:
    """Bring tasks that are all alike, with an annotation and a prediction each; what they have."""
    task = {
        "data": {"text": "all alike"},
        "annotations": [{"result": [choice("Positive")]}],
        "predictions": [{"result": [choice("Negative")], "model_version": "1"}],
    }
    return had(import_tasks(api, project["id"], [task] * count))


def had(tasks: Sequence[dict[str, Any]]) -> State:
    """Task → how many annotations and predictions it has."""
    return {t["id"]: (len(t["annotations"]), len(t["predictions"])) for t in tasks}


def state(api: Wire, project: dict[str, Any]) -> State:
    """The same for all tasks of a project, as they are now."""
    return had(list_tasks(api, project["id"]))


def show_refused(show: Show, answer: Exchange, case: str) -> None:
    """Show that what can't be understood was refused, as the client's mistake."""
    show(
        "LS-SCOPE-008",
        answer.rejected,
        expected="4xx",
        got=f"{answer.brief()}: {answer.text[:160]}",
        exchange=answer,
        signature=f"HTTP {answer.status} {case}",
    )


class Field:
    """Tasks to act on: brought anew whenever an action touched some."""

    def __init__(self, api: Wire, show: Show, action: str, project: dict[str, Any], others: Sequence[int]) -> None:
        self._api, self._show, self._action, self._project, self._others = api, show, action, project, others
        self._own: list[int] = []
        self._before: State = {}

    def _fill(self) -> None:
        if self._before:
            return
        if self._own:  # what an earlier case left half-done
            self._api.call("tasks.delete_all_tasks", id=self._project["id"])
        self._before = fill(self._api, self._project, 3)
        self._own = list(self._before)

    def _act(self, selection: Selection) -> Exchange:
        return act(self._api, self._action, self._project["id"], selection.body(self._own, self._others))

    def _touched(self) -> list[int]:
        """Return which tasks (from 0) are not as they were; if any, the next case gets others."""
        after = state(self._api, self._project)
        touched = [n for n, task in enumerate(self._own) if after.get(task) != self._before[task]]
        listed = self._api.history[-1]
        for number in touched:
            alone = self._api.call("tasks.get", id=self._own[number], expect=None)
            if alone.ok and had([alone.json()])[self._own[number]] == self._before[self._own[number]]:
                about = f"{listed.brief()} shows task {self._own[number]} otherwise than it shows itself"
                self._show.blocked("LS-AGREE-031", about)
        if touched:
            self._before = {}
        return touched

    def one(self, selection: Selection) -> None:
        """Act on one selection, and look what was touched."""
        self._fill()
        answer = self._act(selection)
        besides = [n for n in self._touched() if n not in selection.named]
        show_scope(self._show, selection.requirement, answer, besides, selection.name)

    def broken(self, selections: Sequence[Selection]) -> None:
        """Act on what can't be understood: one look at the end, and one at each where that is not enough."""
        self._fill()
        answers = [self._act(selection) for selection in selections]
        for selection, answer in zip(selections, answers, strict=True):
            show_refused(self._show, answer, "filter" if "filter" in selection.name else "selection")
        if self._touched():
            for selection in selections:
                self.one(selection)
        else:
            for selection, answer in zip(selections, answers, strict=True):
                show_scope(self._show, selection.requirement, answer, [], selection.name)


@pytest.mark.parametrize(
    ("action", "selections"),
    [
        pytest.param(a, s, id=a, marks=pytest.mark.requirement(*sorted({c.requirement for c in s}), "LS-SCOPE-008"))
        for a, s in ACTIONS.items()
    ],
)
def test_an_action_touches_what_is_selected(
    api: Wire, show: Show, new_project: NewProject, action: str, selections: Sequence[Selection]
) -> None:
    project, other = new_project(), new_project()
    elsewhere = fill(api, other, 2)
    field = Field(api, show, action, project, list(elsewhere))
    field.broken([s for s in selections if s.broken])
    for selection in selections:
        if not selection.broken:
            field.one(selection)
    answer = api.history[-1]
    now = state(api, other)
    gone = [task for task, before in elsewhere.items() if now.get(task) != before]
    show_scope(show, "LS-SCOPE-006", answer, gone, "tasks of another project")


def parts(tasks: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """What tasks hold, by kind."""
    return {
        "annotations": sorted(a["id"] for t in tasks for a in t["annotations"]),
        "predictions": sorted(p["id"] for t in tasks for p in t["predictions"]),
        "data": [[t["id"], t["data"], t["meta"]] for t in tasks],
    }


@pytest.mark.requirement("LS-DM-053")
def test_an_action_is_about_one_kind(api: Wire, show: Show, new_project: NewProject) -> None:
    """Whatever it does to that, it keeps all else of the same tasks."""
    for action, about in (
        ("delete_tasks_annotations", "annotations"),
        ("delete_tasks_predictions", "predictions"),
        ("predictions_to_annotations", "annotations"),
    ):
        project = new_project()
        fill(api, project, 2)
        (first, *_) = list_tasks(api, project["id"])
        api.call("tasks.update", id=first["id"], json={"meta": {"kept": action}})
        before = parts(list_tasks(api, project["id"]))
        answer = act(api, action, project["id"], {"selectedItems": {"all": True, "excluded": []}})
        after = parts(list_tasks(api, project["id"]))
        if after[about] == before[about]:  # also where it was refused: nothing was at stake
            show.not_measured(f"{action} did nothing: {answer.brief()}")
        if action == "predictions_to_annotations":
            after[about] = [one for one in after[about] if one in before[about]]
        else:
            del before[about], after[about]
        show.equal("LS-DM-053", expected=before, got=after, exchange=answer, signature=action)


@pytest.mark.requirement("LS-SCOPE-009", "LS-SCOPE-010")
def test_an_action_has_one_project(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    own, others = list(fill(api, project, 2)), list(fill(api, other, 2))
    view = api.call("views.create", json={"project": other["id"], "data": {}}).json()["id"]
    all_tasks = {"all": True, "excluded": []}
    nobody = 2_000_000_001
    cases: list[tuple[str, int | None, dict[str, Any], dict[str, Any]]] = [
        ("no project", None, {"selectedItems": all_tasks}, {}),
        ("no such project", nobody, {"selectedItems": all_tasks}, {}),
        ("project in the body only", None, {"project": project["id"], "selectedItems": all_tasks}, {}),
        ("view of another project", project["id"], {"selectedItems": all_tasks}, {"view": view}),
        ("no such view", project["id"], {"selectedItems": all_tasks}, {"view": nobody}),
    ]
    for case, named, body, query in cases:
        answer = act(api, "delete_tasks", named, body, **query)
        left = [*state(api, project), *state(api, other)]
        if not show.equal("LS-SCOPE-009", expected=[*own, *others], got=left, exchange=answer, signature=case):
            return
        show(
            "LS-SCOPE-010",
            answer.rejected,
            expected="4xx",
            got=answer.brief(),
            exchange=answer,
            signature=f"HTTP {answer.status}",
        )
    body = {"project": other["id"], "selectedItems": all_tasks}
    answer = act(api, "delete_tasks", project["id"], body)
    show.equal("LS-SCOPE-009", expected=others, got=list(state(api, other)), exchange=answer, signature="two projects")


@pytest.mark.requirement("LS-SCOPE-011")
def test_an_action_of_a_view_touches_what_the_view_shows(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project()
    for text in ("shown", "hidden"):
        import_tasks(api, project["id"], [{"data": {"text": text}}])
    data = {"filters": filters(("data.text", "equal", "String", "shown"))}
    view = api.call("views.create", json={"project": project["id"], "data": data}).json()["id"]
    body = {"selectedItems": {"all": True, "excluded": []}}
    answer = act(api, "delete_tasks", project["id"], body, view=view)
    left = [t["data"]["text"] for t in list_tasks(api, project["id"])]
    show.equal("LS-SCOPE-011", expected=["hidden"], got=left, exchange=answer)


@pytest.mark.requirement("LS-SCOPE-032")
def test_a_view_does_not_widen_what_was_selected(api: Wire, show: Show, new_project: NewProject) -> None:
    for case in ("included", "excluded", "filtered"):
        project = new_project()
        first, second = import_tasks(api, project["id"], [{"data": {"text": text}} for text in ("shown", "hidden")])
        data = {"filters": filters(("data.text", "equal", "String", "shown"))}
        view = api.call("views.create", json={"project": project["id"], "data": data}).json()["id"]
        bodies: dict[str, dict[str, Any]] = {
            "included": {"selectedItems": {"all": False, "included": [second["id"]]}},
            "excluded": {"selectedItems": {"all": True, "excluded": [first["id"]]}},
            "filtered": {
                "selectedItems": {"all": True, "excluded": []},
                "filters": filters(("data.text", "equal", "String", "hidden")),
            },
        }
        answer = act(api, "delete_tasks", project["id"], bodies[case], view=view)
        left = [t["data"]["text"] for t in list_tasks(api, project["id"])]
        show(
            "LS-SCOPE-032",
            "shown" in left,
            expected="the task that was not selected stays",
            got=left,
            exchange=answer,
            signature=case,
        )
