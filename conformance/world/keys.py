"""Gets access where legacy tokens are switched off: by a personal access token or a browser session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.target.credentials import Credentials, CredentialsRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.wire import Wire

LEGACY_OFF = "Legacy tokens are switched off on the target."


def legacy_allowed(wire: Wire) -> bool:
    """Return whether the organisation's policy allows legacy tokens; servers without such a policy do."""
    with wire.unchecked(), wire.key_at_risk():
        told = wire.call("jwt_settings.get", expect=None)
    return not told.ok or (told.object() or {}).get("legacy_api_tokens_enabled") is not False


class Session(Credentials):
    """A browser's session instead of a key: whatever becomes of the account's keys, it stays.

    Args:
        wire: the way to the target.
        cookies: those of the session, as they are now.
        log_in: begins another session; None where nobody knows the password any more.
    """

    def __init__(self, wire: Wire, cookies: Mapping[str, str], *, log_in: Callable[[], object] | None = None) -> None:
        super().__init__(cookies.get("sessionid", ""), base_url=wire.base_url, transport=wire.transport)
        self._cookies = cookies
        self._told: frozenset[str] = frozenset()
        self._log_in = log_in

    def header(self) -> dict[str, str]:
        """``Cookie`` as a browser sends it, and what proves that a form is the server's own."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        csrf = self._cookies.get("csrftoken")
        return {**sent, "X-CSRFToken": csrf} if csrf else sent

    def on_unauthorized(self, used: str | None = None) -> bool:
        """Log in again, where that is possible."""
        del used
        if self._log_in is None:
            return False
        self._log_in()
        return True

    def secrets(self) -> frozenset[str]:
        """The cookies."""
        now = frozenset({*super().secrets(), *self._cookies.values()}) - {""}
        if now != self._told:
            self._told = now
        return self._told


class Personal(Credentials):
    """A personal access token that is made when it is first needed; what is refused later is sent all the same.

    Args:
        wire: the way to the target.
        make: makes the token.
    """

    def __init__(self, wire: Wire, make: Callable[[], str]) -> None:
        super().__init__("", base_url=wire.base_url, transport=wire.transport)
        self._wire = wire
        self._make = make
        self._made: Credentials | None = None
        self._last: dict[str, str] = {}

    def header(self) -> dict[str, str]:
        """The last access token, if there is no other to be had: then the server says what it thinks of it."""
        try:
            if self._made is None:
                self._made = Credentials(self._make(), base_url=self._wire.base_url, transport=self._wire.transport)
            self._last = self._made.header()
        except CredentialsRefused:
            if not self._last:
                raise
        return self._last

    def on_unauthorized(self, used: str | None = None) -> bool:
        """As for any personal access token; one that is exchanged no more is no reason to send again."""
        try:
            return self._made is not None and self._made.on_unauthorized(used)
        except CredentialsRefused:
            return False

    def secrets(self) -> frozenset[str]:
        """Those of the token."""
        return self._made.secrets() if self._made is not None else frozenset()
