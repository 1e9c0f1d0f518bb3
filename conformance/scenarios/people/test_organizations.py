"""Organisations, who belongs to them, how one gets in, and how long a session lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import Account, cookies, sign_up
from conformance.scenarios.checks import GONE, SENSELESS
from conformance.scenarios.data.configs import choice
from conformance.wire import DEFAULT
from conformance.world.keys import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.showing import Show
    from conformance.wire import Wire

NOBODY = 2**31 - 1
AGES = 10**15
"""Minutes: longer than there are years to count."""


@pytest.fixture
def organization(api: Wire) -> int:
    """The organisation that the run's account is active in."""
    active: int = api.call("users.whoami").json()["active_organization"]
    return active


@pytest.fixture
def policy(api: Wire) -> Iterator[dict[str, int]]:
    """The session policy; it is put back afterwards."""
    read = api.call("session_policy.get").json()
    before = {name: read[name] for name in ("max_session_age", "max_time_between_activity")}
    yield before
    with api.unchecked():
        api.call("session_policy.update", json=before)


def annotated(api: Wire, task: dict[str, Any], account: Account) -> int:
    """An annotation of a task, by this account; its id."""
    body = {"result": [choice("Positive")]}
    made: int = api.call("annotations.create", id=task["id"], json=body, role=account.role).json()["id"]
    return made


@pytest.mark.requirement("LS-ORG-001", "LS-ORG-002")
def test_the_active_organisation_is_listed_and_read(api: Wire, show: Show, organization: int) -> None:
    listed = api.call("organizations.list")
    ours = [o for o in listed.json() if o["id"] == organization]
    show.equal("LS-ORG-001", expected=1, got=len(ours), exchange=listed)
    read = api.call("organizations.get", id=organization)
    got = {k: read.json().get(k) for k in ("id", "title")}
    show.equal("LS-ORG-002", expected=[got], got=[{k: o[k] for k in got} for o in ours], exchange=read)


@pytest.mark.requirement("LS-ORG-003", "LS-MEMBER-003")
def test_what_does_not_exist_is_not_found(api: Wire, show: Show, organization: int) -> None:
    show.status("LS-ORG-003", api.call("organizations.get", id=NOBODY, expect=None), 404)
    unknown = api.call("organizations.members.get", id=organization, user_pk=NOBODY, expect=None)
    show.status("LS-MEMBER-003", unknown, 404)


@pytest.mark.destructive
@pytest.mark.requirement("LS-MEMBER-001", "LS-MEMBER-002")
def test_a_created_account_is_a_member(api: Wire, show: Show, organization: int) -> None:
    email = api.names.email("conformance")
    made = api.call("users.create", json={"email": email, "username": email.split("@")[0]}).json()
    read = api.call("organizations.members.get", id=organization, user_pk=made["id"], expect=None)
    show.status("LS-MEMBER-001", read, 200)
    got = (read.json().get("user"), read.json().get("organization"))
    show.equal("LS-MEMBER-002", expected=(made["id"], organization), got=got, exchange=read)


@pytest.mark.destructive
@pytest.mark.requirement("LS-MEMBER-004", "LS-MEMBER-005")
def test_a_membership_shows_what_the_member_did(
    api: Wire, show: Show, organization: int, member: Account, task: dict[str, Any]
) -> None:
    annotated(api, task, member)
    query = {"contributed_to_projects": True}
    read = api.call("organizations.members.get", id=organization, user_pk=member.id, query=query)
    show.equal("LS-MEMBER-004", expected=1, got=read.json().get("annotations_count"), exchange=read)
    contributed = [p["id"] for p in read.json().get("contributed_to_projects") or []]
    project = api.call("tasks.get", id=task["id"]).json()["project"]
    show.equal("LS-MEMBER-005", expected=[project], got=contributed, exchange=read)


@pytest.mark.destructive
@pytest.mark.requirement("LS-MEMBER-006", "LS-MEMBER-007", "LS-MEMBER-008")
def test_a_removed_member_is_gone_but_the_work_stays(
    api: Wire, show: Show, organization: int, member: Account, task: dict[str, Any]
) -> None:
    annotation = annotated(api, task, member)
    api.call("organizations.members.get", id=organization, user_pk=member.id, expect=None)  # a copy to keep
    api.call("organizations.members.delete", id=organization, user_pk=member.id)
    again = api.call("organizations.members.delete", id=organization, user_pk=member.id, expect=None)
    show.status("LS-MEMBER-006", again, *GONE)
    read = api.call("organizations.members.get", id=organization, user_pk=member.id, expect=None)
    show.status("LS-MEMBER-007", read, *GONE)
    show.status("LS-MEMBER-008", api.call("annotations.get", id=annotation, expect=None), 200)


@pytest.mark.destructive
@pytest.mark.requirement("LS-MEMBER-009")
def test_nobody_removes_themselves(api: Wire, show: Show, organization: int, member: Account) -> None:
    exchange = api.call(
        "organizations.members.delete", id=organization, user_pk=member.id, role=member.role, expect=None
    )
    show.status("LS-MEMBER-009", exchange, 403, 405)


@pytest.mark.requirement("LS-INVITE-001")
def test_the_invite_link_carries_its_token(api: Wire, show: Show) -> None:
    exchange = api.call("organizations.invites.get_invite_link")
    invite = exchange.json()
    carried = bool(invite.get("token")) and invite["token"] in invite.get("invite_url", "")
    show("LS-INVITE-001", carried, expected="the token in invite_url", got=sorted(invite), exchange=exchange)


@pytest.mark.destructive
@pytest.mark.requirement("LS-INVITE-002")
def test_the_invited_become_members(api: Wire, show: Show, organization: int, member: Account) -> None:
    read = api.call("organizations.members.get", id=organization, user_pk=member.id, expect=None)
    show.status("LS-INVITE-002", read, 200)


@pytest.mark.destructive
@pytest.mark.requirement("LS-INVITE-003", "LS-INVITE-004")
def test_a_reset_makes_the_old_link_void(api: Wire, show: Show) -> None:
    old = api.call("organizations.invites.get_invite_link").json()["token"]
    reset = api.call("organizations.reset_token", expect=(200, 201))
    new = api.call("organizations.invites.get_invite_link").json()["token"]
    differs = new == reset.json().get("token") != old
    show("LS-INVITE-003", differs, expected="the link carries another token", got="not so", exchange=reset)
    show_out(api, show, "LS-INVITE-004", invite=old)


@pytest.mark.destructive
@pytest.mark.requirement("LS-INVITE-005")
def test_a_made_up_invite_lets_nobody_in(api: Wire, show: Show) -> None:
    show_out(api, show, "LS-INVITE-005", invite="0" * 40)


def show_out(api: Wire, show: Show, requirement: str, *, invite: str) -> None:
    """Show that this invite opens nothing: no session, and no account with the address."""
    email = api.names.email("conformance")
    answer = sign_up(api, invite=invite, email=email)
    listed = api.call("users.list")
    made = [u["id"] for u in listed.json() if u["email"] == email]
    for user in made:
        api.ledger.add("user", user)  # it is cleaned up
    session = Session(api, cookies(answer))
    opened = api.call("users.whoami", role="anonymous", headers=session.header(), expect=None)
    shut = not made and not opened.ok
    got = f"{answer.status}, {len(made)} account(s) made, whoami {opened.status}"
    show(requirement, shut, expected="no session, no account", got=got, exchange=answer)


@pytest.mark.destructive
@pytest.mark.requirement("LS-SESSION-001", "LS-SESSION-002")
def test_the_session_policy_is_kept(api: Wire, show: Show, policy: dict[str, int]) -> None:
    expected = policy
    # each alone, so that what one takes along of the other shows; the shorter first, which stays the shorter
    for name, minutes in reversed(policy.items()):
        expected = {**expected, name: minutes - 1}
        api.call("session_policy.update", json={name: expected[name]})
        read = api.call("session_policy.get")
        got = {k: read.json()[k] for k in policy}
        show.equal("LS-SESSION-001", expected=expected[name], got=got[name], exchange=read)
        show.equal("LS-SESSION-002", expected=expected, got=got, exchange=read, signature=name)


@pytest.mark.destructive
@pytest.mark.requirement("LS-SESSION-005")
@pytest.mark.parametrize("field", ["max_session_age", "max_time_between_activity"])
def test_a_very_long_time_hurts_no_session(
    api: Wire, show: Show, member: Account, policy: dict[str, int], field: str
) -> None:
    if isinstance(api.credentials.get(DEFAULT), Session):
        show.not_measured(f"whoever works by a session may not be able to put {policy} back")
    changed = api.call("session_policy.update", json={field: AGES}, expect=None)
    with api.unchecked():
        known = api.call("users.whoami", role=member.session, expect=None)
    show(
        "LS-SESSION-005",
        known.ok,
        expected="the session goes on",
        got=f"{changed.brief()}; whoami: {known.brief()}",
        exchange=known,
        signature=f"{field}: HTTP {known.status}",
    )


@pytest.mark.destructive
@pytest.mark.requirement("LS-SESSION-003")
@pytest.mark.parametrize("field", ["max_session_age", "max_time_between_activity"])
@pytest.mark.parametrize("minutes", [0, -1, "soon", 1.5, None])
def test_a_time_that_is_none_is_refused(
    api: Wire, show: Show, policy: dict[str, int], field: str, minutes: object
) -> None:
    exchange = api.call("session_policy.update", json={field: minutes}, expect=None)
    show.status("LS-SESSION-003", exchange, *SENSELESS)
    read = api.call("session_policy.get")
    show.equal("LS-SESSION-003", expected=policy, got={k: read.json()[k] for k in policy}, exchange=exchange)
