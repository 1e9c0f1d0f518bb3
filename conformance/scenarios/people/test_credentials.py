"""Keys of both kinds: what they open, and when they stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from conformance.scenarios.accounts import (
    Account,
    authorization,
    claims_of,
    credentials,
    forged,
    needs_legacy,
    personal_token,
    shown_token,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

HOUR = 3600
WHOAMI = "/api/current-user/whoami"
MALFORMED = {
    "unknown key": "Token " + "0" * 40,
    "no key": "Token",
    "two keys": f"Token {'0' * 40} {'0' * 40}",
    "no scheme": "0" * 40,
    "another scheme": "Basic YWRtaW46YWRtaW4=",
    "no access token": "Bearer nothing",
    "three parts that are no JWT": "Bearer a.b.c",
    "not ASCII": "Token schlüssel",
}
NOT_TO_EXCHANGE = {"empty": "", "no JWT": "nothing", "three parts": "a.b.c", "a number": 7, "null": None}


@pytest.fixture
def personal(api: Wire, member: Account) -> str:
    """A personal access token of the member."""
    return personal_token(api, member)


def exchanged(api: Wire, token: object) -> Exchange:
    """Try to exchange a personal access token for an access token."""
    return api.call("tokens.refresh", json={"refresh": token}, role="anonymous", expect=None)


def access(api: Wire, token: str) -> str:
    """An access token; the test ends here if there is none."""
    answer = api.call("tokens.refresh", json={"refresh": token}, role="anonymous")
    return str(answer.json()["access"])


def opens(api: Wire, key: str, *, scheme: str = "Bearer") -> Exchange:
    """Ask whose account a key opens."""
    return api.call("users.whoami", expect=None, **authorization(scheme, key))


@pytest.mark.requirement("LS-KEY-001", "LS-KEY-002")
@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_a_wrong_key_is_answered_with_401(api: Wire, show: Show, header: str) -> None:
    exchange = api.request("GET", WHOAMI, headers=[("Authorization", header)], role="anonymous")
    show.status("LS-KEY-001", exchange, 401)
    challenge = exchange.response.headers.get("www-authenticate") if exchange.response else None
    named = exchange.status != 401 or bool(challenge)
    show("LS-KEY-002", named, expected="WWW-Authenticate: …", got="no such header", exchange=exchange)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-003", "LS-KEY-004")
@pytest.mark.parametrize("written", [str.lower, str.upper], ids=["lower case", "upper case"])
def test_schemes_are_written_in_any_case(
    api: Wire, show: Show, member: Account, personal: str, written: Callable[[str], str]
) -> None:
    show.status("LS-KEY-004", opens(api, access(api, personal), scheme=written("Bearer")), 200)
    show.status("LS-KEY-003", opens(api, needs_legacy(member), scheme=written("Token")), 200)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-010", "LS-KEY-011")
def test_the_legacy_token_that_is_shown_is_the_account_s(api: Wire, show: Show, member: Account) -> None:
    needs_legacy(member)
    shown = api.call("users.get_token", role=member.role)
    opened = opens(api, shown_token(shown), scheme="Token")
    show.equal("LS-KEY-010", expected=member.id, got=opened.json().get("id"), exchange=opened)
    named = "detail" in shown.json()
    show("LS-KEY-011", named, expected="the field detail", got=sorted(shown.json()), exchange=shown)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-012", "LS-KEY-013")
def test_a_reset_replaces_one_account_s_token(api: Wire, show: Show, member: Account) -> None:
    key, role = needs_legacy(member), member.role
    for _ in range(2):  # the second answer may be the first one again
        fresh = api.call("users.reset_token", role=role).json()["token"]
        role = f"{role}-reset"
        api.credentials[role] = credentials(api, fresh)
        show.status("LS-KEY-012", opens(api, fresh, scheme="Token"), 200)
        show.status("LS-KEY-012", opens(api, key, scheme="Token"), 401)
        key = fresh
    with api.key_at_risk():
        show.status("LS-KEY-013", api.call("users.whoami", expect=None), 200)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-020", "LS-KEY-032", "LS-KEY-046")
def test_a_personal_token_is_exchanged(api: Wire, show: Show, member: Account, personal: str) -> None:
    exchange = exchanged(api, personal)
    show.status("LS-KEY-020", exchange, 200)
    token = exchange.json()["access"]
    opened = opens(api, token)
    show.equal("LS-KEY-020", expected=member.id, got=opened.json().get("id"), exchange=opened)
    claims = claims_of(token)
    ends = claims.get("exp", 0)
    show("LS-KEY-032", ends > time.time(), expected="exp in the future", got=ends, exchange=exchange)
    lives = ends - claims.get("iat", time.time())
    show("LS-KEY-046", 0 < lives <= HOUR, expected="an hour or less", got=f"{lives:.0f} seconds", exchange=exchange)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-021", "LS-KEY-022", "LS-KEY-023")
def test_the_list_shows_tokens_but_not_their_secret(api: Wire, show: Show, member: Account, personal: str) -> None:
    listed = api.call("tokens.list", role=member.keeper)
    tokens = [t["token"] for t in listed.json()]
    shown = [t for t in tokens if personal.startswith(t[:40])]
    show.equal("LS-KEY-021", expected=1, got=len(shown), exchange=listed)
    if not tokens:
        show.not_measured("no token is listed that could be tried")
    usable = [t for t in tokens if exchanged(api, t).ok]
    show(
        "LS-KEY-022",
        not usable,
        expected="no token that works",
        got=f"{len(usable)} that work",
        exchange=listed,
    )
    others = api.call("tokens.list")
    seen = [t["token"] for t in others.json() if t["token"] in tokens]
    show("LS-KEY-023", not seen, expected="own tokens only", got=f"{len(seen)} of another", exchange=others)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-024", "LS-KEY-025")
def test_a_rotated_token_is_replaced(api: Wire, show: Show, member: Account, personal: str) -> None:
    answer = api.call("tokens.rotate", json={"refresh": personal}, role=member.keeper)
    fresh = answer.json()["refresh"]
    api.credentials[f"{member.role}-personal"] = credentials(api, fresh)
    show.status("LS-KEY-024", exchanged(api, fresh), 200)
    show.status("LS-KEY-024", exchanged(api, personal), 400, 401)
    again = api.call("tokens.rotate", json={"refresh": personal}, role=member.keeper, expect=None)
    show.status("LS-KEY-025", again, 400)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-026", "LS-KEY-027", "LS-KEY-028")
def test_a_revoked_token_is_dead(api: Wire, show: Show, member: Account, personal: str) -> None:
    token = access(api, personal)
    api.call("tokens.list", role=member.keeper)  # a copy to keep
    api.call("tokens.blacklist", json={"refresh": personal}, role=member.keeper)
    show.status("LS-KEY-026", exchanged(api, personal), 400, 401)
    listed = api.call("tokens.list", role=member.keeper)
    show.equal("LS-KEY-026", expected=[], got=[1 for _ in listed.json()], exchange=listed)
    again = api.call("tokens.blacklist", json={"refresh": personal}, role=member.keeper, expect=None)
    show.status("LS-KEY-027", again, 404)
    show.status("LS-KEY-028", opens(api, token), 401)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-029")
def test_a_second_token_works_or_is_refused(api: Wire, show: Show, member: Account, personal: str) -> None:
    second = api.call("tokens.create", role=member.keeper, expect=None)
    if second.ok:
        show.status("LS-KEY-029", exchanged(api, second.json()["token"]), 200)
    else:
        show.status("LS-KEY-029", second, 400, 403, 409)
        show.status("LS-KEY-029", exchanged(api, personal), 200)


@pytest.mark.requirement("LS-KEY-030")
@pytest.mark.parametrize("value", NOT_TO_EXCHANGE.values(), ids=NOT_TO_EXCHANGE)
def test_what_is_no_token_is_not_exchanged(api: Wire, show: Show, value: object) -> None:
    show.status("LS-KEY-030", exchanged(api, value), 400, 401, 422)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-031")
@pytest.mark.parametrize("way", ["another signature", "no signature", "alg none"])
def test_a_forged_token_opens_nothing(api: Wire, show: Show, personal: str, way: str) -> None:
    show.status("LS-KEY-031", opens(api, forged(access(api, personal))[way]), 401)
    show.status("LS-KEY-031", exchanged(api, forged(personal)[way]), 400, 401)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-045")
def test_a_key_that_has_ended_opens_nothing(api: Wire, show: Show, target: TargetInUse, personal: str) -> None:
    if target.server is None:
        show.not_measured("keys live for minutes at least: only the embedded target's can be made to have ended")
    key, token, now = target.server.signing_key, access(api, personal), int(time.time())
    if not opens(api, signed(token, key, exp=now + 60)).ok or not exchanged(api, signed(personal, key)).ok:
        show.not_measured("a token that was signed anew is not taken, so that one that has ended proves nothing")
    show.status("LS-KEY-045", opens(api, signed(token, key, iat=now - 400, exp=now - 60)), 401)
    show.status("LS-KEY-045", exchanged(api, signed(personal, key, iat=now - 400, exp=now - 60)), 400, 401)


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEY-033")
def test_the_access_token_of_a_deleted_account_is_dead(api: Wire, show: Show, member: Account, personal: str) -> None:
    token = access(api, personal)
    api.call("users.delete", id=member.id)
    show.status("LS-KEY-033", opens(api, token), 401)
