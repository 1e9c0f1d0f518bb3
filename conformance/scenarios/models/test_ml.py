"""ML backends: connecting, predicting, training and removing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, rejected
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import act, annotate, list_tasks

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.peers import Model, Peers
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

CONNECTED, DISCONNECTED, ERROR = "CO", "DI", "ER"
USER, PASSWORD = "conformance", "a pass phrase of the model"
REGION = choice("Negative")


def certain(task: dict[str, Any], _context: dict[str, Any]) -> dict[str, Any]:
    """Predict a result whose score tells the task apart from others."""
    return {"result": [REGION], "score": len(task["data"]["text"]) / 100}


@pytest.fixture
def model(peers: Peers) -> Model:
    """A model that predicts."""
    return peers.ml.model(predictor=certain)


@pytest.fixture
def backend(api: Wire, project: dict[str, Any], model: Model) -> dict[str, Any]:
    """``model``, connected to ``project``, ready for interactive requests."""
    made: dict[str, Any] = connect(api, project, model, is_interactive=True, expect="success").json()
    return made


def connect(
    api: Wire, project: dict[str, Any], model: Model | str, *, expect: str | None = None, **settings: object
) -> Exchange:
    """Connect a model, or whatever is at an address, to a project."""
    url = model if isinstance(model, str) else model.url
    return api.call("ml.create", json={"url": url, "project": project["id"], **settings}, expect=expect)


def backends(api: Wire, project: dict[str, Any]) -> Exchange:
    """List the backends of a project."""
    return api.call("ml.list", query={"project": project["id"]})


def predict_all(api: Wire, project: dict[str, Any]) -> Exchange:
    """Ask the backend of a project for predictions of all its tasks."""
    return act(api, "retrieve_tasks_predictions", project["id"], expect=None)


def predictions(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    """The predictions of a project's tasks."""
    found: list[dict[str, Any]] = api.call("predictions.list", query={"project": project["id"]}).json()
    return found


@pytest.mark.requirement("LS-ML-001", "LS-ML-002", "LS-ML-004", "LS-ML-005")
def test_a_backend_is_asked_set_up_and_kept(api: Wire, show: Show, project: dict[str, Any], model: Model) -> None:
    settings = {"title": "A model", "description": "for a scenario", "is_interactive": True, "timeout": 30}
    made = connect(api, project, model, **settings, expect="success")
    show.equal("LS-ML-001", expected=CONNECTED, got=made.json().get("state"), exchange=made)
    asked = [call.endpoint for call in model.calls()]
    set_up = [c.body.get("schema", "") for c in model.calls("setup")]
    prepared = asked[:1] == ["health"] and bool(set_up) and "<Choices" in set_up[0]
    show("LS-ML-002", prepared, expected="health, then setup with the config", got=asked, exchange=made)
    read = api.call("ml.get", id=made.json()["id"])
    show.equal("LS-ML-004", expected=model.version, got=read.json().get("model_version"), exchange=read)
    expected = {"url": model.url, "project": project["id"], **settings}
    got = {name: read.json().get(name) for name in expected}
    show.equal("LS-ML-005", expected=expected, got=got, exchange=read)


@pytest.mark.requirement("LS-ML-003")
@pytest.mark.parametrize("broken", ["health", "setup", "address"])
def test_a_backend_that_does_not_work_is_refused(
    api: Wire, show: Show, project: dict[str, Any], model: Model, broken: str
) -> None:
    if broken != "address":
        model.fail(broken)
    url = "http://127.0.0.1:9/nobody" if broken == "address" else model.url
    exchange = connect(api, project, url)
    rejected(show, "LS-ML-003", exchange)
    left = [b["id"] for b in backends(api, project).json()]
    show.equal("LS-ML-003", expected=[], got=left, exchange=exchange)


@pytest.mark.requirement("LS-ML-006", "LS-ML-007")
def test_backends_are_listed_until_they_are_deleted(
    api: Wire,
    show: Show,
    project: dict[str, Any],
    backend: dict[str, Any],
    new_project: NewProject,
    peers: Peers,
) -> None:
    connect(api, new_project(), peers.ml.model())
    listed = backends(api, project)
    show.equal("LS-ML-006", expected=[backend["id"]], got=[b["id"] for b in listed.json()], exchange=listed)
    api.call("ml.delete", id=backend["id"])
    show.status("LS-ML-007", api.call("ml.get", id=backend["id"], expect=None), *GONE)


@pytest.mark.requirement("LS-ML-008", "LS-ML-044")
def test_a_backend_hears_of_annotations_until_it_is_deleted(
    api: Wire, show: Show, eventually: Eventually, task: dict[str, Any], backend: dict[str, Any], model: Model
) -> None:
    annotate(api, task, REGION)
    calls = eventually(lambda: model.calls("webhook"), until=bool, budget="webhook delivered")
    heard = [c.body.get("action") for c in calls]
    told = heard.count("ANNOTATION_CREATED") == 1
    show("LS-ML-044", told, expected="ANNOTATION_CREATED", got=heard)
    if not heard:
        show.not_measured("a backend that is connected hears nothing, either")
    gone = api.call("ml.delete", id=backend["id"])
    before = len(model.calls())
    annotate(api, task, REGION)
    after = [c.endpoint for c in model.calls()][before:]
    show.equal("LS-ML-008", expected=[], got=after, exchange=gone)


@pytest.mark.requirement("LS-ML-009")
def test_an_update_names_what_it_changes(api: Wire, show: Show, backend: dict[str, Any]) -> None:
    changed = api.call("ml.update", id=backend["id"], json={"title": "Renamed"}, expect=None, deed="without url")
    show.status("LS-ML-009", changed, 200)
    kept = ("url", "project", "is_interactive", "timeout")
    expected = {**{k: backend[k] for k in kept}, "title": "Renamed" if changed.ok else backend["title"]}
    now = api.call("ml.get", id=backend["id"]).json()
    show.equal("LS-ML-009", expected=expected, got={k: now.get(k) for k in expected}, exchange=changed)


@pytest.mark.requirement("LS-ML-010")
def test_a_backend_that_has_gone_is_disconnected(api: Wire, show: Show, backend: dict[str, Any], model: Model) -> None:
    model.fail("health", 503)
    read = api.call("ml.get", id=backend["id"])
    show.equal("LS-ML-010", expected=DISCONNECTED, got=read.json().get("state"), exchange=read)


@pytest.mark.requirement("LS-ML-011", "LS-ML-013")
def test_user_and_password_go_to_the_backend_only(api: Wire, show: Show, project: dict[str, Any], peers: Peers) -> None:
    model = peers.ml.model(basic_auth=(USER, PASSWORD))
    login = {"auth_method": "BASIC_AUTH", "basic_auth_user": USER, "basic_auth_pass": PASSWORD}
    made = connect(api, project, model, **login, expect="success")
    allowed = [call.authorised for call in model.calls()]
    show(
        "LS-ML-011",
        bool(allowed) and all(allowed),
        expected="right login each time",
        got=allowed,
        exchange=made,
    )
    for exchange in (made, api.call("ml.get", id=made.json()["id"]), backends(api, project)):
        told = PASSWORD in exchange.text
        show("LS-ML-013", not told, expected="no password", got="the password", exchange=exchange)
    show.equal("LS-ML-013", expected=True, got=made.json().get("basic_auth_pass_is_set"), exchange=made)


@pytest.mark.requirement("LS-ML-064")
def test_an_update_keeps_the_password(api: Wire, show: Show, project: dict[str, Any], peers: Peers) -> None:
    model = peers.ml.model(basic_auth=(USER, PASSWORD))
    model.lenient = True  # whoever checks the connection without the password finds it working
    login = {"auth_method": "BASIC_AUTH", "basic_auth_user": USER, "basic_auth_pass": PASSWORD}
    made = connect(api, project, model, **login, expect="success").json()
    body = {"url": model.url, "project": project["id"], "title": "Renamed"}
    changed = api.call("ml.update", id=made["id"], json=body)
    before = len(model.calls())
    api.call("ml.list_model_versions", id=made["id"])
    calls = [call.authorised for call in model.calls()][before:]
    if not calls:
        show.not_measured("a model that is asked for its versions hears nothing")
    show("LS-ML-064", all(calls), expected="the login that it was given, each time", got=calls, exchange=changed)


@pytest.mark.requirement("LS-ML-012")
def test_a_wrong_password_is_the_client_s_mistake(api: Wire, show: Show, project: dict[str, Any], peers: Peers) -> None:
    model = peers.ml.model(basic_auth=(USER, PASSWORD))
    login = {"auth_method": "BASIC_AUTH", "basic_auth_user": USER, "basic_auth_pass": "wrong"}
    made = connect(api, project, model, **login)
    told = made.object() or {}
    read = api.call("ml.get", id=told["id"], expect=None) if made.ok and "id" in told else made
    if made.ok and (read.object() or {}).get("state") == DISCONNECTED:
        show("LS-ML-012", holds=True, expected="", got="", exchange=read)
    else:
        rejected(show, "LS-ML-012", made)


@pytest.mark.requirement("LS-ML-014")
def test_versions_are_those_of_the_backend(api: Wire, show: Show, backend: dict[str, Any], model: Model) -> None:
    for versions in (["first", "second", "дрібниця"], ["second", "third"]):
        model.versions = versions
        exchange = api.call("ml.list_model_versions", id=backend["id"])
        show.equal("LS-ML-014", expected=versions, got=exchange.json().get("versions"), exchange=exchange)


@pytest.mark.requirement("LS-ML-065")
def test_a_backend_that_refuses_does_not_refuse_the_client(
    api: Wire, show: Show, backend: dict[str, Any], model: Model
) -> None:
    for refusal in (401, 403):
        model.fail("versions", refusal)
        with api.unchecked():
            answer = api.call("ml.list_model_versions", id=backend["id"], expect=None)
        if not model.calls("versions"):
            show.not_measured("a model that is asked for its versions hears nothing")
        show(
            "LS-ML-065",
            answer.status not in {401, 403},
            expected="anything but what tells the client that its own key is refused",
            got=answer.brief(),
            exchange=answer,
            signature=f"HTTP {answer.status}",
        )


@pytest.mark.requirement("LS-ML-020", "LS-ML-025")
def test_an_interactive_request_goes_there_and_back(
    api: Wire,
    show: Show,
    project: dict[str, Any],
    task: dict[str, Any],
    backend: dict[str, Any],
    model: Model,
) -> None:
    context = {"result": [{"id": "x", "type": "keypoint", "value": {"x": 1.5}}]}
    exchange = api.call("ml.predict_interactive", id=backend["id"], json={"task": task["id"], "context": context})
    sent = [(c.body["tasks"][0]["id"], c.body["params"].get("context")) for c in model.calls("predict")]
    show.equal("LS-ML-020", expected=[(task["id"], context)], got=sent, exchange=exchange)
    data = exchange.json().get("data") or {}
    show.equal("LS-ML-020", expected=[REGION], got=data.get("result"), exchange=exchange)
    show.equal("LS-ML-025", expected=[], got=predictions(api, project), exchange=exchange)


@pytest.mark.requirement("LS-ML-021")
def test_a_backend_that_is_not_interactive_is_not_asked(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], model: Model
) -> None:
    made = connect(api, project, model, is_interactive=False, expect="success").json()
    exchange = api.call("ml.predict_interactive", id=made["id"], json={"task": task["id"]}, expect=None)
    got = len(model.calls("predict"))
    api.call("ml.update", id=made["id"], json={"project": project["id"], "url": model.url, "is_interactive": True})
    api.call("ml.predict_interactive", id=made["id"], json={"task": task["id"]}, expect=None)
    if not model.calls("predict"):
        show.not_measured("a backend that is interactive is not asked, either")
    show.equal("LS-ML-021", expected=0, got=got, exchange=exchange)


@pytest.mark.requirement("LS-ML-022")
def test_a_backend_gets_no_task_of_another_project(
    api: Wire, show: Show, backend: dict[str, Any], new_project: NewProject, imported: Imported, model: Model
) -> None:
    foreign = imported(new_project(), [{"data": {"text": "none of its business"}}])[0]
    exchange = api.call("ml.predict_interactive", id=backend["id"], json={"task": foreign["id"]}, expect=None)
    show.status("LS-ML-022", exchange, 404)
    show.equal("LS-ML-022", expected=0, got=len(model.calls("predict")), exchange=exchange)


@pytest.mark.requirement("LS-ML-023", "LS-ML-024")
@pytest.mark.parametrize("status", [500, 404])
def test_a_backend_that_fails_interactively(
    api: Wire, show: Show, task: dict[str, Any], backend: dict[str, Any], model: Model, status: int
) -> None:
    model.fail("predict", status)
    exchange = api.call("ml.predict_interactive", id=backend["id"], json={"task": task["id"]}, expect=None)
    if exchange.status != 500 and not model.calls("predict"):
        show.not_measured("the backend was not asked: nothing failed there")
    told = exchange.status != 500 and bool(exchange.text) and not exchange.json().get("data")
    show("LS-ML-023", told, expected="an error, and no 500", got=exchange.text[:200], exchange=exchange)
    show("LS-ML-024", not exchange.claims_success, expected="4xx or 5xx", got=exchange.brief(), exchange=exchange)


@pytest.mark.requirement("LS-ML-030")
def test_training_is_asked_for_once(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], backend: dict[str, Any], model: Model
) -> None:
    exchange = api.call("ml.train", id=backend["id"])
    calls = eventually(lambda: model.calls("webhook"), until=bool, budget="webhook delivered")
    asked = [(c.body.get("action"), str((c.body.get("project") or {}).get("id"))) for c in calls]
    show.equal("LS-ML-030", expected=[("START_TRAINING", str(project["id"]))], got=asked, exchange=exchange)


@pytest.mark.requirement("LS-ML-031", "LS-ML-032")
def test_training_that_is_refused_is_told(
    api: Wire, show: Show, project: dict[str, Any], backend: dict[str, Any], model: Model
) -> None:
    model.fail("webhook", 500)
    exchange = api.call("ml.train", id=backend["id"], expect=None)
    told = exchange.response is not None and not exchange.claims_success
    show("LS-ML-031", told, expected="no 2xx", got=exchange.brief(), exchange=exchange)
    listed = backends(api, project)
    states = [(b.get("state"), bool(b.get("error_message"))) for b in listed.json()]
    show.equal("LS-ML-032", expected=[(ERROR, True)], got=states, exchange=listed)


@pytest.mark.requirement("LS-ML-040", "LS-ML-041")
@pytest.mark.usefixtures("backend")
def test_predictions_are_asked_for_and_saved(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported, model: Model
) -> None:
    tasks = imported(project, [{"data": {"text": "x" * n}} for n in (1, 2, 3)])
    exchange = predict_all(api, project)
    made = eventually(
        lambda: predictions(api, project), until=lambda seen: len(seen) >= len(tasks), budget="predictions made"
    )
    expected = [(t["id"], n / 100, model.version, [REGION["value"]]) for n, t in enumerate(tasks, 1)]
    got = [
        (p["task"], p["score"], p["model_version"], [r["value"] for r in p["result"]])
        for p in sorted(made, key=lambda p: p["task"])
    ]
    show.equal("LS-ML-040", expected=expected, got=got, exchange=exchange)
    again = predict_all(api, project)
    show.equal("LS-ML-041", expected=len(expected), got=len(predictions(api, project)), exchange=again)


@pytest.mark.requirement("LS-ML-042")
@pytest.mark.usefixtures("backend", "task")
@pytest.mark.parametrize("status", [500, 404])
def test_predictions_that_fail_leave_nothing(
    api: Wire, show: Show, project: dict[str, Any], model: Model, status: int
) -> None:
    model.fail("predict", status)
    exchange = predict_all(api, project)
    if exchange.status != 500 and not model.calls("predict"):
        show.not_measured("the backend was not asked: nothing failed there")
    show("LS-ML-042", exchange.status != 500, expected="no 500", got=exchange.brief(), exchange=exchange)
    show.equal("LS-ML-042", expected=[], got=predictions(api, project), exchange=exchange)


@pytest.mark.requirement("LS-ML-043")
def test_a_task_is_predicted_when_it_is_opened(
    api: Wire, show: Show, new_project: NewProject, imported: Imported, model: Model
) -> None:
    automatic = new_project(label_config=TEXT_CHOICES, evaluate_predictions_automatically=True)
    task = imported(automatic, [{"data": {"text": "one"}}])[0]
    connect(api, automatic, model, expect="success")
    opened = api.call("tasks.get", id=task["id"])
    listed = list_tasks(api, automatic["id"])[0]
    got = {p["model_version"] for p in [*opened.json().get("predictions", []), *listed.get("predictions", [])]}
    show.equal("LS-ML-043", expected=[model.version], got=sorted(got), exchange=opened)


@pytest.mark.requirement("LS-ML-060")
def test_reading_a_task_asks_nobody(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], model: Model
) -> None:
    connect(api, project, model, expect="success")
    before = len(model.calls("predict"))
    opened = api.call("tasks.get", id=task["id"])
    asked = len(model.calls("predict")) - before
    stored = api.call("predictions.list", query={"task": task["id"]}).json()
    show.equal("LS-ML-060", expected=[0, 0], got=[asked, len(stored)], exchange=opened)
