"""Unexpected answers of a model: no request fails with a 500, and everything around can still be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import import_tasks, tasks_page

if TYPE_CHECKING:
    from conformance.peers import Model, Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

INFINITE = float("inf")
# what is odd about an answer → the JSON that comes instead of the right one
ODD: dict[str, Any] = {
    "a list": [1],
    "null": None,
    "values are objects": {"status": {}, "model_version": {"a": 1}, "versions": {"a": 1}, "job": {"a": 1}},
}
# what is odd about the results for one task → them
RESULTS: dict[str, Any] = {
    "null in it": [None],
    "a text in it": ["x"],
    "without result": [{}],
    "result is null": [{"result": None}],
    "score is a word": [{"result": [choice("Positive")], "score": "high"}],
    "null": None,
    "score is infinite": [{"result": [], "score": INFINITE}],
}
GATEWAY = {502, 503, 504}


def broke(exchange: Exchange) -> bool:
    """Return whether the server itself failed, and not the model behind it."""
    return exchange.server_error and exchange.status not in GATEWAY


@pytest.mark.requirement("LS-ML-050", "LS-ML-051", "LS-ML-052")
def test_a_model_answers_oddly_when_it_is_connected(
    api: Wire, show: Show, new_project: NewProject, peers: Peers
) -> None:
    project = new_project()["id"]
    for case, answer in ODD.items():
        model = peers.ml.model()
        model.told["setup"] = answer
        made = api.call("ml.create", json={"project": project, "url": model.url}, expect=None, deed=f"set-up: {case}")
        show(
            "LS-ML-050",
            not broke(made),
            expected="no 500",
            got=made.brief(),
            exchange=made,
            signature=f"set-up, {case}",
        )
        listed = api.call("ml.list", query={"project": project}, expect=None, deed=f"set-up: {case}")
        show(
            "LS-ML-052",
            listed.ok,
            expected="the list of backends",
            got=listed.brief(),
            exchange=listed,
            signature=f"set-up, {case}: list",
        )
        del model.told["setup"]
        there = api.call("ml.list", query={"project": project}).json()
        show.equal("LS-ML-051", expected=int(made.ok), got=len(there), exchange=made, signature=f"set-up, {case}")
        for backend in there:
            api.call("ml.delete", id=backend["id"])


@pytest.mark.requirement("LS-ML-050", "LS-ML-052")
def test_a_model_answers_oddly_later(api: Wire, show: Show, new_project: NewProject, peers: Peers) -> None:
    project, model = new_project()["id"], peers.ml.model()
    backend = api.call("ml.create", json={"project": project, "url": model.url}).json()["id"]
    for case, answer in ODD.items():
        asked: dict[str, Exchange] = {}
        for endpoint, operation in (("versions", "ml.list_model_versions"), ("webhook", "ml.train")):
            model.told = {endpoint: answer}
            asked[endpoint] = api.call(operation, id=backend, expect=None, deed=f"{endpoint}: {case}")
        model.told = {"setup": answer, "health": answer}
        readers = {
            "list": api.call("ml.list", query={"project": project}, expect=None, deed=f"set-up: {case}"),
            "get": api.call("ml.get", id=backend, expect=None, deed=f"set-up: {case}"),
        }
        for name, read in readers.items():
            show(
                "LS-ML-052",
                read.ok,
                expected="the backend",
                got=read.brief(),
                exchange=read,
                signature=f"later, {case}: {name}",
            )
        model.told = {}
        for endpoint, answered in asked.items():
            show(
                "LS-ML-050",
                not broke(answered),
                expected="no 500",
                got=answered.brief(),
                exchange=answered,
                signature=f"{endpoint}, {case}",
            )


@pytest.mark.requirement("LS-ML-063")
def test_a_model_that_answers_oddly_can_be_removed(
    api: Wire, show: Show, new_project: NewProject, peers: Peers
) -> None:
    for case, answer in ODD.items():
        project, model = new_project()["id"], peers.ml.model()
        backend = api.call("ml.create", json={"project": project, "url": model.url}).json()["id"]
        model.told = {"setup": answer, "health": answer}
        removed = api.call("ml.delete", id=backend, expect=None, deed=f"set-up: {case}")
        model.told = {}
        left = [one["id"] for one in api.call("ml.list", query={"project": project}).json()]
        show(
            "LS-ML-063",
            removed.succeeded and left == [],
            expected="no backend is left",
            got=f"{removed.brief()}, and {len(left)} left",
            exchange=removed,
            signature=case,
        )


@pytest.mark.requirement("LS-ML-053")
def test_a_model_answers_oddly_when_a_task_is_opened(
    api: Wire, show: Show, new_project: NewProject, peers: Peers
) -> None:
    """The project asks by itself: whoever reads a task has asked the model for nothing."""
    project, model = new_project(evaluate_predictions_automatically=True)["id"], peers.ml.model()
    api.call("ml.create", json={"project": project, "url": model.url})
    for case, results in RESULTS.items():
        model.results = lambda _, results=results: results
        task = api.call("tasks.create", json={"project": project, "data": {"text": "a"}}).json()["id"]
        got = api.call("tasks.get", id=task, expect=None, deed=f"the model's results: {case}")
        listed = tasks_page(api, project, expect=None, deed=f"the model's results: {case}", fields="all")
        for name, read in (("get", got), ("list", listed)):
            show(
                "LS-ML-053", read.ok, expected="the task", got=read.brief(), exchange=read, signature=f"{case}: {name}"
            )
        model.results = None
        api.call("tasks.delete_all_tasks", id=project)


@pytest.fixture
def interactive(api: Wire, project: dict[str, Any], model: Model) -> tuple[int, int]:
    """An interactive backend, and a task."""
    task = import_tasks(api, project["id"], [{"text": "a"}])[0]["id"]
    body = {"project": project["id"], "url": model.url, "is_interactive": True}
    return int(api.call("ml.create", json=body).json()["id"]), int(task)


@pytest.fixture
def model(peers: Peers) -> Model:
    """A model."""
    return peers.ml.model()


@pytest.mark.requirement("LS-ML-054", "LS-ML-055")
def test_a_model_answers_oddly_when_it_helps(api: Wire, show: Show, interactive: tuple[int, int], model: Model) -> None:
    backend, task = interactive
    for case, results in RESULTS.items():
        model.results = lambda _, results=results: results
        asked = api.call(
            "ml.predict_interactive",
            id=backend,
            json={"task": task, "context": {}},
            expect=None,
            deed=f"the model's results: {case}",
        )
        show("LS-ML-054", not broke(asked), expected="no 500", got=asked.brief(), exchange=asked, signature=case)
        if asked.ok:
            data = asked.json().get("data")
            fine = data is None and bool(asked.json().get("errors"))
            fine = fine or (isinstance(data, dict) and isinstance(data.get("result"), list))
            show(
                "LS-ML-055",
                fine,
                expected="a prediction with a list as result, or errors",
                got=asked.text[:160],
                exchange=asked,
                signature=case,
            )
