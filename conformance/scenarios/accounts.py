"""Throw-away accounts: signed up by the invite link, as a person would, each with keys of its own."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from conformance.contract import Edition
from conformance.outcomes import NotMeasured, Unsupported
from conformance.target.credentials import Credentials
from conformance.world.keys import LEGACY_OFF, Personal, Session, legacy_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.wire import Exchange, Wire

FORM = ("Content-Type", "application/x-www-form-urlencoded")
FOUND = 302

CODES: Final = {
    "owner": "OW",
    "administrator": "AD",
    "manager": "MA",
    "reviewer": "RE",
    "annotator": "AN",
    "not activated": "NO",
    "deactivated": "DI",
}
"""What the contract calls the roles of members in an organisation (Enterprise)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A second person on the target.

    Attributes:
        role: what to give as ``role=`` to act as this person, with the kind of key that the target allows.
        session: the same by the browser session; works where every kind of key is switched off.
        legacy: the legacy token; empty where the target lets none in.
    """

    id: int
    email: str
    role: str
    session: str
    legacy: str

    @property
    def keeper(self) -> str:
        """Who looks after the personal tokens of this person: nobody who is let in by one."""
        return self.role if self.legacy else self.session


def cookies(exchange: Exchange) -> dict[str, str]:
    """The cookies that a response sets."""
    jar = SimpleCookie()
    for header in exchange.response.headers.get_list("set-cookie") if exchange.response else ():
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items()}


def sign_up(wire: Wire, *, invite: str, email: str) -> Exchange:
    """Follow an invite link and fill in the form; a redirect with a session cookie means that it was taken.

    Args:
        wire: the way to the target.
        invite: the invite's token.
        email: of the new account; its password is forgotten at once.
    """
    path = f"/user/signup/?{urlencode({'token': invite})}"
    page = wire.request("GET", path, role="anonymous")
    csrf = cookies(page).get("csrftoken", "")
    form = {"csrfmiddlewaretoken": csrf, "email": email, "password": secrets.token_hex(12)}
    headers = [FORM, ("Cookie", f"csrftoken={csrf}"), ("Referer", wire.base_url + path)]
    wire.ledger.intend(email, "user", email)
    return wire.request("POST", path, headers=headers, content=urlencode(form).encode(), role="anonymous")


def signed_up(wire: Wire) -> Account:
    """A new member of the run's organisation, with a key, whose role the wire knows.

    Raises:
        NotMeasured: the target lets nobody sign up by invite link.
    """
    invite = wire.call("organizations.invites.get_invite_link").json()["token"]
    email = wire.names.email("member")
    answer = sign_up(wire, invite=invite, email=email)
    cookie = cookies(answer).get("sessionid")
    if answer.status != FOUND or not cookie:
        raise NotMeasured(f"needs a second account, and sign-up by invite link does not work: {answer.status}")
    session = f"session-{secrets.token_hex(4)}"
    wire.credentials[session] = Session(wire, cookies(answer))
    account_id = wire.call("users.whoami", role=session).json()["id"]
    wire.ledger.add("user", account_id, ref=email)
    role, legacy = f"account-{account_id}", ""
    if legacy_allowed(wire):
        legacy = shown_token(wire.call("users.get_token", role=session))
        wire.credentials[role] = credentials(wire, legacy)
    else:
        wire.credentials[role] = Personal(wire, lambda: wire.call("tokens.create", role=session).json()["token"])
    return Account(id=account_id, email=email, role=role, session=session, legacy=legacy)


def organization_of(wire: Wire) -> int:
    """The organisation that the run's own key works in."""
    found: int = wire.call("users.whoami").json()["active_organization"]
    return found


def set_role(wire: Wire, user: int, code: str) -> None:
    """Give a member of the organisation a role."""
    wire.call("organizations.members.update", id=organization_of(wire), json={"user_id": user, "role": code})


def with_role(wire: Wire, called: str) -> Account:
    """Sign somebody up and give them a role in the organisation.

    Args:
        wire: the way to the target.
        called: a name of :data:`CODES`.
    """
    account = signed_up(wire)
    set_role(wire, account.id, CODES[called])
    return account


def full_member(wire: Wire, *, called: str = "administrator") -> Account:
    """A new member who may do what every member of Community may: where members have roles, an administrator.

    Which role a new member begins with is a setting of the organisation there, and may be one that opens nothing.

    Args:
        wire: the way to the target.
        called: another role, where members have roles: a name of :data:`CODES`.
    """
    return with_role(wire, called) if wire.resources.edition is Edition.ENTERPRISE else signed_up(wire)


@contextmanager
def member_of(wire: Wire) -> Iterator[Account]:
    """A throw-away member; it is gone afterwards."""
    account = full_member(wire)
    try:
        yield account
    finally:
        with wire.unchecked():
            gone = wire.call("users.delete", id=account.id, expect=None)
            if gone.ok or gone.gone:
                wire.ledger.remove("user", account.id)


def needs_legacy(account: Account) -> str:
    """The account's legacy token.

    Raises:
        Unsupported: the target lets none in.
    """
    if not account.legacy:
        raise Unsupported(LEGACY_OFF)
    return account.legacy


def shown_token(exchange: Exchange) -> str:
    """The legacy token in an answer of ``users.get_token``: under the contract's name, or under the usual one."""
    answer = exchange.json()
    return str(answer.get("detail") or answer.get("token") or "")


def credentials(wire: Wire, key: str) -> Credentials:
    """A key, ready for ``wire.credentials``."""
    return Credentials(key, base_url=wire.base_url, transport=wire.transport)


def personal_token(wire: Wire, account: Account) -> str:
    """Make a personal access token of an account, and tell the wire, so that it is masked in evidence."""
    token: str = wire.call("tokens.create", role=account.keeper).json()["token"]
    wire.credentials[f"{account.role}-personal"] = credentials(wire, token)
    return token


def authorization(scheme: str, key: str) -> dict[str, Any]:
    """Arguments of ``wire.call`` that send exactly this key, and no other."""
    return {"role": "anonymous", "headers": {"Authorization": f"{scheme} {key}".rstrip()}}


def claims_of(token: str) -> dict[str, Any]:
    """The payload of a JWT, unverified."""
    claims: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return claims


def forged(token: str) -> dict[str, str]:
    """The same token, three times wrong: signature changed, left out, and declared unnecessary (``alg: none``)."""
    _, payload, signature = token.split(".")
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    unsigned = _encoded({"alg": "none", "typ": "JWT"})
    head = token.split(".", maxsplit=1)[0]
    return {
        "another signature": f"{head}.{payload}.{other}",
        "no signature": f"{head}.{payload}.",
        "alg none": f"{unsigned}.{payload}.",
    }


def signed(token: str, key: str, **claims: Any) -> str:
    """The same token with other claims, signed with the server's own key (HMAC with SHA-256, RFC 7518)."""
    head = token.partition(".")[0]
    body = f"{head}.{_encoded({**claims_of(token), **claims})}"
    digest = hmac.new(key.encode(), body.encode(), "sha256").digest()
    return f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
