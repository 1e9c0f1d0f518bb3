"""Settings beyond their meaning, settings that others depend on, and what settings do to tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.readers.page import runs_in
from conformance.scenarios.steps import bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# of the right type, and beyond what the setting can mean
BEYOND: list[tuple[str, object]] = [
    ("maximum_annotations", 0),
    ("maximum_annotations", -1),
    ("overlap_cohort_percentage", -1),
    ("overlap_cohort_percentage", 101),
    ("min_annotations_to_start_training", -1),
    ("color", "#-12345"),
    ("color", "#GGGGGG"),
]


@pytest.mark.requirement("LS-PROJECT-057", "LS-PROJECT-058")
def test_a_setting_beyond_its_meaning_is_refused(
    api: Wire, show: Show, new_name: Callable[[str], str], new_project: NewProject
) -> None:
    kept = new_project()["id"]
    (task,) = import_tasks(api, kept, [{"text": "a"}])
    for name, value in BEYOND:
        body = {"title": new_name("beyond"), name: value}
        answers = {
            "creation": api.call("projects.create", json=body, expect=None),
            "update": api.call("projects.update", id=kept, json={name: value}, expect=None),
        }
        for way, answer in answers.items():
            show(
                "LS-PROJECT-057",
                answer.status in SENSELESS,
                expected="status 400 or 422",
                got=answer.brief(),
                exchange=answer,
                signature=f"{name}: {way}",
            )
        told = api.call("tasks.get", id=task["id"]).json()["is_labeled"]
        show.equal("LS-PROJECT-058", expected=False, got=told, exchange=answers["update"], signature=name)
        if told:  # what comes then is not to be blamed for it
            api.call("projects.update", id=kept, json={"maximum_annotations": 1})


# as JSON, and of no use as weights of control tags
WEIGHTS: list[Any] = [[1], {"label": 5}, {"label": {"labels": 5}}, {"label": None}, {"label": {"overall": "x"}}]


@pytest.mark.requirement("LS-PROJECT-059")
def test_no_setting_keeps_others_from_being_changed(api: Wire, show: Show, new_project: NewProject) -> None:
    other = TEXT_CHOICES.replace("Negative", "Neutral")
    for weights in WEIGHTS:
        project = new_project()["id"]
        with api.unchecked():  # what the schema says of such weights is told elsewhere
            taken = api.call("projects.update", id=project, json={"control_weights": weights}, expect=None)
        later: dict[str, dict[str, Any]] = {
            "label_config": {"label_config": other},
            "title": {"title": "Changed later"},
            "maximum_annotations": {"maximum_annotations": 2},
        }
        for name, body in later.items():
            with api.unchecked():
                answer = api.call("projects.update", id=project, json=body, expect=None)
            show(
                "LS-PROJECT-059",
                answer.succeeded,
                expected="a 2xx",
                exchange=answer,
                signature=name,
                got=f"{answer.brief()} after {weights}, {taken.brief()}",
            )


SCRIPTS = {
    "script": "<p>Read</p><script>alert(1)</script>",
    "event handler": '<p>Read</p><img src="x" onerror="alert(1)">',
    "address": '<a href="javascript:alert(1)">Read</a>',
    "drawing": '<svg onload="alert(1)"></svg>',
}


@pytest.mark.requirement("LS-PROJECT-060")
def test_instructions_run_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    for case, text in SCRIPTS.items():
        taken = api.call("projects.update", id=project["id"], json={"expert_instruction": text}, expect=None)
        told = str(api.call("projects.get", id=project["id"]).json()["expert_instruction"])
        show(
            "LS-PROJECT-060", not runs_in(told), expected="nothing that runs", got=told, exchange=taken, signature=case
        )


def overlaps(api: Wire, project: int) -> list[int]:
    """How many annotations each task requires, in ascending order."""
    return sorted(task["overlap"] for task in list_tasks(api, project))


def _created(api: Wire, new_project: NewProject, *_: str) -> tuple[int, Exchange]:
    project = new_project(maximum_annotations=3, overlap_cohort_percentage=50)["id"]
    for number in range(4):
        made = api.call("tasks.create", json={"project": project, "data": {"text": str(number)}})
    return project, made


def _imported(api: Wire, new_project: NewProject, *_: str) -> tuple[int, Exchange]:
    project = new_project(maximum_annotations=3, overlap_cohort_percentage=50)["id"]
    sent = [{"text": str(n)} for n in range(2)]
    bring_in(api, project, json=sent)
    return project, bring_in(api, project, json=sent)


def _set(api: Wire, new_project: NewProject, *names: str) -> tuple[int, Exchange]:
    project = new_project()["id"]
    import_tasks(api, project, [{"text": str(n)} for n in range(4)])
    values = {"maximum_annotations": 3, "overlap_cohort_percentage": 50}
    for name in names:
        made = api.call("projects.update", id=project, json={name: values[name]})
    return project, made if names else api.call("projects.update", id=project, json=values)


def _deleted(api: Wire, new_project: NewProject, *_: str) -> tuple[int, Exchange]:
    project = new_project(maximum_annotations=3, overlap_cohort_percentage=50)["id"]
    tasks = sorted(import_tasks(api, project, [{"text": str(n)} for n in range(8)]), key=lambda t: -t["overlap"])
    selected = {"selectedItems": {"all": False, "included": [task["id"] for task in tasks[:4]]}}
    return project, api.call("actions.create", query={"id": "delete_tasks", "project": project}, json=selected)


WAYS: dict[str, Callable[..., tuple[int, Exchange]]] = {
    "tasks imported": _imported,
    "tasks created": _created,
    "tasks deleted": _deleted,
    "both set": _set,
    "the number set, then the percentage": lambda a, n: _set(a, n, "maximum_annotations", "overlap_cohort_percentage"),
    "the percentage set, then the number": lambda a, n: _set(a, n, "overlap_cohort_percentage", "maximum_annotations"),
}


@pytest.mark.requirement("LS-PROJECT-061")
def test_half_of_the_tasks_require_the_number_whichever_way(api: Wire, show: Show, new_project: NewProject) -> None:
    for way, do in WAYS.items():
        project, done = do(api, new_project)
        show.equal("LS-PROJECT-061", expected=[1, 1, 3, 3], got=overlaps(api, project), exchange=done, signature=way)
