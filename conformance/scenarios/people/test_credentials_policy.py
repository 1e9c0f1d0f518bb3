"""Which kinds of key an organisation allows; put back each time by a browser session, which needs no key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import (
    Account,
    authorization,
    claims_of,
    credentials,
    needs_legacy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = [pytest.mark.destructive, pytest.mark.usefixtures("policy")]

DAY = 86400
UNLIMITED = 200 * 365


@pytest.fixture
def policy(api: Wire, member: Account) -> Iterator[None]:
    """The key policy; it is put back afterwards."""
    before = api.call("jwt_settings.get", role=member.session).json()
    with api.key_at_risk():
        yield
        with api.unchecked():
            restored = {"api_token_ttl_days": UNLIMITED, **before}
            api.call("jwt_settings.update", json=restored, expect=(200, 201), role=member.session)


def allow(api: Wire, member: Account, **settings: object) -> Exchange:
    """Change the key policy."""
    body = {
        "api_token_ttl_days": UNLIMITED,
        "api_tokens_enabled": True,
        "legacy_api_tokens_enabled": True,
        **settings,
    }
    return api.call("jwt_settings.update", json=body, expect=(200, 201), role=member.session)


def access(api: Wire, member: Account) -> str:
    """An access token of the member."""
    personal = api.call("tokens.create", role=member.session).json()["token"]
    api.credentials[f"{member.role}-personal"] = credentials(api, personal)
    answer = api.call("tokens.refresh", json={"refresh": personal}, role="anonymous")
    return str(answer.json()["access"])


@pytest.mark.requirement("LS-KEY-040")
def test_legacy_tokens_can_be_switched_off(api: Wire, show: Show, member: Account) -> None:
    needs_legacy(member)
    allow(api, member, legacy_api_tokens_enabled=False)
    show.status("LS-KEY-040", api.call("users.whoami", role=member.role, expect=None), 401)
    allow(api, member, legacy_api_tokens_enabled=True)
    show.status("LS-KEY-040", api.call("users.whoami", role=member.role, expect=None), 200)


@pytest.mark.requirement("LS-KEY-041")
def test_personal_tokens_can_be_switched_off(api: Wire, show: Show, member: Account) -> None:
    sent = authorization("Bearer", access(api, member))
    show.status("LS-KEY-041", api.call("users.whoami", expect=None, **sent), 200)
    allow(api, member, api_tokens_enabled=False)
    show.status("LS-KEY-041", api.call("users.whoami", expect=None, **sent), 401)
    allow(api, member, api_tokens_enabled=True)
    show.status("LS-KEY-041", api.call("users.whoami", expect=None, **sent), 200)


@pytest.mark.requirement("LS-KEY-042")
@pytest.mark.parametrize(
    "wanted",
    [
        {"api_tokens_enabled": False, "legacy_api_tokens_enabled": True},
        {"api_tokens_enabled": True, "legacy_api_tokens_enabled": False},
    ],
    ids=["legacy only", "personal only"],
)
def test_the_policy_is_kept(api: Wire, show: Show, member: Account, wanted: dict[str, Any]) -> None:
    answered = allow(api, member, **wanted)
    read = api.call("jwt_settings.get", role=member.session)
    show.equal("LS-KEY-042", expected=wanted, got={k: read.json().get(k) for k in wanted}, exchange=read)
    # a time to live is Enterprise's; who tells one all the same tells it alike
    told = {k: v for k, v in answered.json().items() if k in read.json()}
    show.equal("LS-KEY-042", expected=told, got={k: read.json()[k] for k in told}, exchange=read, signature="answered")


@pytest.mark.requirement("LS-KEY-043", "LS-KEY-044")
def test_a_token_ends_when_the_policy_says(api: Wire, show: Show, target: TargetInUse, member: Account) -> None:
    if target.edition != "enterprise":
        show.not_measured("a time to live is set, and told, in the Enterprise edition only (contract: x-edition)")
    allow(api, member, api_token_ttl_days=1)
    made = api.call("tokens.create", role=member.session)
    claims = claims_of(made.json()["token"])
    lives = claims["exp"] - claims["iat"]
    show("LS-KEY-043", lives <= DAY, expected="a day at most", got=f"{lives // DAY} days", exchange=made)
    told = made.json().get("expires_at")
    show("LS-KEY-044", bool(told), expected="expires_at", got=sorted(made.json()), exchange=made)
