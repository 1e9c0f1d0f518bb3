"""Which people an operation on many of them is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.enterprise.state.model import Call


def numbers(text: Any) -> list[int]:
    """The identities in a text with commas, or a list."""
    parts = ",".join(map(str, text)).split(",") if isinstance(text, list) else str(text or "").split(",")
    return [int(p) for p in parts if str(p).strip().lstrip("-").isascii() and str(p).strip().lstrip("-").isdigit()]


def chosen(call: Call, given: dict[str, Any], everybody: Iterable[int]) -> list[int]:
    """Those included, or all but those excluded; of both, whom the query's filters leave."""
    people = list(everybody)
    if given.get("all"):
        excluded = set(numbers(given.get("excluded")))
        ids = set(numbers(given.get("ids")))
        found = [user for user in people if user not in excluded and (not ids or user in ids)]
    else:
        included = numbers(given.get("included")) + numbers(given.get("ids"))
        found = [user for user in dict.fromkeys(included) if user in set(people)]
    return [user for user in found if fits(call, user)]


def fits(call: Call, user: int, role: str = "") -> bool:
    """Is a user what the query asks for, by text, role and tag?

    Args:
        role: the one that counts, where it is another than that in the organisation.
    """
    shown = call.model.people.user(user)
    text = str(call.query.get("search", "")).lower()
    roles = [r for r in str(call.query.get("role", "")).split(",") if r]
    tags = set(numbers(call.query.get("tags")))
    mine = {i.values["tag"] for i in call.store.of("tag_assignment", user=user)}
    return (
        (
            not text
            or any(text in str(shown.get(k) or "").lower() for k in ("email", "username", "first_name", "last_name"))
        )
        and (not roles or (role or shown["organization_membership"]["role"]) in roles)
        and (not tags or bool(tags & mine))
    )


def everybody(call: Call) -> list[int]:
    """The members of the caller's organisation."""
    return [row["user_id"] for row in call.model.people.members(call.organization)]
