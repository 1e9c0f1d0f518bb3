"""Members of the run's organisation with a role: signed up by the invite link, as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.scenarios.accounts import Account, organization_of, signed_up

if TYPE_CHECKING:
    from conformance.wire import Wire


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
