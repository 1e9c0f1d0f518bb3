"""Pauses: an annotator is kept from working on one project for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import annotate_as, choice, ids
from conformance.scenarios.steps import import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.scenarios.enterprise.work.conftest import Work
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive


def pause(api: Wire, project: int, user: int, *, expect: Any = "success") -> Exchange:
    """Pause somebody in a project."""
    path: dict[str, Any] = {"project_pk": project, "user_pk": user}
    return api.call("projects.pauses.create", **path, json={"reason": "MANUAL"}, expect=expect)


def pauses(api: Wire, project: int, user: int, **query: object) -> list[dict[str, Any]]:
    """The pauses of somebody in a project."""
    path: dict[str, Any] = {"project_pk": project, "user_pk": user}
    listed: list[dict[str, Any]] = api.call("projects.pauses.list", **path, query=query).json()
    return listed


def elsewhere(api: Wire, new_project: NewProject, staff: Staff) -> int:
    """Another project that the annotators are members of."""
    project: int = new_project(is_published=True, is_draft=False)["id"]
    for person in (staff.annotator, staff.second):
        api.call("projects.members.add", id=project, json={"user": person.id})
    return project


@pytest.mark.requirement("LS-PAUSE-001", "LS-PAUSE-003", "LS-PAUSE-008")
def test_a_pause_is_one_member_s_in_one_project(
    api: Wire, show: Show, staffed: dict[str, Any], new_project: NewProject, staff: Staff
) -> None:
    there = elsewhere(api, new_project, staff)
    places = [(staffed["id"], staff.annotator.id), (staffed["id"], staff.second.id), (there, staff.annotator.id)]
    made = [pause(api, *place).json()["id"] for place in places]
    got = [ids(pauses(api, *place)) for place in places]
    show.equal("LS-PAUSE-001", expected=[[one] for one in made], got=got)
    me = api.call("users.whoami").json()["id"]
    read = api.call("projects.pauses.get", project_pk=staffed["id"], user_pk=staff.annotator.id, id=made[0])
    told = [read.json()["paused_by"]["id"], read.json()["user"], read.json()["project"]]
    show.equal("LS-PAUSE-003", expected=[me, staff.annotator.id, staffed["id"]], got=told, exchange=read)
    for project, user in places[1:]:
        answer = api.call("projects.pauses.get", project_pk=project, user_pk=user, id=made[0], expect=None)
        show.status("LS-PAUSE-008", answer, 404)


@pytest.mark.requirement("LS-PAUSE-002")
def test_an_ended_pause_is_kept_in_mind(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    place = (staffed["id"], staff.annotator.id)
    first, second = pause(api, *place).json()["id"], pause(api, *place).json()["id"]
    api.call("projects.pauses.delete", project_pk=place[0], user_pk=place[1], id=first)
    me = api.call("users.whoami").json()["id"]
    whole = pauses(api, *place, include_deleted=True)
    ended = {str(one["id"]): [bool(one["deleted_at"]), one["deleted_by"]] for one in whole}
    got = [ids(pauses(api, *place)), ended]
    expected = [[second], {str(first): [True, me], str(second): [False, None]}]
    show.equal("LS-PAUSE-002", expected=expected, got=got)


@pytest.mark.requirement("LS-PAUSE-004", "LS-PAUSE-005", "LS-PAUSE-006", "LS-PAUSE-007")
def test_who_is_paused_works_elsewhere(
    api: Wire, show: Show, work: Work, new_project: NewProject, staff: Staff
) -> None:
    other = import_tasks(api, elsewhere(api, new_project, staff), [{"data": {"text": "elsewhere"}}])[0]
    task = import_tasks(api, work.project, [{"data": {"text": "one more"}}])[0]
    made = pause(api, work.project, staff.annotator.id).json()["id"]
    who, body = staff.annotator.role, {"result": [choice("Positive")]}
    refused = api.call("annotations.create", id=task["id"], json=body, role=who, expect=None)
    show("LS-PAUSE-004", 400 <= refused.status < 500, expected="4xx", got=refused.brief(), exchange=refused)
    there = api.call("annotations.create", id=other["id"], json=body, role=who, expect=None)
    show.status("LS-PAUSE-005", there, 201)
    kept = api.call("annotations.get", id=work.annotations[0]["id"], expect=None)
    got = kept.json()["result"] if kept.ok else kept.brief()
    show.equal("LS-PAUSE-007", expected=work.annotations[0]["result"], got=got, exchange=kept)
    api.call("projects.pauses.delete", project_pk=work.project, user_pk=staff.annotator.id, id=made)
    again = api.call("annotations.create", id=task["id"], json=body, role=who, expect=None)
    show.status("LS-PAUSE-006", again, 201)


@pytest.mark.requirement("LS-PAUSE-005")
def test_others_go_on(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    pause(api, work.project, staff.annotator.id)
    task = import_tasks(api, work.project, [{"data": {"text": "one more"}}])[0]
    made = annotate_as(api, staff.second, task, "Positive")
    show.equal("LS-PAUSE-005", expected=staff.second.id, got=made["completed_by"], signature="others")
