"""Accounts and the settings that belong to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS
from conformance.scenarios.data.configs import choice

if TYPE_CHECKING:
    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

HOTKEYS = {
    "annotation:submit": {"key": "ctrl+enter", "active": True},
    "regions:delete": {"key": "d", "active": False},
}
LAST_NAME = "Byron, " + "Countess of “Lövelace” " * 10 + "🜚"
"""As long as the contract lets a name be, nearly."""
NOBODY = 2**31 - 1
REFUSED = (400, 403, 405, 409, 422)


def create(api: Wire, email: str, **fields: object) -> Exchange:
    """Ask for an account; whether it is made is the caller's to judge."""
    return api.call(
        "users.create", json={"email": email, "username": email.split("@", maxsplit=1)[0], **fields}, expect=None
    )


@pytest.fixture
def person(api: Wire) -> dict[str, Any]:
    """A throw-away account that nobody signs in to."""
    email = api.names.email("conformance")
    names = {"username": email.split("@")[0], "first_name": "Ada", "last_name": LAST_NAME}
    made: dict[str, Any] = api.call("users.create", json={"email": email, **names}).json()
    return made


@pytest.mark.requirement("LS-USER-001")
def test_each_key_names_its_own_account(api: Wire, show: Show, member: Account) -> None:
    mine, theirs = api.call("users.whoami"), api.call("users.whoami", role=member.role)
    show.equal("LS-USER-001", expected=member.email, got=theirs.json()["email"], exchange=theirs)
    distinct = mine.json()["id"] != member.id
    show("LS-USER-001", distinct, expected="two accounts for two keys", got=mine.json()["id"], exchange=mine)


@pytest.mark.requirement("LS-USER-017")
def test_accounts_without_an_address(api: Wire, show: Show) -> None:
    for _ in range(2):
        name = api.names.email("nameless").split("@")[0]
        answer = api.call("users.create", json={"username": name}, expect=None, deed="an account without an address")
        expected = "an account, or a 4xx"
        show("LS-USER-017", answer.ok or answer.rejected, expected=expected, got=answer.brief(), exchange=answer)


@pytest.mark.requirement("LS-USER-018")
def test_initials_follow_the_name(api: Wire, show: Show, person: dict[str, Any]) -> None:
    before = api.call("users.get", id=person["id"]).json()["initials"]
    changed = api.call("users.update", id=person["id"], json={"first_name": "Zoe", "last_name": "Quine"})
    read, listed = api.call("users.get", id=person["id"]), api.call("users.list")
    in_list = [one["initials"] for one in listed.json() if one["id"] == person["id"]]
    for answer, told in ((changed, changed.json()["initials"]), (read, read.json()["initials"])):
        show(
            "LS-USER-018",
            told not in {before, "", None},
            expected=f"others than {before!r}, of Ada Byron",
            got=told,
            exchange=answer,
        )
    show.equal("LS-USER-018", expected=changed.json()["initials"], got=read.json()["initials"], exchange=read)
    show.equal("LS-USER-018", expected=[changed.json()["initials"]], got=in_list, exchange=listed)


@pytest.mark.requirement("LS-USER-002", "LS-USER-003")
def test_a_created_account_is_there_once_and_as_sent(api: Wire, show: Show, person: dict[str, Any]) -> None:
    read = api.call("users.get", id=person["id"])
    names = ("email", "first_name", "last_name")
    got = {k: read.json().get(k) for k in names}
    show.equal(
        "LS-USER-002",
        expected={**{k: person[k] for k in names}, "first_name": "Ada", "last_name": LAST_NAME},
        got=got,
        exchange=read,
    )
    listed = api.call("users.list")
    show.equal("LS-USER-003", expected=1, got=[u["id"] for u in listed.json()].count(person["id"]), exchange=listed)


@pytest.mark.requirement("LS-USER-004")
def test_an_update_changes_only_what_it_names(api: Wire, show: Show, person: dict[str, Any]) -> None:
    changed = api.call("users.update", id=person["id"], json={"first_name": "Grace"})
    now = api.call("users.get", id=person["id"]).json()
    names = ("email", "username", "first_name", "last_name")
    expected = {**{k: person[k] for k in names}, "first_name": "Grace"}
    show.equal("LS-USER-004", expected=expected, got={k: now.get(k) for k in names}, exchange=changed)


def tells_no_false_address(made: Exchange, name: str) -> bool:
    """Return whether an account of this name was made that has no address, or one that is an address."""
    told = made.object() or {}
    address = told.get("email")
    return made.succeeded and told.get("username") == name and (address is None or "@" in str(address))


@pytest.mark.requirement("LS-USER-016")
def test_an_account_has_an_address(api: Wire, show: Show) -> None:
    name = api.names.email("conformance").split("@", maxsplit=1)[0]
    addresses: dict[str, dict[str, str | None]] = {
        "none": {},
        "empty": {"email": ""},
        "blank": {"email": " "},
        "null": {"email": None},
    }
    for case, body in addresses.items():
        with api.unchecked():
            made = api.call("users.create", json={"username": name, **body}, expect=None)
        show(
            "LS-USER-016",
            made.status in REFUSED or tells_no_false_address(made, name),
            expected="a refusal, or an account that tells no address, or one that is an address",
            got=f"{made.brief()}: {made.text[:200]}",
            exchange=made,
            signature=f"{case}: HTTP {made.status}",
        )
        if made.succeeded:  # the next one is asked by itself
            api.call("users.delete", id=made.json()["id"], expect=None)


@pytest.mark.requirement("LS-USER-005")
def test_a_new_address_is_taken_or_refused(api: Wire, show: Show, person: dict[str, Any]) -> None:
    wanted = api.names.email("conformance")
    exchange = api.call("users.update", id=person["id"], json={"email": wanted}, expect=None)
    now = api.call("users.get", id=person["id"]).json()["email"]
    expected = wanted if exchange.ok else person["email"]
    show.equal("LS-USER-005", expected=expected, got=now, exchange=exchange)


@pytest.mark.requirement("LS-USER-006")
def test_a_refused_update_changes_nothing(api: Wire, show: Show, person: dict[str, Any]) -> None:
    body = {"first_name": "Mallory", "email": api.names.email("conformance")}
    exchange = api.call("users.update", id=person["id"], json=body, expect=None)
    now = api.call("users.get", id=person["id"]).json()
    before = body if exchange.ok else {k: person[k] for k in body}
    show.equal("LS-USER-006", expected=before, got={k: now[k] for k in body}, exchange=exchange)


@pytest.mark.requirement("LS-USER-007")
def test_an_address_is_taken_once(api: Wire, show: Show, person: dict[str, Any]) -> None:
    exchange = create(api, person["email"], username=f"{person['username']}-2")
    show.status("LS-USER-007", exchange, *REFUSED)


@pytest.mark.requirement("LS-USER-008")
def test_upper_case_makes_no_other_address(api: Wire, show: Show, person: dict[str, Any]) -> None:
    exchange = create(api, person["email"].upper(), username=f"{person['username']}-2")
    show.status("LS-USER-008", exchange, *REFUSED)


@pytest.mark.requirement("LS-USER-009")
@pytest.mark.parametrize("text", ["", "nobody", "@example.com", "a b@example.com", "a@b@example.com"])
def test_what_is_no_address_is_refused(api: Wire, show: Show, text: str) -> None:
    show.status("LS-USER-009", create(api, text, username=api.names.email("conformance").split("@")[0]), *SENSELESS)


@pytest.mark.requirement("LS-USER-010")
def test_a_deleted_account_is_gone(api: Wire, show: Show, person: dict[str, Any]) -> None:
    api.call("users.delete", id=person["id"])
    show.status("LS-USER-010", api.call("users.get", id=person["id"], expect=None), *GONE)
    listed = api.call("users.list")
    gone = person["id"] not in [u["id"] for u in listed.json()]
    show("LS-USER-010", gone, expected="not listed", got="still listed", exchange=listed)


@pytest.mark.requirement("LS-USER-011")
def test_nobody_has_this_id(api: Wire, show: Show) -> None:
    show.status("LS-USER-011", api.call("users.get", id=NOBODY, expect=None), 404)


@pytest.mark.requirement("LS-USER-012")
@pytest.mark.parametrize("name", ["Zoë", "Нина", "שרה", "金城 武", "Ana 🦊", "O'Neil <b>&amp;"])
def test_names_keep_every_character(api: Wire, show: Show, name: str) -> None:
    made = create(api, api.names.email("conformance"), first_name=name)
    read = api.call("users.get", id=made.json()["id"]) if made.ok else made
    show.equal("LS-USER-012", expected=name, got=read.json().get("first_name"), exchange=read)


@pytest.mark.requirement("LS-USER-013", "LS-USER-014")
def test_of_a_deleted_account_the_work_stays_and_the_key_dies(
    api: Wire, show: Show, member: Account, task: dict[str, Any]
) -> None:
    body = {"result": [choice("Positive")]}
    made = api.call("annotations.create", id=task["id"], json=body, role=member.role).json()
    api.call("users.delete", id=member.id)
    show.status("LS-USER-013", api.call("users.whoami", role=member.role, expect=None), 401)
    show.status("LS-USER-014", api.call("annotations.get", id=made["id"], expect=None), 200)


@pytest.mark.requirement("LS-HOTKEY-001", "LS-HOTKEY-002", "LS-HOTKEY-006")
def test_hotkeys_belong_to_one_account(api: Wire, show: Show, member: Account) -> None:
    others = api.call("users.get_hotkeys").json()
    api.call("users.get_hotkeys", role=member.role)  # a copy to keep
    api.call("users.update_hotkeys", json={"custom_hotkeys": HOTKEYS}, role=member.role)
    read = api.call("users.get_hotkeys", role=member.role)
    show.equal("LS-HOTKEY-001", expected=HOTKEYS, got=read.json().get("custom_hotkeys"), exchange=read)
    mine = api.call("users.get_hotkeys")
    show.equal("LS-HOTKEY-002", expected=others, got=mine.json(), exchange=mine)
    who = api.call("users.whoami", role=member.role)
    show.equal("LS-HOTKEY-006", expected=HOTKEYS, got=who.json().get("custom_hotkeys"), exchange=who)


@pytest.mark.requirement("LS-HOTKEY-008")
def test_a_form_keeps_hotkeys_that_it_does_not_name(api: Wire, show: Show, member: Account) -> None:
    other = {"annotation:skip": {"key": "ctrl+shift+u", "active": True}}
    forms = {"not named": {"more": "1"}, "named as JSON": {"custom_hotkeys": json.dumps(other)}}
    for case, form in forms.items():
        api.call("users.update_hotkeys", json={"custom_hotkeys": HOTKEYS}, role=member.role)
        answer = api.call("users.update_hotkeys", data=form, role=member.role, expect=None)
        left = api.call("users.get_hotkeys", role=member.role).json().get("custom_hotkeys")
        expected = other if answer.ok and "custom_hotkeys" in form else HOTKEYS
        show.equal("LS-HOTKEY-008", expected=expected, got=left, exchange=answer, signature=case)


@pytest.mark.parametrize(
    ("requirement", "wrong"),
    [
        pytest.param(*case, marks=pytest.mark.requirement(case[0], "LS-HOTKEY-004"))
        for case in [
            ("LS-HOTKEY-003", ["ctrl+a"]),
            ("LS-HOTKEY-003", "ctrl+a"),
            ("LS-HOTKEY-005", {"annotation:submit": {"active": True}}),
            ("LS-HOTKEY-005", {"annotation:submit": {"key": 7}}),
        ]
    ],
)
def test_hotkeys_that_are_none_are_refused(
    api: Wire, show: Show, member: Account, requirement: str, wrong: object
) -> None:
    api.call("users.update_hotkeys", json={"custom_hotkeys": HOTKEYS}, role=member.role)
    exchange = api.call("users.update_hotkeys", json={"custom_hotkeys": wrong}, role=member.role, expect=None)
    show.status(requirement, exchange, *SENSELESS)
    kept = api.call("users.get_hotkeys", role=member.role).json().get("custom_hotkeys")
    show.equal("LS-HOTKEY-004", expected=HOTKEYS, got=kept, exchange=exchange)


@pytest.mark.requirement("LS-HOTKEY-007")
def test_hotkeys_are_refused_whichever_way(api: Wire, show: Show, member: Account) -> None:
    odd: dict[str, Any] = {
        "a list": ["ctrl+a"],
        "a text": "ctrl+a",
        "no key": {"annotation:submit": {"active": True}},
        "a number": {"annotation:submit": {"key": 7, "active": True}},
    }
    for case, hotkeys in odd.items():
        body = {"custom_hotkeys": hotkeys}
        one = api.call("users.update_hotkeys", json=body, role=member.role, expect=None)
        other = api.call("users.update", id=member.id, json=body, role=member.role, expect=None)
        show(
            "LS-HOTKEY-007",
            other.rejected or not one.rejected,
            expected="a refusal, as an update of hotkeys gives",
            got=other.brief(),
            exchange=other,
            signature=case,
        )
