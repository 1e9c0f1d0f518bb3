"""Token operations with spoiled tokens, with somebody else's, by people who have left."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import Account, authorization, credentials, member_of, personal_token
from conformance.scenarios.checks import show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.keys.spoiled import claims_of, made_up
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

OPERATIONS = {"tokens.blacklist": "LS-KEYS-001", "tokens.rotate": "LS-KEYS-002", "tokens.refresh": "LS-KEYS-003"}


@pytest.fixture
def victim(api: Wire, member: Account) -> str:
    """A personal access token of the throw-away account."""
    return personal_token(api, member)


def works(api: Wire, token: str) -> bool:
    """Return whether the token can still be exchanged."""
    return api.call("tokens.refresh", json={"refresh": token}, role="anonymous", expect=None).succeeded


@contextmanager
def key_of(api: Wire, token: str) -> Iterator[str]:
    """An access token of a personal one, masked in evidence."""
    access: str = api.call("tokens.refresh", json={"refresh": token}, role="anonymous").json()["access"]
    api.credentials["access"] = credentials(api, access)
    yield access


@pytest.mark.parametrize(
    "operation", [pytest.param(o, id=o, marks=pytest.mark.requirement(r, "LS-KEYS-004")) for o, r in OPERATIONS.items()]
)
def test_a_made_up_token_is_refused(api: Wire, show: Show, member: Account, victim: str, operation: str) -> None:
    role = member.keeper if operation == "tokens.rotate" else "anonymous"
    for name, token in made_up(victim).items():
        answer = api.call(operation, json={"refresh": token}, role=role, expect=None, deed=f"a token: {name}")
        show(
            OPERATIONS[operation],
            answer.rejected,
            expected=f"a 4xx for a token that nobody was given: {name}",
            got=f"{answer.brief()}: {answer.text[:120]}",
            exchange=answer,
            signature=f"HTTP {answer.status}",
        )
    show("LS-KEYS-004", works(api, victim), expected="the token of an account still works", got="it does not")


@pytest.mark.requirement("LS-KEYS-005")
@pytest.mark.parametrize("way", ["without its signature", "with a wrong signature"])
def test_nobody_can_revoke_a_token_that_they_do_not_have(api: Wire, show: Show, victim: str, way: str) -> None:
    head, claims, signature = victim.split(".")
    sent = f"{head}.{claims}" if way == "without its signature" else f"{head}.{claims}.{'A' * len(signature)}"
    answer = api.call("tokens.blacklist", json={"refresh": sent}, role="anonymous", expect=None)
    alive = works(api, victim)
    show("LS-KEYS-005", alive, expected="it still works", got=answer.brief(), exchange=answer, signature=way)


@pytest.mark.requirement("LS-KEYS-006", "LS-KEYS-007")
def test_one_kind_of_key_is_not_taken_for_another(api: Wire, show: Show, member: Account, victim: str) -> None:
    with key_of(api, victim) as access:
        for case, scheme, key in (
            ("a personal token as an access token", "Bearer", victim),
            ("a personal token as a legacy token", "Token", victim),
            ("an access token as a legacy token", "Token", access),
            ("a legacy token as an access token", "Bearer", member.legacy or "0" * 40),
        ):
            answer = api.call("users.whoami", expect=None, **authorization(scheme, key))
            show(
                "LS-KEYS-006",
                answer.status == 401,
                expected="401",
                got=answer.brief(),
                exchange=answer,
                signature=case,
            )
        for operation in OPERATIONS:
            for case, sent in (("an access token", access), ("a legacy token", member.legacy or "0" * 40)):
                answer = api.call(operation, json={"refresh": sent}, role=member.keeper, expect=None)
                show(
                    "LS-KEYS-007",
                    answer.rejected,
                    expected="4xx",
                    got=answer.brief(),
                    exchange=answer,
                    signature=f"{operation} of {case}: HTTP {answer.status}",
                )


@pytest.mark.requirement("LS-KEYS-008", "LS-KEYS-009")
def test_somebody_else_s_token_gives_nothing(api: Wire, show: Show, member: Account, victim: str) -> None:
    with member_of(api) as thief:
        personal_token(api, thief)  # the list of somebody without a token shows nothing
        rotated = api.call("tokens.rotate", json={"refresh": victim}, role=thief.keeper, expect=None)
        given = rotated.json().get("refresh") if rotated.succeeded else None
        owner = None
        if given:
            with key_of(api, given) as access:
                owner = api.call("users.whoami", **authorization("Bearer", access)).json()["id"]
        show(
            "LS-KEYS-008",
            owner in {None, thief.id},
            expected="nothing, or a token of the one who asked",
            got=f"{rotated.brief()}: a token of account {'of the victim' if owner == member.id else owner}",
            exchange=rotated,
        )
        listed = api.call("tokens.list", role=thief.keeper)
        owners = {str(claims_of(t["token"])["user_id"]) for t in listed.json()}
        show_none("LS-KEYS-009", show, listed, sorted(owners - {str(thief.id)}), among=owners)


@pytest.fixture
def place(api: Wire, new_project: NewProject) -> dict[str, Any]:
    """A project with an annotated task: the ids of all three."""
    project = new_project()["id"]
    task = import_tasks(api, project, [{"data": {"text": "one"}}])[0]
    return {"project": project, "task": task["id"], "annotation": annotate(api, task, choice("Positive"))["id"]}


def reads(api: Wire, place: dict[str, Any], how: dict[str, Any]) -> dict[str, Exchange]:
    """Ways to get at what is in a project."""
    project, ask = place["project"], {**how, "expect": None}
    return {
        "projects.get": api.call("projects.get", id=project, **ask),
        "tasks.get": api.call("tasks.get", id=place["task"], **ask),
        "tasks.list": api.call("tasks.list", query={"project": project}, **ask),
        "annotations.get": api.call("annotations.get", id=place["annotation"], **ask),
        "export": api.call("projects.exports.download_sync", id=project, query={"export_type": "JSON"}, **ask),
        "views.list": api.call("views.list", query={"project": project}, **ask),
        "users.list": api.call("users.list", **ask),
        "invite": api.call("organizations.invites.get_invite_link", **ask),
    }


def shows_something(answer: Exchange) -> bool:
    """Return whether the answer contains anything of the project."""
    if not answer.succeeded:
        return False
    told = answer.json()
    return bool(told.get("tasks", True) if isinstance(told, dict) else told)


def opened(answers: dict[str, Exchange]) -> list[str]:
    """The operations that showed something."""
    return sorted(name for name, answer in answers.items() if shows_something(answer))


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEYS-010", "LS-KEYS-011")
@pytest.mark.parametrize(
    "gone", ["removed from the organisation", pytest.param("deleted", marks=pytest.mark.requirement("LS-KEYS-012"))]
)
def test_a_person_who_has_left_gets_at_nothing(
    api: Wire, show: Show, member: Account, victim: str, place: dict[str, Any], gone: str
) -> None:
    with key_of(api, victim) as access:
        keys: dict[str, dict[str, Any]] = {
            "legacy token": authorization("Token", member.legacy or "0" * 40),
            "access token": authorization("Bearer", access),
            "session": {"role": member.session},
        }
        with api.key_at_risk():
            before = {kind: opened(reads(api, place, how)) for kind, how in keys.items()}
        if not any(before.values()):
            show.not_measured("no key shows anything to a member, either")
        if gone == "deleted":
            api.call("users.delete", id=member.id)
        else:
            organization = api.call("users.whoami").json()["active_organization"]
            api.call("organizations.members.delete", id=organization, user_pk=member.id)
        with api.key_at_risk():
            for kind in (kind for kind in keys if before[kind]):
                how = keys[kind]
                shown = opened(reads(api, place, how))
                show("LS-KEYS-010", not shown, expected="nothing", got=shown, signature=f"{gone}: {kind}")
                title = {"title": "written by somebody who has left"}
                written = api.call("projects.update", id=place["project"], json=title, expect=None, **how)
                show(
                    "LS-KEYS-011",
                    not written.claims_success,
                    expected="a refusal",
                    got=written.brief(),
                    exchange=written,
                    signature=f"{gone}: {kind}",
                )
        again = api.call(
            "tokens.refresh",
            json={"refresh": victim},
            role="anonymous",
            expect=None,
            deed=f"a token of somebody {gone}",
        )
    if gone == "deleted":
        show("LS-KEYS-012", not again.claims_success, expected="401", got=again.brief(), exchange=again, signature=gone)
