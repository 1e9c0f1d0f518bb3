"""Members of the run's organisation with a role: signed up by the invite link, as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.scenarios.accounts import Account, signed_up

if TYPE_CHECKING:
    from conformance.wire import Wire

CODES: Final = {
    "owner": "OW",
    "administrator": "AD",
    "manager": "MA",
    "reviewer": "RE",
    "annotator": "AN",
    "not activated": "NO",
    "deactivated": "DI",
}


def organization_of(wire: Wire) -> int:
    """The organisation that the run's own key works in."""
    found: int = wire.call("users.whoami").json()["active_organization"]
    return found


def with_role(wire: Wire, called: str) -> Account:
    """Sign somebody up and give them a role in the organisation.

    Args:
        wire: the way to the target.
        called: a name of :data:`CODES`.
    """
    account = signed_up(wire)
    set_role(wire, account.id, CODES[called])
    return account


def set_role(wire: Wire, user: int, code: str) -> None:
    """Give a member of the organisation a role."""
    wire.call("organizations.members.update", id=organization_of(wire), json={"user_id": user, "role": code})


def removed(wire: Wire) -> Account:
    """Somebody who was a member of the organisation, with a key that is still good."""
    account = signed_up(wire)
    wire.call("organizations.members.delete", id=organization_of(wire), user_pk=account.id)
    return account


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The people that most scenarios need; they stay for the session, and nobody changes their roles."""

    manager: Account
    reviewer: Account
    annotator: Account
    second: Account
    """Another annotator."""
