"""Members of projects, and the roles that they have there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.enterprise.steps import (
    NOBODY,
    REFUSED,
    annotate_as,
    explicit,
    ids,
    members_page,
    named,
)

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive


def put_in(api: Wire, project: dict[str, Any], *users: int) -> None:
    """Put accounts into a project, one by one."""
    for user in users:
        api.call("projects.members.add", id=project["id"], json={"user": user})


def three(staff: Staff) -> list[int]:
    """Three accounts: a reviewer and two annotators."""
    return sorted([staff.reviewer.id, staff.annotator.id, staff.second.id])


def those(found: Exchange, staff: Staff) -> list[int]:
    """Return which of the staff a page has."""
    known = {staff.manager.id, *three(staff)}
    return ids(item for item in found.json()["results"] if item["id"] in known)


@pytest.mark.requirement("LS-STAFF-001")
def test_a_member_is_in_the_project_and_in_no_other(
    api: Wire, show: Show, project: dict[str, Any], new_project: NewProject, staff: Staff
) -> None:
    other = new_project()
    before = [explicit(api, project["id"]), explicit(api, other["id"])]
    put_in(api, project, staff.annotator.id)
    got = [explicit(api, project["id"]), explicit(api, other["id"])]
    show.equal("LS-STAFF-001", expected=[sorted([*before[0], staff.annotator.id]), before[1]], got=got)


@pytest.mark.requirement("LS-STAFF-002")
def test_one_leaves_and_the_others_stay(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    before = explicit(api, project["id"])
    put_in(api, project, *three(staff))
    gone = api.call("projects.members.remove", id=project["id"], query={"user": staff.annotator.id})
    expected = sorted([*before, staff.reviewer.id, staff.second.id])
    show.equal("LS-STAFF-002", expected=expected, got=explicit(api, project["id"]), exchange=gone)


@pytest.mark.requirement("LS-STAFF-003", "LS-STAFF-004", "LS-STAFF-006")
def test_those_included_are_assigned(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    before = explicit(api, project["id"])
    included = [staff.annotator.id, staff.second.id]
    roles = [{"user_id": staff.annotator.id, "role": "RE"}]
    body = {"all": False, "included": included, "roles": roles}
    done = api.call("projects.members.bulk.post", id=project["id"], json=body)
    expected = sorted([*before, *included])
    show.equal("LS-STAFF-003", expected=expected, got=explicit(api, project["id"]), exchange=done)
    show.equal("LS-STAFF-004", expected=2, got=done.json()["assignments"], exchange=done)
    given = api.call("projects.roles.get", id=project["id"])
    got = [[role["user"], role["role"]] for role in given.json()]
    show.equal("LS-STAFF-006", expected=[[staff.annotator.id, "RE"]], got=got, exchange=given)


@pytest.mark.requirement("LS-STAFF-005")
def test_all_who_are_found_are_assigned(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    before = explicit(api, project["id"])
    query = {"search": staff.second.email}
    done = api.call("projects.members.bulk.post", id=project["id"], query=query, json={"all": True})
    expected = sorted([*before, staff.second.id])
    show.equal("LS-STAFF-005", expected=expected, got=explicit(api, project["id"]), exchange=done)


@pytest.mark.requirement("LS-STAFF-007", "LS-STAFF-009")
def test_those_included_are_unassigned(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    before = explicit(api, project["id"])
    put_in(api, project, *three(staff))
    query = {"all": False, "included": named([staff.annotator.id, staff.second.id])}
    done = api.call("projects.members.bulk.delete", id=project["id"], query=query)
    expected = sorted([*before, staff.reviewer.id])
    show.equal("LS-STAFF-007", expected=expected, got=explicit(api, project["id"]), exchange=done)
    show.equal("LS-STAFF-009", expected=2, got=done.json()["unassignments"], exchange=done)


@pytest.mark.requirement("LS-STAFF-008")
def test_those_excluded_stay_assigned(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    put_in(api, project, *three(staff))
    query = {"all": True, "excluded": named([staff.annotator.id])}
    done = api.call("projects.members.bulk.delete", id=project["id"], query=query)
    left = sorted(set(explicit(api, project["id"])) & {*three(staff)})
    show.equal("LS-STAFF-008", expected=[staff.annotator.id], got=left, exchange=done)


@pytest.mark.requirement("LS-STAFF-022")
def test_those_who_match_a_filter_are_unassigned(api: Wire, show: Show, project: dict[str, Any], staff: Staff) -> None:
    before = explicit(api, project["id"])
    put_in(api, project, *three(staff))
    for query, left in (
        ({"search": staff.second.email}, [staff.annotator.id, staff.reviewer.id]),
        ({"role": "AN"}, [staff.reviewer.id]),
    ):
        done = api.call("projects.members.bulk.delete", id=project["id"], query={"all": True, **query})
        expected, got = sorted([*before, *left]), explicit(api, project["id"])
        show.equal("LS-STAFF-022", expected=expected, got=got, exchange=done, signature=next(iter(query)))


@pytest.mark.requirement("LS-STAFF-010", "LS-STAFF-018")
def test_members_are_paged_in_order(api: Wire, show: Show, staffed: dict[str, Any]) -> None:
    everybody = members_page(api, staffed["id"]).json()["results"]
    pages = [
        members_page(api, staffed["id"], page=number + 1, page_size=2, ordering="id")
        for number in range((len(everybody) + 1) // 2)
    ]
    found = [item["id"] for page in pages for item in page.json()["results"]]
    got = [sorted(found), pages[0].json()["count"]]
    show.equal("LS-STAFF-010", expected=[ids(everybody), len(everybody)], got=got, exchange=pages[-1])
    told = [
        [item["email"] for item in members_page(api, staffed["id"], ordering=order).json()["results"]]
        for order in ("email", "-email")
    ]
    in_order = sorted(item["email"] for item in everybody)
    show.equal("LS-STAFF-018", expected=[in_order, in_order[::-1]], got=told)


@pytest.mark.requirement("LS-STAFF-011", "LS-STAFF-012", "LS-STAFF-015", "LS-STAFF-016")
def test_members_are_found(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    project = staffed["id"]
    asked = sorted([staff.second.id, staff.reviewer.id])
    by_id = members_page(api, project, ids=named(asked))
    show.equal("LS-STAFF-011", expected=asked, got=ids(by_id.json()["results"]), exchange=by_id)
    annotators = sorted([staff.annotator.id, staff.second.id])
    by_role = members_page(api, project, role="AN")
    show.equal("LS-STAFF-012", expected=annotators, got=those(by_role, staff), exchange=by_role)
    by_roles = members_page(api, project, role="AN,RE")
    show.equal("LS-STAFF-012", expected=three(staff), got=those(by_roles, staff), exchange=by_roles)
    found = members_page(api, project, search=staff.second.email)
    show.equal("LS-STAFF-015", expected=[staff.second.id], got=ids(found.json()["results"]), exchange=found)
    others = members_page(api, project, no_annotators=True)
    expected = sorted([staff.manager.id, staff.reviewer.id])
    show.equal("LS-STAFF-016", expected=expected, got=those(others, staff), exchange=others)


@pytest.mark.requirement("LS-STAFF-013", "LS-STAFF-014")
def test_the_role_in_the_project_counts(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    body = {"project": staffed["id"], "user": staff.second.id, "role": "RE"}
    api.call("projects.roles.add", json=body)
    reviewers, annotators = members_page(api, staffed["id"], role="RE"), members_page(api, staffed["id"], role="AN")
    expected = [sorted([staff.reviewer.id, staff.second.id]), [staff.annotator.id]]
    show.equal("LS-STAFF-013", expected=expected, got=[those(reviewers, staff), those(annotators, staff)])
    told = {str(item["id"]): item["project_role"] for item in members_page(api, staffed["id"]).json()["results"]}
    show.equal("LS-STAFF-014", expected="RE", got=told[str(staff.second.id)])


@pytest.mark.requirement("LS-STAFF-017")
def test_implicit_members_are_told_apart(
    api: Wire, show: Show, project: dict[str, Any], staff: Staff, workspace: dict[str, Any]
) -> None:
    api.call("workspaces.projects.add", id=workspace["id"], json={"project": project["id"]})
    api.call("workspaces.members.create", id=workspace["id"], json={"user": staff.annotator.id})
    put_in(api, project, staff.second.id)
    got = [those(members_page(api, project["id"], implicit=asked), staff) for asked in (True, False)]
    show.equal("LS-STAFF-017", expected=[[staff.annotator.id], [staff.second.id]], got=got)


@pytest.mark.requirement("LS-STAFF-019")
def test_the_others_are_found_for_it(api: Wire, show: Show, org: int, project: dict[str, Any], staff: Staff) -> None:
    put_in(api, project, staff.annotator.id)
    found = []
    for person in (staff.annotator, staff.second):
        query = {"exclude_project_id": project["id"], "search": person.email}
        listed = api.call("organizations.members.list", id=org, query=query).json()
        found.append([item["user"]["id"] for item in listed["results"]])
    show.equal("LS-STAFF-019", expected=[[], [staff.second.id]], got=found)


@pytest.mark.requirement("LS-STAFF-020")
def test_nobody_is_no_member(api: Wire, show: Show, project: dict[str, Any]) -> None:
    before = explicit(api, project["id"])
    answer = api.call("projects.members.add", id=project["id"], json={"user": NOBODY}, expect=None)
    show.status("LS-STAFF-020", answer, *REFUSED)
    show.equal("LS-STAFF-020", expected=before, got=explicit(api, project["id"]), signature="put in")


@pytest.mark.requirement("LS-STAFF-021")
def test_the_work_of_who_leaves_stays(
    api: Wire, show: Show, staffed: dict[str, Any], imported: Imported, staff: Staff
) -> None:
    task = imported(staffed, [{"data": {"text": "one"}}])[0]
    made = annotate_as(api, staff.annotator, task, "Negative")
    api.call("projects.members.remove", id=staffed["id"], query={"user": staff.annotator.id})
    left = api.call("annotations.get", id=made["id"], expect=None)
    got = [left.json()["result"], left.json()["completed_by"]] if left.ok else left.brief()
    show.equal("LS-STAFF-021", expected=[made["result"], staff.annotator.id], got=got, exchange=left)


def roles(api: Wire, project: dict[str, Any]) -> list[list[object]]:
    """Return who has which role in a project."""
    told = api.call("projects.roles.get", id=project["id"]).json()
    return sorted([role["user"], role["role"]] for role in told)


@pytest.mark.requirement("LS-ROLE-001", "LS-ROLE-002", "LS-ROLE-003", "LS-ROLE-006")
def test_a_role_is_given_and_taken(
    api: Wire, show: Show, org: int, staffed: dict[str, Any], new_project: NewProject, staff: Staff
) -> None:
    other = new_project()
    body = {"project": staffed["id"], "user": staff.annotator.id, "role": "RE"}
    given = api.call("projects.roles.add", json=body)
    told = {name: given.json()[name] for name in body}
    got = [told, roles(api, staffed)]
    show.equal("LS-ROLE-001", expected=[body, [[staff.annotator.id, "RE"]]], got=got, exchange=given)
    listed = api.call("organizations.members.list", id=org, query={"search": staff.annotator.email})
    elsewhere = [roles(api, other), [item["role"] for item in listed.json()["results"]]]
    show.equal("LS-ROLE-002", expected=[[], ["AN"]], got=elsewhere, exchange=listed)
    again = api.call("projects.roles.add", json={**body, "role": "MA"}, expect=None)
    show("LS-ROLE-006", len(roles(api, staffed)) == 1, expected="one role", got=roles(api, staffed), exchange=again)
    for role in api.call("projects.roles.get", id=staffed["id"]).json():
        api.call("projects.roles.remove", id=role["id"])
    show.equal("LS-ROLE-003", expected=[], got=roles(api, staffed))


@pytest.mark.requirement("LS-ROLE-004")
def test_a_role_that_does_not_exist_is_refused(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    body = {"project": staffed["id"], "user": staff.annotator.id, "role": "XX"}
    answer = api.call("projects.roles.add", json=body, expect=None)
    show.status("LS-ROLE-004", answer, *SENSELESS)
    show.equal("LS-ROLE-004", expected=[], got=roles(api, staffed), signature="given")


@pytest.mark.requirement("LS-ROLE-005")
def test_members_are_told_their_own_roles(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    for person, role in ((staff.annotator, "RE"), (staff.second, "MA")):
        api.call("projects.roles.add", json={"project": staffed["id"], "user": person.id, "role": role})
    query = {"ids": staffed["id"]}
    told = api.call("projects.roles.list", query=query, role=staff.annotator.role)
    got = [[one["project"], one["user"], one["role"]] for one in told.json()]
    show.equal("LS-ROLE-005", expected=[[staffed["id"], staff.annotator.id, "RE"]], got=got, exchange=told)
