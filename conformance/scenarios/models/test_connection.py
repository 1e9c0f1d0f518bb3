"""Connections to models: moved to another address, asked again, and made by somebody else than the project."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import needs_legacy
from conformance.scenarios.checks import show_none
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import act, annotate, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.mark.requirement("LS-ML-056", "LS-ML-057")
def test_a_model_that_moved_is_told_where_it_is(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], task: dict[str, Any], peers: Peers
) -> None:
    old, new = peers.ml.model(), peers.ml.model()
    backend = api.call("ml.create", json={"project": project["id"], "url": old.url}).json()["id"]
    moved = api.call("ml.update", id=backend, json={"project": project["id"], "url": new.url})
    before = len(old.calls())
    annotate(api, task, choice("Positive"))
    eventually(lambda: [*new.calls("webhook"), *old.calls()[before:]], until=bool, budget="webhook delivered")
    heard = {name: [c.endpoint for c in calls] for name, calls in (("old", old.calls()[before:]), ("new", new.calls()))}
    show.equal("LS-ML-057", expected=1, got=heard["new"].count("webhook"), exchange=moved)
    show_none("LS-ML-056", show, moved, heard["old"], among=[*heard["old"], *heard["new"]])


@pytest.mark.requirement("LS-ML-058")
@pytest.mark.parametrize("case", ["set by hand", "told with each prediction"])
def test_a_version_predicts_each_task_once(
    api: Wire, show: Show, project: dict[str, Any], peers: Peers, case: str
) -> None:
    """Where the version of a backend is not the one that its set-up tells."""
    by_hand = case == "set by hand"
    told = {} if by_hand else {"model_version": "of the prediction"}
    model = peers.ml.model(predictor=lambda _task, _context: {"result": [choice("Positive")], "score": 0.5, **told})
    tasks = import_tasks(api, project["id"], [{"text": "a"}, {"text": "b"}])
    settings = {"auto_update": False, "model_version": model.version} if by_hand else {}
    api.call("ml.create", json={"project": project["id"], "url": model.url, **settings})
    for _ in range(2):
        asked = act(api, "retrieve_tasks_predictions", project["id"])
    made = [sorted(str(p["model_version"]) for p in task["predictions"]) for task in list_tasks(api, project["id"])]
    once = all(versions and len(set(versions)) == len(versions) for versions in made)
    show(
        "LS-ML-058",
        once and len(made) == len(tasks),
        expected="a prediction of each version at each task",
        got=made,
        exchange=asked,
        signature=case,
    )


@pytest.mark.requirement("LS-KEYS-023")
def test_a_model_gets_no_key_of_somebody_else(
    api: Wire, show: Show, new_name: Callable[[str], str], peers: Peers, member: Account, other_member: Account
) -> None:
    """Whoever connects a model decides where requests to it go: what is sent there is theirs."""
    model = peers.ml.model()
    described = {"title": new_name("connected"), "label_config": TEXT_CHOICES}
    project = api.call("projects.create", json=described, role=member.role).json()["id"]
    body = {"project": project, "url": model.url}
    made = api.call("ml.create", json=body, role=other_member.role, expect=None)
    if not model.calls():
        show.not_measured(f"a model that is connected hears nothing: {made.brief()}")
    theirs = hashlib.sha256(needs_legacy(member).encode()).hexdigest()
    show(
        "LS-KEYS-023",
        theirs not in {call.key for call in model.calls()},
        expected="no key, or one of the person who connects the model",
        got="the legacy token of the person who created the project",
        exchange=made,
    )


@pytest.mark.requirement("LS-ML-059")
def test_a_model_of_two_projects_is_deleted_from_one(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, peers: Peers
) -> None:
    model, places = peers.ml.model(), [new_project()["id"] for _ in range(2)]
    tasks = [import_tasks(api, place, [{"text": "a"}])[0] for place in places]
    made = [api.call("ml.create", json={"project": place, "url": model.url}).json()["id"] for place in places]
    gone = api.call("ml.delete", id=made[0])
    before = len(model.calls("webhook"))
    annotate(api, tasks[1], choice("Positive"))
    calls = eventually(lambda: model.calls("webhook")[before:], until=bool, budget="webhook delivered")
    heard = [str((c.body.get("project") or {}).get("id")) for c in calls]
    show.equal("LS-ML-059", expected=[str(places[1])], got=heard, exchange=gone)
    there = [len(api.call("ml.list", query={"project": place}).json()) for place in places]
    show.equal("LS-ML-059", expected=[0, 1], got=there, exchange=gone)


WAYS_TO_WRITE = {"a slash": "/", "a query": "?key=of-the-model", "a slash and a query": "/?key=of-the-model"}


@pytest.mark.requirement("LS-ML-061")
@pytest.mark.parametrize("case", WAYS_TO_WRITE)
def test_a_model_is_asked_below_its_whole_address(
    api: Wire, show: Show, project: dict[str, Any], peers: Peers, case: str
) -> None:
    model = peers.ml.model()
    body = {"project": project["id"], "url": model.url + WAYS_TO_WRITE[case]}
    made = api.call("ml.create", json=body, expect=None)
    asked = sorted({call.endpoint for call in model.calls()})
    show(
        "LS-ML-061",
        asked == ["health", "setup"],
        expected="health and setup are asked for below the address",
        got=f"{made.brief()}: {made.text[:160]}; asked: {asked}",
        exchange=made,
        signature=f"{case}: asked for {' and '.join(asked) or 'nothing'}",
    )


@pytest.mark.requirement("LS-ML-062")
@pytest.mark.usefixtures("task")
def test_a_password_is_told_to_no_other_host(api: Wire, show: Show, project: dict[str, Any], peers: Peers) -> None:
    login = ("conformance", "a pass phrase of the model")
    old, new = peers.ml.model(basic_auth=login), peers.ml.model(basic_auth=login)
    new.lenient = True
    body = {"auth_method": "BASIC_AUTH", "basic_auth_user": login[0], "basic_auth_pass": login[1]}
    elsewhere = new.url.replace("//127.0.0.1:", "//localhost:")
    if elsewhere == new.url:
        show.not_measured("this machine has one name only for the target")
    backend = api.call("ml.create", json={"project": project["id"], "url": old.url, **body}).json()["id"]
    if not any(call.authorised for call in old.calls()):
        show.not_measured("the password is not sent to the model that it was given for")
    moved = api.call("ml.update", id=backend, json={"project": project["id"], "url": elsewhere}, expect=None)
    act(api, "retrieve_tasks_predictions", project["id"], expect=None)
    told = sorted({call.endpoint for call in new.calls() if call.authorised})
    show(
        "LS-ML-062",
        not told,
        expected="no password there",
        got=f"{moved.brief()}, and the password with {', '.join(told) or 'nothing'}",
        exchange=moved,
    )
