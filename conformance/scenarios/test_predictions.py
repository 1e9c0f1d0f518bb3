"""Predictions: one by one, and by import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS, told_gone
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import come_and_go, predict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

FIELDS = ("result", "score", "model_version", "task", "project")


def read(api: Wire, prediction: dict[str, Any]) -> dict[str, Any]:
    """Return what the server says of a prediction."""
    told: dict[str, Any] = api.call("predictions.get", id=prediction["id"]).json()
    return told


@pytest.mark.requirement("LS-PREDICTION-001", "LS-PREDICTION-002", "LS-PREDICTION-003", "LS-PREDICTION-020")
def test_a_prediction_is_made(api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]) -> None:
    sent = {"result": [choice("Positive")], "score": 0.75, "model_version": "model v1.2 (β)"}
    made = api.call("predictions.create", json={"task": task["id"], **sent})
    told = read(api, made.json())
    show.equal("LS-PREDICTION-001", expected=sent, got={key: told[key] for key in sent}, exchange=made)
    show.equal(
        "LS-PREDICTION-003", expected=[task["id"], project["id"]], got=[told["task"], told["project"]], exchange=made
    )
    show.equal("LS-PREDICTION-002", expected=None, got=read(api, predict(api, task, choice("Positive")))["score"])
    for score in (0.1, 1 / 3, 0.0, 1.0, 1e-9, -2.5):
        show.equal("LS-PREDICTION-020", expected=score, got=read(api, predict(api, task, score=score))["score"])


@pytest.mark.requirement("LS-PREDICTION-004")
@pytest.mark.parametrize(("name", "value"), [("result", [choice("Negative")]), ("score", 0.5), ("model_version", "b")])
def test_an_update_changes_what_it_names(api: Wire, show: Show, task: dict[str, Any], name: str, value: object) -> None:
    before = read(api, predict(api, task, choice("Positive"), score=0.25, model_version="a"))
    changed = api.call("predictions.update", id=before["id"], json={name: value})
    after = read(api, before)
    expected = {**{key: before[key] for key in FIELDS}, name: value}
    show.equal("LS-PREDICTION-004", expected=expected, got={k: after[k] for k in FIELDS}, exchange=changed)


@pytest.mark.requirement("LS-PREDICTION-005", "LS-PREDICTION-006", "LS-PREDICTION-021")
def test_a_prediction_is_deleted(api: Wire, show: Show, task: dict[str, Any], new_name: Callable[[str], str]) -> None:
    come_and_go(api, new_name("another"))
    made = predict(api, task, choice("Positive"))
    before = api.call("tasks.get", id=task["id"]).json()["total_predictions"]
    deleted = api.call("predictions.delete", id=made["id"])
    bare = api.call("tasks.get", id=task["id"])
    gone = api.call("predictions.get", id=made["id"], expect=None)
    show.equal(
        "LS-PREDICTION-005", expected=[404, []], got=[told_gone(gone), bare.json()["predictions"]], exchange=deleted
    )
    show.equal("LS-PREDICTION-021", expected=[1, 0], got=[before, bare.json()["total_predictions"]], exchange=bare)
    for operation in ("predictions.get", "predictions.update", "predictions.delete"):
        body = {"score": 1} if operation == "predictions.update" else None
        show.status("LS-PREDICTION-006", api.call(operation, id=made["id"], json=body, expect=None), *GONE)


@pytest.mark.requirement("LS-PREDICTION-007", "LS-PREDICTION-008", "LS-PREDICTION-023")
def test_predictions_are_listed_by_task_and_by_project(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    mine, other = new_project(), new_project()
    first, second = imported(mine, [{"data": {"text": "a"}}, {"data": {"text": "b"}}])
    made = [predict(api, t, choice("Positive"))["id"] for t in (first, first, second)]
    stranger = predict(api, imported(other, [{"data": {"text": "c"}}])[0], choice("Negative"))

    for beside in ({}, {"project": mine["id"]}):
        by_task = api.call("predictions.list", query={"task": first["id"], **beside})
        got = sorted(p["id"] for p in by_task.json())
        show.equal("LS-PREDICTION-007", expected=made[:2], got=got, exchange=by_task)
    by_project = api.call("predictions.list", query={"project": mine["id"]})
    show.equal("LS-PREDICTION-008", expected=made, got=sorted(p["id"] for p in by_project.json()), exchange=by_project)
    for project, task, expected in (
        (mine["id"], first["id"], made[:2]),
        (mine["id"], second["id"], made[2:]),
        (mine["id"], stranger["task"], []),
    ):
        by_both = api.call("predictions.list", query={"project": project, "task": task})
        got = sorted(p["id"] for p in by_both.json())
        show.equal("LS-PREDICTION-023", expected=expected, got=got, exchange=by_both)


@pytest.mark.requirement("LS-PREDICTION-013", "LS-PREDICTION-014")
def test_predictions_are_no_annotations(api: Wire, show: Show, task: dict[str, Any]) -> None:
    for version in ("one", "two", "two"):
        predict(api, task, choice("Positive"), model_version=version)
    told = api.call("tasks.get", id=task["id"])
    got = [told.json()[key] for key in ("is_labeled", "total_annotations", "total_predictions", "annotations")]
    show.equal("LS-PREDICTION-013", expected=[False, 0, 3, []], got=got, exchange=told)
    versions = {v.strip() for v in told.json()["predictions_model_versions"].split(",")}
    show.equal("LS-PREDICTION-014", expected=["one", "two"], got=sorted(versions), exchange=told)


@pytest.mark.parametrize(
    ("requirement", "changed"),
    [
        pytest.param(i, changed, marks=pytest.mark.requirement(i), id=name)
        for i, name, changed in (
            ("LS-PREDICTION-010", "no task", {"task": None}),
            ("LS-PREDICTION-011", "a word as score", {"score": "high"}),
            ("LS-PREDICTION-011", "a list as score", {"score": [1]}),
            ("LS-PREDICTION-012", "a number as result", {"result": 5}),
            ("LS-PREDICTION-012", "a list of numbers as result", {"result": [1, 2]}),
        )
    ],
)
def test_a_prediction_that_makes_no_sense_is_refused(
    api: Wire, show: Show, task: dict[str, Any], requirement: str, changed: dict[str, Any]
) -> None:
    body = {"task": task["id"], "result": [choice("Positive")], **changed}
    body = {key: value for key, value in body.items() if value is not None}
    show.status(requirement, api.call("predictions.create", json=body, expect=None), *SENSELESS)


@pytest.mark.requirement("LS-PREDICTION-009")
def test_a_prediction_needs_a_task_that_exists(api: Wire, show: Show, task: dict[str, Any]) -> None:
    api.call("tasks.delete", id=task["id"])
    answer = api.call("predictions.create", json={"task": task["id"], "result": []}, expect=None)
    show.status("LS-PREDICTION-009", answer, *SENSELESS, *GONE)


@pytest.mark.requirement("LS-PREDICTION-015", "LS-PREDICTION-018")
def test_predictions_are_imported(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    tasks = imported(project, [{"data": {"text": "a"}}, {"data": {"text": "b"}}])
    sent = [
        {"task": task["id"], "result": [choice(label)], "score": score, "model_version": "batch"}
        for task, label, score in zip(tasks, ("Positive", "Negative"), (0.5, 0), strict=True)
    ]
    made = api.call("projects.import_predictions", id=project["id"], json=sent)
    listed = api.call("predictions.list", query={"project": project["id"]})
    got = sorted(({key: p[key] for key in sent[0]} for p in listed.json()), key=lambda p: p["task"])
    show.equal(
        "LS-PREDICTION-015",
        expected=[2, [task["id"] for task in tasks]],
        got=[made.json().get("created"), [p["task"] for p in got]],
        exchange=made,
    )
    counts = [api.call("tasks.get", id=task["id"]).json()["total_predictions"] for task in tasks]
    show.equal("LS-PREDICTION-018", expected=[sent, [1, 1]], got=[got, counts], exchange=listed)


@pytest.mark.requirement("LS-PREDICTION-016", "LS-PREDICTION-017")
def test_an_import_of_predictions_is_all_or_nothing(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    project, other = new_project(), new_project()
    (task,) = imported(project, [{"data": {"text": "a"}}])
    (foreign,) = imported(other, [{"data": {"text": "b"}}])
    sent = [{"task": t["id"], "result": [choice("Positive")], "score": 0.5} for t in (task, foreign)]
    answer = api.call("projects.import_predictions", id=project["id"], json=sent, expect=None)
    show.status("LS-PREDICTION-016", answer, 400, 404)
    left = [api.call("predictions.list", query={"project": p["id"]}).json() for p in (project, other)]
    show.equal("LS-PREDICTION-017", expected=[[], []], got=left, exchange=answer)


@pytest.mark.requirement("LS-PREDICTION-019")
@pytest.mark.parametrize("body", [b"{}", b"5", b'"text"', b"null"], ids=["object", "number", "text", "null"])
def test_an_import_that_is_no_list_is_refused(api: Wire, show: Show, project: dict[str, Any], body: bytes) -> None:
    answer = api.call(
        "projects.import_predictions",
        id=project["id"],
        content=body,
        headers={"Content-Type": "application/json"},
        expect=None,
    )
    show.status("LS-PREDICTION-019", answer, 400)


@pytest.mark.requirement("LS-PREDICTION-022")
def test_a_prediction_without_a_version_has_none_whichever_way(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    guess = {"result": [choice("Positive")]}
    for way in ("created", "imported with its task", "imported for its task"):
        project = new_project()
        whole = {"data": {"text": "a"}, **({"predictions": [guess]} if way == "imported with its task" else {})}
        (task,) = imported(project, [whole])
        if way == "created":
            predict(api, task, *guess["result"])
        elif way == "imported for its task":
            api.call("projects.import_predictions", id=project["id"], json=[{**guess, "task": task["id"]}])
        told = api.call("tasks.get", id=task["id"])
        got = [one["model_version"] for one in told.json()["predictions"]]
        show("LS-PREDICTION-022", got in ([None], [""]), expected=[None], got=got, exchange=told, signature=way)
