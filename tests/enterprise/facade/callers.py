"""Who asks: the real server knows whose key it is; the role is the façade's."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.enterprise.facade.upstream import Upstream
    from tests.enterprise.state.community import Community

# the least first; what a role may, those after it may too
RANKS = ("DI", "NO", "AN", "RE", "MA", "AD", "OW")
BELOW_MANAGER = frozenset({"AN", "RE"})
# a token that ends by itself is asked for again after a moment
SECONDS = 5.0
CARRIED = ("authorization", "cookie")
Carried = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes:
        organization: the organisation that the user is in; None where in none.
        role: in the organisation; empty outside of one.
        carried: the headers that say who it is.
    """

    id: int
    organization: int | None
    role: str
    carried: Carried

    @property
    def rank(self) -> int:
        """Of the role."""
        return RANKS.index(self.role) if self.role else -1


@dataclass
class Roles:
    """Roles of the members of organisations, and what a member gets that nobody gave one.

    Attributes:
        default: a fresh stand-in has administrators, so that members may do what members of Community may.
        given: by organisation and user.
    """

    default: dict[int, str] = field(default_factory=dict)
    given: dict[tuple[int, int], str] = field(default_factory=dict)

    def of(self, organization: int, user: int, creator: int | None) -> str:
        """The role of a member."""
        if user == creator:
            return "OW"
        return self.given.get((organization, user)) or self.default.get(organization, "AD")


class Callers:
    """Knows callers by their keys; asks the real server, and remembers for a moment."""

    def __init__(self, upstream: Upstream, community: Community, roles: Roles) -> None:
        self._upstream = upstream
        self._community = community
        self._roles = roles
        self._known: dict[Carried, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Keys or accounts changed."""
        with self._lock:
            self._known.clear()

    def identify(self, headers: dict[str, str]) -> Caller | httpx.Response:
        """The caller, or how the real server refuses them."""
        carried = tuple((name, headers[name]) for name in CARRIED if name in headers)
        user = self._remembered(carried)
        if user is None:
            response = self._upstream.ask("GET", "/api/current-user/whoami", carried)
            if response.status_code != 200:
                return response
            user = response.json()
            with self._lock:
                self._known[carried] = (time.monotonic(), user)
        return self.person(user["id"], carried)

    def person(self, user: int, carried: Carried = ()) -> Caller:
        """An account as the caller that it would be."""
        row = self._community.row("user", user) or {}
        organization = row.get("active_organization_id")
        if organization is None or not self._community.is_member(user, organization):
            return Caller(id=user, organization=None, role="", carried=carried)
        creator = (self._community.row("organization", organization) or {}).get("created_by_id")
        return Caller(
            id=user,
            organization=organization,
            role=self._roles.of(organization, user, creator),
            carried=carried,
        )

    def _remembered(self, carried: Carried) -> dict[str, Any] | None:
        with self._lock:
            since, user = self._known.get(carried, (-SECONDS, None))
        lasting = dict(carried).get("authorization", "").lower().startswith("token ")
        return user if lasting or time.monotonic() - since < SECONDS else None
