"""Workspaces: their members and their projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import NOBODY, REFUSED, ids, named
from conformance.scenarios.steps import import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.conftest import NewWorkspace
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

MOST = 100
"""People of an organisation that are excluded by their names, at most."""


def members(api: Wire, workspace: dict[str, Any]) -> list[int]:
    """The ids of a workspace's members."""
    listed = api.call("workspaces.members.list", id=workspace["id"]).json()
    return sorted(item["user"]["id"] for item in listed)


def put_in(api: Wire, workspace: dict[str, Any], *users: int) -> None:
    """Put accounts into a workspace, one by one."""
    for user in users:
        api.call("workspaces.members.create", id=workspace["id"], json={"user": user})


def people(staff: Staff) -> list[int]:
    """Three accounts."""
    return sorted([staff.reviewer.id, staff.annotator.id, staff.second.id])


@pytest.mark.requirement("LS-WORKSPACE-001", "LS-WORKSPACE-022")
def test_a_member_is_in_the_workspace_and_in_no_other(
    api: Wire, show: Show, workspace: dict[str, Any], new_workspace: NewWorkspace, staff: Staff
) -> None:
    other = new_workspace()
    before = [members(api, workspace), members(api, other)]
    put_in(api, workspace, staff.annotator.id)
    joined = sorted([*before[0], staff.annotator.id])
    show.equal("LS-WORKSPACE-001", expected=[joined, before[1]], got=[members(api, workspace), members(api, other)])
    again = {"user": staff.annotator.id}
    answer = api.call("workspaces.members.create", id=workspace["id"], json=again, expect=None)
    show.equal("LS-WORKSPACE-022", expected=joined, got=members(api, workspace), exchange=answer)


@pytest.mark.requirement("LS-WORKSPACE-002")
def test_one_leaves_and_the_others_stay(api: Wire, show: Show, workspace: dict[str, Any], staff: Staff) -> None:
    before = members(api, workspace)
    put_in(api, workspace, *people(staff))
    api.call("workspaces.members.delete", id=workspace["id"], query={"user_id": staff.annotator.id})
    expected = sorted([*before, staff.reviewer.id, staff.second.id])
    show.equal("LS-WORKSPACE-002", expected=expected, got=members(api, workspace))


@pytest.mark.requirement("LS-WORKSPACE-003", "LS-WORKSPACE-004")
def test_those_included_are_assigned(api: Wire, show: Show, workspace: dict[str, Any], staff: Staff) -> None:
    before = members(api, workspace)
    included = [staff.annotator.id, staff.second.id]
    body = {"all": False, "included": included}
    done = api.call("workspaces.members.bulk.post", id=workspace["id"], json=body)
    show.equal("LS-WORKSPACE-003", expected=sorted([*before, *included]), got=members(api, workspace), exchange=done)
    show.equal("LS-WORKSPACE-004", expected=2, got=done.json()["assignments"], exchange=done)


@pytest.mark.requirement("LS-WORKSPACE-024")
def test_those_excluded_are_not_assigned(
    api: Wire, show: Show, org: int, workspace: dict[str, Any], staff: Staff
) -> None:
    listed = api.call("organizations.members.list", id=org, query={"page_size": MOST}).json()
    wanted = {staff.annotator.id, staff.second.id}
    others = {item["user"]["id"] for item in listed["results"]} - wanted
    if listed["count"] > len(listed["results"]):
        show.not_measured("there are too many people to exclude all but two")
    before = members(api, workspace)
    body = {"all": True, "excluded": sorted(others)}
    done = api.call("workspaces.members.bulk.post", id=workspace["id"], json=body)
    now = set(members(api, workspace)) & {*people(staff), *before}
    show.equal("LS-WORKSPACE-024", expected=sorted({*before, *wanted}), got=sorted(now), exchange=done)


@pytest.mark.requirement("LS-WORKSPACE-005", "LS-WORKSPACE-007")
def test_those_included_are_unassigned(api: Wire, show: Show, workspace: dict[str, Any], staff: Staff) -> None:
    before = members(api, workspace)
    put_in(api, workspace, *people(staff))
    query = {"all": False, "included": named([staff.annotator.id, staff.second.id])}
    done = api.call("workspaces.members.bulk.delete", id=workspace["id"], query=query)
    left = members(api, workspace)
    show.equal("LS-WORKSPACE-005", expected=sorted([*before, staff.reviewer.id]), got=left, exchange=done)
    show.equal("LS-WORKSPACE-007", expected=2, got=done.json()["unassignments"], exchange=done)


@pytest.mark.requirement("LS-WORKSPACE-006")
def test_those_excluded_stay_assigned(api: Wire, show: Show, workspace: dict[str, Any], staff: Staff) -> None:
    put_in(api, workspace, *people(staff))
    query = {"all": True, "excluded": named([staff.annotator.id])}
    done = api.call("workspaces.members.bulk.delete", id=workspace["id"], query=query)
    left = set(members(api, workspace)) & {*people(staff)}
    show.equal("LS-WORKSPACE-006", expected=[staff.annotator.id], got=sorted(left), exchange=done)


@pytest.mark.requirement("LS-WORKSPACE-023")
def test_those_who_match_a_filter_are_unassigned(
    api: Wire, show: Show, workspace: dict[str, Any], staff: Staff
) -> None:
    before = members(api, workspace)
    put_in(api, workspace, *people(staff))
    for query, left in (
        ({"search": staff.second.email}, [staff.annotator.id, staff.reviewer.id]),
        ({"ids": named([staff.annotator.id])}, [staff.reviewer.id]),
    ):
        done = api.call("workspaces.members.bulk.delete", id=workspace["id"], query={"all": True, **query})
        expected, got = sorted([*before, *left]), members(api, workspace)
        show.equal("LS-WORKSPACE-023", expected=expected, got=got, exchange=done, signature=next(iter(query)))


@pytest.mark.requirement("LS-WORKSPACE-008", "LS-WORKSPACE-009", "LS-WORKSPACE-010")
def test_members_are_paged_and_found(api: Wire, show: Show, workspace: dict[str, Any], staff: Staff) -> None:
    put_in(api, workspace, *people(staff))
    expected = members(api, workspace)

    def page(**query: object) -> Exchange:
        return api.call("workspaces.members.paginated.list", id=workspace["id"], query=query)

    pages = [page(page=number + 1, page_size=1) for number in range(len(expected))]
    found = ids(item for one in pages for item in one.json()["results"])
    got = [found, pages[0].json()["count"]]
    show.equal("LS-WORKSPACE-008", expected=[expected, len(expected)], got=got, exchange=pages[-1])
    asked = sorted([staff.second.id, staff.reviewer.id])
    some = page(ids=named(asked))
    show.equal("LS-WORKSPACE-009", expected=asked, got=ids(some.json()["results"]), exchange=some)
    one = page(search=staff.second.email)
    show.equal("LS-WORKSPACE-010", expected=[staff.second.id], got=ids(one.json()["results"]), exchange=one)


def projects(api: Wire, workspace: dict[str, Any]) -> list[int]:
    """The ids of a workspace's projects."""
    return ids(api.call("workspaces.projects.list", id=workspace["id"]).json())


@pytest.mark.requirement("LS-WORKSPACE-011", "LS-WORKSPACE-012", "LS-WORKSPACE-015")
def test_a_project_comes_and_goes(api: Wire, show: Show, workspace: dict[str, Any], new_project: NewProject) -> None:
    first, second = new_project()["id"], new_project()["id"]
    import_tasks(api, first, [{"data": {"text": "stays"}}])
    for project in (first, second):
        api.call("workspaces.projects.add", id=workspace["id"], json={"project": project})
    told = api.call("projects.get", id=first)
    got = [projects(api, workspace), told.json()["workspace_title"]]
    show.equal("LS-WORKSPACE-011", expected=[sorted([first, second]), workspace["title"]], got=got, exchange=told)
    counted = [api.call("workspaces.get", id=workspace["id"])]
    gone = api.call("workspaces.projects.remove", id=workspace["id"], query={"project": first})
    left = [projects(api, workspace), [t["data"]["text"] for t in list_tasks(api, first)]]
    show.equal("LS-WORKSPACE-012", expected=[[second], ["stays"]], got=left, exchange=gone)
    counted.append(api.call("workspaces.get", id=workspace["id"]))
    counts = [answer.json()["projects_count"] for answer in counted]
    show.equal("LS-WORKSPACE-015", expected=[2, 1], got=counts, exchange=counted[-1])


@pytest.mark.requirement("LS-WORKSPACE-013", "LS-WORKSPACE-014", "LS-WORKSPACE-017")
def test_a_project_is_made_in_a_workspace(
    api: Wire, show: Show, new_workspace: NewWorkspace, new_project: NewProject
) -> None:
    here, there = new_workspace(), new_workspace()
    first, second = new_project(workspace=here["id"])["id"], new_project(workspace=there["id"])["id"]
    show.equal("LS-WORKSPACE-013", expected=[[first], [second]], got=[projects(api, here), projects(api, there)])
    listed = api.call("projects.list", query={"workspaces": here["id"], "page_size": 100})
    show.equal("LS-WORKSPACE-017", expected=[first], got=ids(listed.json()["results"]), exchange=listed)
    moved = api.call("workspaces.projects.add", id=there["id"], json={"project": first})
    got = [projects(api, here), projects(api, there)]
    show.equal("LS-WORKSPACE-014", expected=[[], sorted([first, second])], got=got, exchange=moved)


@pytest.mark.requirement("LS-WORKSPACE-016", "LS-OBJECT-011")
def test_archived_ones_are_told_apart(api: Wire, show: Show, new_workspace: NewWorkspace) -> None:
    used, archived = new_workspace()["id"], new_workspace(is_archived=True)["id"]
    read = api.call("workspaces.get", id=archived)
    show.equal("LS-OBJECT-011", expected=True, got=read.json()["is_archived"], exchange=read, signature="is_archived")

    def found(*, is_archived: bool) -> list[int]:
        listed = api.call("workspaces.list", query={"is_archived": is_archived}).json()
        return sorted({used, archived} & set(ids(listed)))

    got = [found(is_archived=False), found(is_archived=True)]
    show.equal("LS-WORKSPACE-016", expected=[[used], [archived]], got=got)


@pytest.mark.requirement("LS-WORKSPACE-018")
def test_its_members_are_implicit_members_of_its_projects(
    api: Wire, show: Show, workspace: dict[str, Any], new_project: NewProject, staff: Staff
) -> None:
    project = new_project(workspace=workspace["id"])
    put_in(api, workspace, staff.annotator.id)
    listed = api.call("projects.members.paginated.list", id=project["id"], query={"page_size": 100})
    people_ = {staff.annotator.id, staff.second.id}
    told = {str(m["id"]): m["implicit_member"] for m in listed.json()["results"] if m["id"] in people_}
    show.equal("LS-WORKSPACE-018", expected={str(staff.annotator.id): True}, got=told, exchange=listed)


@pytest.mark.requirement("LS-WORKSPACE-019")
def test_nobody_is_no_member(api: Wire, show: Show, workspace: dict[str, Any]) -> None:
    before = members(api, workspace)
    answer = api.call("workspaces.members.create", id=workspace["id"], json={"user": NOBODY}, expect=None)
    show.status("LS-WORKSPACE-019", answer, *REFUSED)
    show.equal("LS-WORKSPACE-019", expected=before, got=members(api, workspace), signature="put in")


@pytest.mark.requirement("LS-WORKSPACE-020")
def test_the_others_are_found_for_it(api: Wire, show: Show, org: int, workspace: dict[str, Any], staff: Staff) -> None:
    put_in(api, workspace, staff.annotator.id)
    found = []
    for person in (staff.annotator, staff.second):
        query = {"exclude_workspace_id": workspace["id"], "search": person.email}
        listed = api.call("organizations.members.list", id=org, query=query).json()
        found.append([item["user"]["id"] for item in listed["results"]])
    show.equal("LS-WORKSPACE-020", expected=[[], [staff.second.id]], got=found)


@pytest.mark.requirement("LS-WORKSPACE-021")
def test_projects_outlive_their_workspace(
    api: Wire, show: Show, workspace: dict[str, Any], new_project: NewProject
) -> None:
    project = new_project(workspace=workspace["id"])
    import_tasks(api, project["id"], [{"data": {"text": "stays"}}])
    api.call("workspaces.delete", id=workspace["id"])
    left = api.call("tasks.list", query={"project": project["id"]}, expect=None)
    got = [t["data"]["text"] for t in left.json()["tasks"]] if left.ok else left.brief()
    show.equal("LS-WORKSPACE-021", expected=["stays"], got=got, exchange=left)
