"""Users, as the many schemas for them have it, and who belongs to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.enterprise.facade.callers import Callers
    from tests.enterprise.state.community import Community, Row
    from tests.enterprise.state.store import Store


class People:
    """Shows users by their identity."""

    def __init__(
        self, community: Community, store: Store, callers: Callers, settings: Mapping[tuple[str, int], dict[str, Any]]
    ) -> None:
        self._community = community
        self._store = store
        self._callers = callers
        self._settings = settings

    def expand(self, component: str, identity: Any) -> Mapping[str, Any] | None:
        """The object that an identity stands for, where its schema is one of a user."""
        if "User" in component or component.endswith("Member"):
            return self.user(identity)
        return None

    def user(self, identity: Any) -> dict[str, Any]:
        """Everything about a user that some schema shows."""
        row = self._community.row("user", identity) or {"id": identity}
        email = row.get("email") or ""
        who = self._callers.person(row["id"]) if isinstance(row["id"], int) else None
        organization = row.get("active_organization_id")
        membership = {"active": "true", "organization_id": organization or 0, "role": who.role if who else ""}
        return {
            **{k: row.get(k) for k in ("id", "email", "username", "first_name", "last_name", "phone")},
            "avatar": row.get("avatar") or "",
            "initials": (email[:2] or "?").lower(),
            "last_activity": _time(row.get("last_activity")),
            "date_joined": _time(row.get("date_joined")),
            "active_organization": organization,
            "active_organization_meta": "",
            "allow_newsletters": bool(row["allow_newsletters"]) if row.get("allow_newsletters") is not None else None,
            "custom_hotkeys": {},
            "org_membership": [membership] if organization else [],
            "organization_membership": membership,
            "pause": "",
            "lse_fields": self.extras(row["id"]),
            **{k: v for k, v in self._settings.get(("user", row["id"]), {}).items() if k},
        }

    def extras(self, identity: Any) -> dict[str, Any]:
        """What Enterprise knows of an account besides."""
        kept = next(self._store.of("account", user=identity), None)
        return {
            "email_notification_settings": "",
            "invite_expired": "",
            "invite_expired_at": "2099-01-01T00:00:00Z",
            "invite_activated": True,
            "social_auth_finished": True,
            "onboarding_state": "not_started",
            **(kept.values if kept else {}),
        }

    def members(self, organization: int) -> list[Row]:
        """The memberships of an organisation."""
        return self._community.member_rows(organization)

    def project_members(self, project: int) -> list[int]:
        """Who was made a member of a project, or of its workspace; in that order, each once."""
        users = [item.values["user"] for item in self._store.of("project_member", project=project)]
        users += [item.values["user"] for item in self._store.of("role", project=project)]
        for place in self._store.of("workspace_project", project=project):
            users += [m.values["user"] for m in self._store.of("workspace_member", workspace=place.values["workspace"])]
        return list(dict.fromkeys(users))

    def is_project_member(self, project: int, user: int) -> bool:
        """May somebody whose role sees only their projects see this one?"""
        row = self._community.row("project", project)
        return user in self.project_members(project) or (row is not None and row["created_by_id"] == user)


def _time(value: Any) -> str | None:
    """A time of the database as answers have it."""
    if not value:
        return None
    text = str(value).replace(" ", "T")
    return text if text.endswith("Z") or "+" in text else f"{text}Z"
