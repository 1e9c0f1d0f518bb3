"""Members of the organisation, their roles, and how people come into it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import signed_up, with_role
from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.enterprise.steps import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

KEPT = ("title", "default_role", "embed_domains", "embed_settings")


def listed(api: Wire, org: int, **query: object) -> Exchange:
    """Members of the organisation."""
    return api.call("organizations.members.list", id=org, query={"page_size": 100, **query})


def role_of(api: Wire, org: int, person: Account) -> list[str]:
    """The role that the list has somebody with."""
    return [item["role"] for item in listed(api, org, search=person.email).json()["results"]]


def give(api: Wire, org: int, person: Account, role: str, *, expect: Any = "success") -> Exchange:
    """Give somebody a role."""
    return api.call("organizations.members.update", id=org, json={"user_id": person.id, "role": role}, expect=expect)


@contextmanager
def default_role(api: Wire, org: int, role: str) -> Iterator[Exchange]:
    """Set the organisation's default role for a while."""
    before = api.call("organizations.get", id=org).json()["default_role"]
    body = {"organization": org, "default_role": role}
    try:
        yield api.call("organizations.update_default_role", id=org, json=body)
    finally:
        api.call("organizations.update_default_role", id=org, json={**body, "default_role": before}, expect=None)


@pytest.mark.requirement("LS-LSEORG-001", "LS-LSEORG-002", "LS-LSEORG-011")
def test_a_member_is_given_a_role(api: Wire, show: Show, org: int, staff: Staff) -> None:
    person = with_role(api, "annotator")
    beside = role_of(api, org, staff.second)
    done = give(api, org, person, "RE")
    got = [role_of(api, org, person), role_of(api, org, staff.second)]
    show.equal("LS-LSEORG-001", expected=[["RE"], beside], got=got, exchange=done)
    refused = give(api, org, person, "XX", expect=None)
    show.status("LS-LSEORG-002", refused, *SENSELESS)
    show.equal("LS-LSEORG-002", expected=["RE"], got=role_of(api, org, person), exchange=refused, signature="changed")
    owner = give(api, org, person, "OW", expect=None)
    show.equal("LS-LSEORG-011", expected=["RE"], got=role_of(api, org, person), exchange=owner)


@pytest.mark.requirement("LS-LSEORG-003", "LS-LSEORG-004", "LS-LSEORG-005")
def test_members_are_found(api: Wire, show: Show, org: int, staff: Staff) -> None:
    roles = {staff.manager.id: "MA", staff.reviewer.id: "RE", staff.annotator.id: "AN", staff.second.id: "AN"}

    def those(answer: Exchange) -> dict[str, str]:
        items = answer.json()["results"]
        return {str(i["user"]["id"]): i["role"] for i in items if i["user"]["id"] in roles}

    for asked in ("AN", "AN,RE"):
        answer = listed(api, org, role=asked)
        expected = {str(user): role for user, role in roles.items() if role in asked.split(",")}
        show.equal("LS-LSEORG-003", expected=expected, got=those(answer), exchange=answer)
    found = listed(api, org, search=staff.second.email)
    got = [item["user"]["id"] for item in found.json()["results"]]
    show.equal("LS-LSEORG-004", expected=[staff.second.id], got=got, exchange=found)
    whole = listed(api, org, page_size=2).json()["count"]
    pages = [listed(api, org, page=page + 1, page_size=2) for page in range((whole + 1) // 2)]
    seen = [item["user"]["id"] for page in pages for item in page.json()["results"]]
    got_ = [len(seen), len(set(seen)), set(roles) <= set(seen)]
    show.equal("LS-LSEORG-005", expected=[whole, whole, True], got=got_, exchange=pages[-1])


@pytest.mark.requirement("LS-LSEORG-006", "LS-LSEORG-007")
def test_a_role_counts_at_once(api: Wire, show: Show, org: int, new_name: Callable[[str], str]) -> None:
    person = with_role(api, "manager")
    body = {"title": new_name("workspace")}
    api.call("workspaces.create", json=body, role=person.role)
    give(api, org, person, "AN")
    refused = api.call("workspaces.create", json={"title": new_name("workspace")}, role=person.role, expect=None)
    show.status("LS-LSEORG-006", refused, *CLOSED)
    give(api, org, person, "DI")
    give(api, org, person, "MA")
    again = api.call("workspaces.create", json={"title": new_name("workspace")}, role=person.role, expect=None)
    show.status("LS-LSEORG-007", again, 201)


@pytest.mark.requirement("LS-LSEORG-008", "LS-LSEORG-009")
@pytest.mark.parametrize("role", ["AN", "RE"])
def test_who_is_invited_has_the_default_role(api: Wire, show: Show, org: int, role: str) -> None:
    before = api.call("organizations.get", id=org).json()
    with default_role(api, org, role):
        now = api.call("organizations.get", id=org)
        expected = {**{name: before.get(name) for name in KEPT}, "default_role": role}
        show.equal("LS-LSEORG-008", expected=expected, got={name: now.json().get(name) for name in KEPT}, exchange=now)
        show.equal("LS-LSEORG-009", expected=[role], got=role_of(api, org, signed_up(api)))


@pytest.mark.requirement("LS-LSEORG-010")
def test_the_organisation_is_renamed(api: Wire, show: Show, org: int, new_name: Callable[[str], str]) -> None:
    first = api.call("organizations.get", id=org).json()
    scripts = first.get("custom_scripts_enabled")
    title = new_name("organisation")
    try:
        # what a change of the title may put back is not at its default, where the organisation may choose
        if scripts is False:
            api.call("organizations.update", id=org, json={"custom_scripts_enabled": True}, expect=None)
        before = api.call("organizations.get", id=org).json()
        api.call("organizations.update", id=org, json={"title": title})
        now = api.call("organizations.get", id=org)
        kept = (*KEPT, "custom_scripts_enabled")
        expected = {**{name: before.get(name) for name in kept}, "title": title}
        show.equal("LS-LSEORG-010", expected=expected, got={name: now.json().get(name) for name in kept}, exchange=now)
    finally:
        restored = {"title": first["title"]} | ({"custom_scripts_enabled": False} if scripts is False else {})
        api.call("organizations.update", id=org, json=restored, expect=None)


@pytest.mark.requirement("LS-LSEORG-012")
def test_projects_are_told_of_members(api: Wire, show: Show, org: int, project: dict[str, Any]) -> None:
    me = api.call("users.whoami").json()
    answer = listed(api, org, contributed_to_projects=True, search=me["email"])
    mine = next(item for item in answer.json()["results"] if item["user"]["id"] == me["id"])
    created = [one["id"] for one in [*(mine["created_projects"] or []), *(mine["user"]["created_projects"] or [])]]
    show("LS-LSEORG-012", project["id"] in created, expected="the project", got=created, exchange=answer)


@pytest.mark.requirement(*(f"LS-INVITATION-00{n}" for n in (1, 2, 3, 4, 5)))
def test_people_are_invited(api: Wire, show: Show, org: int, new_project: NewProject) -> None:
    project, address = new_project()["id"], api.names.email("invited")

    def invite(**body: object) -> Exchange:
        asked = {"emails": [address], "role": "AN", "projects": [project], **body}
        return api.call("organizations.invites.send_email", json=asked, expect=None)

    before = listed(api, org).json()["count"]
    show.status("LS-INVITATION-001", invite(emails=["no address"]), *SENSELESS)
    show.status("LS-INVITATION-002", invite(role="XX"), *SENSELESS)
    sent = invite()
    if not sent.ok:
        show.not_measured(f"the target sends no mail: {sent.brief()}")
    revoked = api.call("organizations.invites.revoke_invite", json={"email": address}, expect=None)
    show.status("LS-INVITATION-003", revoked, 200)
    members = listed(api, org).json()["count"]
    show("LS-INVITATION-005", members >= before, expected=f"at least {before} members", got=members, exchange=revoked)
    nobody = {"email": api.names.email("nobody")}
    answer = api.call("organizations.invites.revoke_invite", json=nobody, expect=None)
    show("LS-INVITATION-004", 400 <= answer.status < 500, expected="4xx", got=answer.brief(), exchange=answer)
