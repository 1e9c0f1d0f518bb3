"""Webhooks as settings: what is kept, listed, changed and refused."""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS
from conformance.world.addresses import unused

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.contract import Contract
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

SETTINGS: dict[str, Any] = {
    "send_payload": False,
    "send_for_all_actions": False,
    "headers": {"X-Conformance": "yes"},
    "is_active": False,
    "actions": ["TASKS_CREATED"],
}
COMMUNITY = {
    "PROJECT_CREATED",
    "PROJECT_UPDATED",
    "PROJECT_DELETED",
    "TASKS_CREATED",
    "TASKS_DELETED",
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "LABEL_LINK_CREATED",
    "LABEL_LINK_UPDATED",
    "LABEL_LINK_DELETED",
}


@pytest.fixture
def settings(api: Wire) -> dict[str, Any]:
    """Settings of a webhook that delivers nothing, with an address that the target takes."""
    return {"url": unused(api), **SETTINGS}


@pytest.fixture
def webhook(api: Wire, project: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """A webhook of ``project`` that delivers nothing."""
    made: dict[str, Any] = api.call("webhooks.create", json={"project": project["id"], **settings}).json()
    return made


@pytest.mark.requirement("LS-WEBHOOK-001")
def test_a_webhook_is_kept_as_it_was_set(
    api: Wire, show: Show, project: dict[str, Any], webhook: dict[str, Any], settings: dict[str, Any]
) -> None:
    read = api.call("webhooks.get", id=webhook["id"])
    expected = {"project": project["id"], **settings}
    got = {name: read.json().get(name) for name in expected}
    show.equal("LS-WEBHOOK-001", expected=expected, got=got, exchange=read)


@pytest.mark.requirement("LS-WEBHOOK-002")
def test_a_project_lists_its_own_webhooks(
    api: Wire, show: Show, new_project: NewProject, webhook: dict[str, Any], settings: dict[str, Any]
) -> None:
    other = new_project()
    api.call("webhooks.create", json={"project": other["id"], **settings})
    listed = api.call("webhooks.list", query={"project": webhook["project"]})
    show.equal("LS-WEBHOOK-002", expected=[webhook["id"]], got=[w["id"] for w in listed.json()], exchange=listed)


@pytest.mark.requirement("LS-WEBHOOK-003")
def test_a_deleted_webhook_is_gone(api: Wire, show: Show, webhook: dict[str, Any]) -> None:
    api.call("webhooks.delete", id=webhook["id"])
    show.status("LS-WEBHOOK-003", api.call("webhooks.get", id=webhook["id"], expect=None), *GONE)


@pytest.mark.requirement("LS-WEBHOOK-004")
def test_a_webhook_stays_with_its_project(
    api: Wire, show: Show, new_project: NewProject, webhook: dict[str, Any]
) -> None:
    changed = api.call("webhooks.update", id=webhook["id"], json={"project": new_project()["id"]}, expect=None)
    kept = api.call("webhooks.get", id=webhook["id"]).json()["project"]
    show.equal("LS-WEBHOOK-004", expected=webhook["project"], got=kept, exchange=changed)


@pytest.mark.requirement("LS-WEBHOOK-005")
@pytest.mark.parametrize("url", ["", "nowhere", "javascript:alert(1)", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(api: Wire, show: Show, project: dict[str, Any], url: str) -> None:
    body = {**SETTINGS, "project": project["id"], "url": url}
    show.status("LS-WEBHOOK-005", api.call("webhooks.create", json=body, expect=None), *SENSELESS)


@pytest.mark.requirement("LS-WEBHOOK-044")
def test_an_address_that_no_resolver_knows_breaks_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    body = {**SETTINGS, "project": project["id"], "url": api.names.url("nobody")}
    answer = api.call("webhooks.create", json=body, expect=None, deed="a host that no resolver knows")
    show.status("LS-WEBHOOK-044", answer, 201, *SENSELESS)


@pytest.mark.requirement("LS-WEBHOOK-006")
@pytest.mark.parametrize("action", ["TASK_CREATED", "tasks_created", ""])
def test_an_action_that_does_not_exist_is_refused(
    api: Wire, show: Show, project: dict[str, Any], settings: dict[str, Any], action: str
) -> None:
    body = {**settings, "project": project["id"], "actions": [action]}
    show.status("LS-WEBHOOK-006", api.call("webhooks.create", json=body, expect=None), *SENSELESS)


@pytest.mark.requirement("LS-WEBHOOK-007", "LS-WEBHOOK-008")
def test_all_actions_are_described(api: Wire, show: Show, contract: Contract) -> None:
    assert set(contract.document["components"]["schemas"]["ActionsEnum"]["enum"]) >= COMMUNITY
    everything = api.call("webhooks.info")
    missing = COMMUNITY - set(everything.json())
    show.equal("LS-WEBHOOK-007", expected=[], got=sorted(missing), exchange=everything)
    if not everything.json():
        show.not_measured("no action is described")
    for wanted in (True, False):
        some = api.call("webhooks.info", query={"organization-only": wanted})
        expected = {k for k, v in everything.json().items() if v.get("organization-only") is wanted}
        show.equal("LS-WEBHOOK-008", expected=sorted(expected), got=sorted(some.json()), exchange=some)


# what no request can have → settings of a webhook
IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "a header beyond Latin-1": {"headers": {"X-Team": "Команда"}},
    "a header with a line break": {"headers": {"X-Team": "a\nb"}},
    "a length of the body": {"headers": {"Content-Length": "1"}},
}


@pytest.mark.requirement("LS-WEBHOOK-045")
def test_a_webhook_that_is_taken_delivers(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], peers: Peers
) -> None:
    inboxes = {case: peers.webhooks.inbox() for case in IMPOSSIBLE}
    plain = peers.webhooks.inbox()
    api.call("webhooks.create", json={"project": project["id"], "url": plain.url})
    taken = {
        case: api.call(
            "webhooks.create", json={"project": project["id"], "url": inboxes[case].url, **settings}, expect=None
        )
        for case, settings in IMPOSSIBLE.items()
    }
    # one event after the other: who is told of none of three, of which somebody else is told each time, is told nothing
    for number in range(3):
        api.call("tasks.create", json={"project": project["id"], "data": {"text": "a"}})
        eventually(lambda: len(plain.deliveries()), until=partial(operator.lt, number), budget="webhook delivered")
    for case, made in taken.items():
        heard = len(inboxes[case].deliveries())
        show(
            "LS-WEBHOOK-045",
            made.rejected or heard > 0,
            expected="a 4xx, or deliveries",
            got=f"{made.brief()}, {heard} deliveries",
            exchange=made,
            signature=case,
        )
