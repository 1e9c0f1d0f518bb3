"""What webhooks deliver: each event once, to whom it concerns, with what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, import_tasks, list_tasks
from conformance.scenarios.webhooks.listening import Ear, hook, ids
from conformance.world.addresses import PROTECTED, UNUSED, takes

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SLOW = 10.0


@pytest.fixture
def ear(api: Wire, peers: Peers, eventually: Eventually, project: dict[str, Any]) -> Ear:
    """Listens to every event of ``project``."""
    inbox = peers.webhooks.inbox()
    hook(api, project, inbox)
    return Ear(api, eventually, project["id"], inbox)


@pytest.mark.requirement("LS-WEBHOOK-020", "LS-WEBHOOK-030", "LS-WEBHOOK-031")
def test_a_change_of_the_project_is_delivered(api: Wire, show: Show, project: dict[str, Any], ear: Ear) -> None:
    title = f"{project['title']} renamed"
    cause = api.call("projects.update", id=project["id"], json={"title": title})
    payloads = ear.of("PROJECT_UPDATED")
    show.equal("LS-WEBHOOK-020", expected=[title], got=[p["project"]["title"] for p in payloads], exchange=cause)
    delivery = ear.heard()[0]
    form = (delivery.method, delivery.headers.get("content-type", "").partition(";")[0])
    show.equal("LS-WEBHOOK-030", expected=("POST", "application/json"), got=form, exchange=cause)
    named = [(p["action"], p["project"]["id"]) for p in payloads]
    show.equal("LS-WEBHOOK-031", expected=[("PROJECT_UPDATED", project["id"])], got=named, exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-021", "LS-WEBHOOK-023", "LS-WEBHOOK-031")
def test_a_task_comes_and_goes(api: Wire, show: Show, project: dict[str, Any], ear: Ear) -> None:
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "one"}})
    task = cause.json()["id"]
    created = ear.of("TASKS_CREATED")
    show.equal("LS-WEBHOOK-021", expected=[task], got=ids(created, "tasks"), exchange=cause)
    places = [p.get("project", {}).get("id") for p in created]
    show.equal("LS-WEBHOOK-031", expected=[project["id"]], got=places, exchange=cause)
    cause = api.call("tasks.delete", id=task)
    show.equal("LS-WEBHOOK-023", expected=[task], got=ids(ear.of("TASKS_DELETED"), "tasks"), exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-022", "LS-WEBHOOK-024")
def test_tasks_come_and_go_in_bulk(api: Wire, show: Show, project: dict[str, Any], ear: Ear) -> None:
    made = import_tasks(api, project["id"], [{"data": {"text": f"task {n}"}} for n in range(130)])
    expected = sorted(task["id"] for task in made)
    show.equal("LS-WEBHOOK-022", expected=expected, got=ids(ear.of("TASKS_CREATED"), "tasks"))
    cause = act(api, "delete_tasks", project["id"])
    show.equal("LS-WEBHOOK-024", expected=expected, got=ids(ear.of("TASKS_DELETED"), "tasks"), exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-025", "LS-WEBHOOK-026", "LS-WEBHOOK-027", "LS-WEBHOOK-046")
def test_an_annotation_comes_changes_and_goes(api: Wire, show: Show, task: dict[str, Any], ear: Ear) -> None:
    annotation = annotate(api, task, choice("Positive"))
    seen = [
        (p["annotation"]["id"], p["annotation"]["result"], p.get("task", {}).get("id"))
        for p in ear.of("ANNOTATION_CREATED")
    ]
    expected = [(annotation["id"], [choice("Positive")], task["id"])]
    show.equal("LS-WEBHOOK-025", expected=stripped(expected), got=stripped(seen))

    cause = api.call("annotations.update", id=annotation["id"], json={"result": [choice("Negative")]})
    changed = [(p["annotation"]["id"], p["annotation"]["result"]) for p in ear.of("ANNOTATION_UPDATED")]
    expected_change = [(annotation["id"], [choice("Negative")])]
    show.equal("LS-WEBHOOK-026", expected=stripped(expected_change), got=stripped(changed), exchange=cause)

    cause = api.call("annotations.delete", id=annotation["id"])
    told = ear.of("ANNOTATIONS_DELETED")
    show.equal("LS-WEBHOOK-027", expected=[annotation["id"]], got=ids(told, "annotations"), exchange=cause)
    places = [p.get("task", {}).get("id") or a.get("task") for p in told for a in p.get("annotations", [])]
    show.equal("LS-WEBHOOK-046", expected=[task["id"]], got=places, exchange=cause)


def stripped(seen: list[Any]) -> list[Any]:
    """Of each result only what was sent: servers add to regions (``origin``)."""
    kept = ("from_name", "to_name", "type", "value")
    return [
        [[{k: r.get(k) for k in kept} for r in part] if isinstance(part, list) else part for part in row]
        for row in seen
    ]


@pytest.mark.requirement("LS-WEBHOOK-028")
def test_imported_annotations_are_delivered(api: Wire, show: Show, project: dict[str, Any], ear: Ear) -> None:
    annotated = {"data": {"text": "done"}, "annotations": [{"result": [choice("Positive")]}]}
    made = import_tasks(api, project["id"], [annotated])
    show.equal("LS-WEBHOOK-028", expected=annotation_ids(made), got=created_annotations(ear))


@pytest.mark.requirement("LS-WEBHOOK-039")
def test_annotations_from_predictions_are_delivered(api: Wire, show: Show, project: dict[str, Any], ear: Ear) -> None:
    predicted = {
        "data": {"text": "?"},
        "predictions": [{"model_version": "1", "result": [choice("Positive")]}],
    }
    import_tasks(api, project["id"], [predicted, predicted])
    cause = act(api, "predictions_to_annotations", project["id"])
    expected = annotation_ids(list_tasks(api, project["id"]))
    assert expected, f"no annotation was made: {cause.brief()}"
    show.equal("LS-WEBHOOK-039", expected=expected, got=created_annotations(ear), exchange=cause)


def annotation_ids(tasks: list[dict[str, Any]]) -> list[int]:
    """The ids of all annotations of these tasks."""
    return sorted(annotation["id"] for task in tasks for annotation in task["annotations"])


def created_annotations(ear: Ear) -> list[int]:
    """The ids of all annotations whose creation was delivered, one by one or several at a time."""
    named = [p["annotation"] for p in ear.of("ANNOTATIONS_CREATED") + ear.of("ANNOTATION_CREATED")]
    return sorted(a["id"] for part in named for a in (part if isinstance(part, list) else [part]))


@pytest.mark.requirement("LS-WEBHOOK-032", "LS-WEBHOOK-033", "LS-WEBHOOK-037")
def test_each_webhook_gets_what_it_asked_for(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], ear: Ear
) -> None:
    brief = peers.webhooks.inbox()
    hook(api, project, brief, send_payload=False, headers={"X-Conformance": "a secret of the receiver"})
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "one"}})
    full, short = ear.heard(), [d for d in ear.heard(of=brief) if b"TASKS_CREATED" in d.body]
    bodies = [d.json() for d in short]
    show.equal("LS-WEBHOOK-032", expected=[{"action": "TASKS_CREATED"}], got=bodies, exchange=cause)
    headers = [d.headers.get("x-conformance") for d in short]
    show.equal("LS-WEBHOOK-033", expected=["a secret of the receiver"], got=headers, exchange=cause)
    counted = (len([d for d in full if b"TASKS_CREATED" in d.body]), len(short))
    show.equal("LS-WEBHOOK-037", expected=(1, 1), got=counted, exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-034", "LS-WEBHOOK-035", "LS-WEBHOOK-036")
def test_a_webhook_gets_nothing_that_it_is_not_set_to(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], new_project: NewProject, ear: Ear
) -> None:
    chosen, inactive, elsewhere = (peers.webhooks.inbox() for _ in range(3))
    hook(api, project, chosen, send_for_all_actions=False, actions=["TASKS_DELETED"])
    sleeper = hook(api, project, inactive, is_active=False)
    hook(api, new_project(), elsewhere)
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "one"}})
    api.call("tasks.delete", id=cause.json()["id"])
    heard = [d.json()["action"] for d in ear.heard(of=chosen)]
    show.equal("LS-WEBHOOK-034", expected=["TASKS_DELETED"], got=heard, exchange=cause)
    if heard:  # who hears nothing where it should shows nothing where it should not
        show.equal("LS-WEBHOOK-035", expected=0, got=len(ear.heard(of=inactive)), exchange=cause)
        show.equal("LS-WEBHOOK-036", expected=0, got=len(ear.heard(of=elsewhere)), exchange=cause)

    api.call("webhooks.update", id=sleeper["id"], json={"url": inactive.url, "is_active": True})
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "two"}})
    woken = [d.json()["action"] for d in ear.heard(of=inactive)]
    show.equal("LS-WEBHOOK-035", expected=["TASKS_CREATED"], got=woken, exchange=cause)
    if not heard:
        show.not_measured("a webhook gets nothing of what it is set to, either")


@pytest.mark.requirement("LS-WEBHOOK-003", "LS-WEBHOOK-038")
def test_a_webhook_moves_and_ends(api: Wire, show: Show, peers: Peers, project: dict[str, Any], ear: Ear) -> None:
    before, after = peers.webhooks.inbox(), peers.webhooks.inbox()
    moving = hook(api, project, before)
    api.call("webhooks.update", id=moving["id"], json={"url": after.url})
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "one"}})
    counted = (len(ear.heard(of=before)), len(ear.heard(of=after)))
    show.equal("LS-WEBHOOK-038", expected=(0, 1), got=counted, exchange=cause)
    api.call("webhooks.delete", id=moving["id"])
    cause = api.call("tasks.create", json={"project": project["id"], "data": {"text": "two"}})
    show.equal("LS-WEBHOOK-003", expected=1, got=len(ear.heard(of=after)), exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-040", "LS-WEBHOOK-042")
@pytest.mark.parametrize("status", [500, 404, 410, 301])
def test_a_failing_receiver_is_its_own_problem(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], ear: Ear, status: int
) -> None:
    hook(api, project, peers.webhooks.inbox(status=status))
    show.status("LS-WEBHOOK-040", created(api, project), 201)
    heard = len(ear.of("TASKS_CREATED"))
    show("LS-WEBHOOK-042", heard == 1, expected="one delivery to the other receiver", got=heard)


@pytest.mark.requirement("LS-WEBHOOK-043")
def test_a_receiver_that_failed_hears_of_the_next_event(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], ear: Ear
) -> None:
    failing = peers.webhooks.inbox(status=500)
    hook(api, project, failing, send_for_all_actions=False, actions=["TASKS_CREATED"])
    created(api, project)
    ear.heard()
    before = len(failing.deliveries())
    failing.behave(status=200)
    cause = created(api, project)
    heard = ids([d.json() for d in ear.heard(of=failing)[before:]], "tasks")
    if not cause.ok:
        show.not_measured("no task was created: there was no next event")
    wanted = [cause.json()["id"]]
    got = [task for task in heard if task in wanted]  # a delivery that failed may well come again
    show.equal("LS-WEBHOOK-043", expected=wanted, got=got, exchange=cause)


@pytest.mark.requirement("LS-WEBHOOK-040", "LS-WEBHOOK-041")
def test_a_slow_receiver_holds_nobody_up(api: Wire, show: Show, peers: Peers, project: dict[str, Any]) -> None:
    inbox = peers.webhooks.inbox(delay=SLOW)
    hook(api, project, inbox)
    exchange = created(api, project)
    inbox.behave(delay=0.0)
    show.status("LS-WEBHOOK-040", exchange, 201)
    took = exchange.response.elapsed if exchange.response else SLOW
    show("LS-WEBHOOK-041", took < SLOW / 2, expected="less than 5 s", got=f"{took:.1f} s", exchange=exchange)


@pytest.mark.requirement("LS-WEBHOOK-040")
def test_a_receiver_that_is_not_there_fails_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    if not takes(api, UNUSED[0]):
        show.not_measured(PROTECTED)
    api.call("webhooks.create", json={"project": project["id"], "url": UNUSED[0]})
    show.status("LS-WEBHOOK-040", created(api, project), 201)


def created(api: Wire, project: dict[str, Any]) -> Exchange:
    """An event: a task is created."""
    body = {"project": project["id"], "data": {"text": "one"}}
    return api.call("tasks.create", json=body, expect=None)


@pytest.mark.destructive
@pytest.mark.requirement("LS-WEBHOOK-009", "LS-WEBHOOK-010")
def test_the_organisation_hears_of_its_projects(
    api: Wire, show: Show, peers: Peers, eventually: Eventually, new_project: NewProject
) -> None:
    inbox = peers.webhooks.inbox()
    made = api.call("webhooks.create", json={"url": inbox.url}, expect=None)
    if not show.status("LS-WEBHOOK-009", made, 201):
        show.blocked("LS-WEBHOOK-009", "a webhook of the organisation can't be made")
    project = new_project()["id"]
    api.call("projects.delete", id=project)
    wanted = [("PROJECT_CREATED", project), ("PROJECT_DELETED", project)]
    seen = eventually(inbox.deliveries, until=lambda d: len(d) >= len(wanted), budget="webhook delivered")
    got = [(d.json()["action"], d.json().get("project", {}).get("id")) for d in seen]
    show.equal("LS-WEBHOOK-010", expected=wanted, got=got, exchange=made)
