"""Retrieved predictions: as many as reported are stored and counted, whatever the model answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.peers import Model, Peers
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

COUNT = 3
# what is odd about the answer to a request for predictions of three tasks → the results instead of the right ones
ANSWERS: dict[str, Callable[[list[Any]], Any]] = {
    "right": lambda right: right,
    "too few": lambda right: right[:1],
    "too many": lambda right: [*right, *right],
    "none": lambda _: [],
    "null": lambda _: None,
    "an object": lambda _: {"result": []},
    "a text": lambda _: "results",
    "null in it": lambda right: [right[0], None, right[2]],
    "numbers": lambda _: [1, 2, 3],
    "without result": lambda right: [{"score": r["score"]} for r in right],
    "result is null": lambda right: [{**r, "result": None} for r in right],
    "result is an object": lambda right: [{**r, "result": {}} for r in right],
    "score is a word": lambda right: [{**r, "score": "high"} for r in right],
    "score is null": lambda right: [{**r, "score": None} for r in right],
}
STATUSES = (500, 404, 401)
BEHIND = (502, 503, 504)
"""They say that it is somebody else who fails."""


@pytest.fixture
def model(peers: Peers) -> Model:
    """A model that tells tasks apart by their scores."""
    return peers.ml.model(predictor=lambda task, _: {"result": [choice("Negative")], "score": task["id"] / 1000})


@pytest.fixture
def ready(api: Wire, project: dict[str, Any], model: Model) -> list[dict[str, Any]]:
    """Three tasks of a project with the model."""
    tasks = import_tasks(api, project["id"], [{"data": {"text": str(n)}} for n in range(COUNT)])
    api.call("ml.create", json={"project": project["id"], "url": model.url})
    return tasks


def retrieve(api: Wire, project: dict[str, Any]) -> Exchange:
    """Ask for predictions of all tasks."""
    return act(api, "retrieve_tasks_predictions", project["id"], expect=None)


def amiss(tasks: list[dict[str, Any]]) -> list[int]:
    """By how much each task counts its predictions wrongly."""
    return [t["total_predictions"] - len(t["predictions"]) for t in tasks]


def show_counted(api: Wire, show: Show, project: dict[str, Any], case: str) -> None:
    """Ask for predictions; show that as many are stored as the answer says, and that tasks count them; remove them."""
    before = amiss(list_tasks(api, project["id"]))
    answer = retrieve(api, project)
    tasks = list_tasks(api, project["id"])
    stored = sum(len(t["predictions"]) for t in tasks)
    detail = str(answer.json().get("detail")) if answer.succeeded else ""
    said = re.search(r"(\d+) prediction", detail)
    if said or not answer.succeeded:  # in which words a success is told, and whether with a number, is the server's
        show(
            "LS-EFFECT-020",
            stored == (int(said[1]) if said else 0),
            expected=f"{stored} predictions, as are stored" if answer.succeeded else "none stored",
            got=f"{answer.brief()}: {detail}; {stored} stored",
            exchange=answer,
            signature=case,
        )
    now = amiss(tasks)  # what removing them left wrong is told elsewhere; a server may put it right by the way
    fine = now in (before, [0] * COUNT)
    show("LS-EFFECT-021", fine, expected=[before, "or none"], got=now, exchange=answer, signature=case)
    show(
        "LS-EFFECT-022",
        not answer.server_error or answer.status in BEHIND,
        expected="no 5xx but 502, 503 and 504",
        got=answer.brief(),
        exchange=answer,
        signature=case,
    )
    if stored:
        act(api, "delete_tasks_predictions", project["id"])


@pytest.mark.requirement("LS-EFFECT-020", "LS-EFFECT-021", "LS-EFFECT-022")
@pytest.mark.usefixtures("ready")
def test_predictions_are_retrieved_that_were_said_to_be(
    api: Wire, show: Show, project: dict[str, Any], model: Model
) -> None:
    for case, results in ANSWERS.items():
        model.results = results
        show_counted(api, show, project, case)
    for status in STATUSES:
        model.fail("predict", status)
        show_counted(api, show, project, f"HTTP {status} of the model")


@pytest.mark.requirement("LS-EFFECT-020")
@pytest.mark.usefixtures("task")
def test_without_a_model_there_are_no_predictions(api: Wire, show: Show, project: dict[str, Any]) -> None:
    answer = retrieve(api, project)
    stored = sum(len(t["predictions"]) for t in list_tasks(api, project["id"]))
    said = re.search(r"(\d+) prediction", answer.text) if answer.succeeded else None
    show(
        "LS-EFFECT-020",
        stored == 0 and (said is None or int(said[1]) == 0),
        expected="0 predictions, or a refusal",
        got=answer.text[:160],
        exchange=answer,
        signature="no model",
    )


@pytest.mark.requirement("LS-EFFECT-023")
def test_predictions_are_of_the_task_that_they_were_made_for(
    api: Wire, show: Show, project: dict[str, Any], ready: list[dict[str, Any]]
) -> None:
    answer = retrieve(api, project)
    got = [[p["score"] for p in t["predictions"]] for t in list_tasks(api, project["id"])]
    show.equal("LS-EFFECT-023", expected=[[t["id"] / 1000] for t in ready], got=got, exchange=answer)
