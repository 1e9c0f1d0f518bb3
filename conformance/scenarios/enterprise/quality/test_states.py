"""States of entities, and how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import NOBODY, REFUSED

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

PUBLISHED = "project_published"
MOST = 10


def history(api: Wire, project: dict[str, Any], **query: object) -> Exchange:
    """The past states of a project."""
    path = {"entity_name": "project", "entity_id": project["id"]}
    return api.call("states.state_history", query={"page_size": 100, **query}, **path)


def states(answer: Exchange) -> list[dict[str, Any]]:
    """The items of a history."""
    items: list[dict[str, Any]] = answer.json()["results"]
    return items


def move(api: Wire, project: dict[str, Any], name: str = PUBLISHED, *, expect: Any = "success") -> Exchange:
    """Move a project to another state."""
    path: dict[str, Any] = {"entity_name": "project", "entity_id": project["id"]}
    return api.call("states.execute_transition", json={"transition_name": name}, expect=expect, **path)


@pytest.mark.requirement("LS-STATE-001", "LS-STATE-002", "LS-STATE-008", "LS-STATE-012")
def test_a_transition_is_remembered(api: Wire, show: Show, project: dict[str, Any], new_project: NewProject) -> None:
    other = new_project()
    before, beside = states(history(api, project, ordering="-created_at")), states(history(api, other))
    moved = move(api, project)
    now = history(api, project, ordering="-created_at")
    newest = states(now)[0]
    told = moved.json()
    got = [told["success"], told["new_state"], told["state_record"]["id"], len(states(now))]
    expected = [True, newest["state"], newest["id"], len(before) + 1]
    show.equal("LS-STATE-001", expected=expected, got=got, exchange=moved)
    me = api.call("users.whoami").json()["id"]
    known = [before[0]["state"]] if before else [None, project["state"]]
    got_ = [newest["transition_name"], newest["triggered_by"]["id"], newest["previous_state"] in known]
    show.equal("LS-STATE-002", expected=[PUBLISHED, me, True], got=got_, exchange=now)
    show.equal("LS-STATE-008", expected=beside, got=states(history(api, other)))
    project_ = api.call("projects.get", id=project["id"])
    show.equal("LS-STATE-012", expected=newest["state"], got=project_.json()["state"], exchange=project_)


@pytest.mark.requirement("LS-STATE-003")
def test_an_unknown_transition_is_refused(api: Wire, show: Show, project: dict[str, Any]) -> None:
    before = states(history(api, project))
    refused = move(api, project, "no_such_transition", expect=None)
    show.status("LS-STATE-003", refused, *REFUSED)
    show.equal("LS-STATE-003", expected=before, got=states(history(api, project)), exchange=refused, signature="moved")


@pytest.mark.requirement("LS-STATE-004", "LS-STATE-005", "LS-STATE-006", "LS-STATE-007")
def test_history_is_found(api: Wire, show: Show, project: dict[str, Any]) -> None:
    move(api, project)
    whole = states(history(api, project))
    newest = next(one for one in whole if one["transition_name"] == PUBLISHED)
    me = newest["triggered_by"]["id"]

    def shown(requirement: str, expected: list[str], **query: object) -> None:
        answer = history(api, project, **query)
        got = sorted(one["id"] for one in states(answer))
        show.equal(requirement, expected=sorted(expected), got=got, exchange=answer, signature=next(iter(query)))

    in_state = [one["id"] for one in whole if one["state"] == newest["state"]]
    for asked in (newest["state"].lower(), newest["state"].upper()):
        shown("LS-STATE-004", in_state, state=asked)
    shown("LS-STATE-004", [], state="NO_SUCH_STATE")
    shown("LS-STATE-005", [newest["id"]], transition_name=PUBLISHED)
    shown("LS-STATE-005", [], transition_name="no_such_transition")
    mine = [one["id"] for one in whole if one["triggered_by"] and one["triggered_by"]["id"] == me]
    shown("LS-STATE-006", mine, triggered_by=me)
    shown("LS-STATE-006", [], triggered_by=NOBODY)
    pages = [history(api, project, page=number + 1, page_size=1) for number in range(len(whole))]
    found = sorted(one["id"] for page in pages for one in states(page))
    got = [found, pages[0].json()["count"]]
    show.equal("LS-STATE-007", expected=[sorted(one["id"] for one in whole), len(whole)], got=got)


@pytest.mark.requirement("LS-STATE-009", "LS-STATE-010", "LS-STATE-011")
def test_states_are_made_anew(api: Wire, show: Show, project: dict[str, Any], eventually: Eventually) -> None:
    made = api.call("states.trigger_backfill", query={"project_id": project["id"]})
    job = made.json()["jobs"][0]["job_id"]
    eventually(
        lambda: api.call("states.get_backfill_status", query={"job_id": job}),
        until=lambda seen: str(seen.json().get("status", "")).upper() in {"COMPLETED", "FAILED"},
        budget="import done",
    )
    by_project = api.call("states.get_backfill_status", query={"project_id": project["id"]})
    listed = api.call("states.list_backfills")
    jobs = [one["job_id"] for one in listed.json()["jobs"]]
    got = [made.json()["jobs_queued"], by_project.json().get("job_id"), job in jobs]
    show.equal("LS-STATE-009", expected=[1, job, True], got=got, exchange=made)
    for _ in range(MOST):
        api.call("states.trigger_backfill", query={"project_id": project["id"]}, expect=None)
    many = api.call("states.list_backfills")
    count = len(many.json()["jobs"])
    show("LS-STATE-010", count <= MOST, expected=f"at most {MOST}", got=count, exchange=many)
    nothing = api.call("states.trigger_backfill", query={"project_id": NOBODY}, expect=None)
    show.status("LS-STATE-011", nothing, 400, 404)
