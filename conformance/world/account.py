"""Creates a throw-away account with its own keys, for requests that can invalidate a key."""

from __future__ import annotations

import re
import secrets
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

from conformance.errors import ConformanceError
from conformance.outcomes import Unsupported
from conformance.target.credentials import Credentials
from conformance.world.keys import LEGACY_OFF, Session, legacy_allowed

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire

ROLE = "throwaway"
FORM = "application/x-www-form-urlencoded"
SIGN_UP = "/user/signup/"
LOG_IN = "/user/login/"


class CannotSignUp(ConformanceError):
    """No account could be made: the message says at which step, and what came."""

    code = "cannot-sign-up"


class Account:
    """An account that signed up through the target's own page, and its credentials in the wire.

    The contract has no operation that gives a new user a key, so this goes the way that people go.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._cookies: dict[str, str] = {}
        self.email = wire.names.email("throwaway")
        self.password = secrets.token_urlsafe(12)
        self.user_id = 0
        self._key = ""
        self._sign_up()
        self._legacy = legacy_allowed(wire)
        self.renew()

    def renew(self) -> None:
        """Take the account's present key (it may have been replaced) into the wire's credentials.

        Where legacy tokens are off it is let in by its session: its personal tokens are what tests revoke.
        """
        self._wire.accounts.add(ROLE)
        if not self._legacy:
            self._wire.credentials[ROLE] = Session(self._wire, self._cookies, log_in=self._log_in)
            return
        answer = self._send("GET", "/api/current-user/token")
        if (
            answer.status == httpx.codes.UNAUTHORIZED
        ):  # the session ran out: how long it lives is a setting that tests change
            self._log_in()
            answer = self._send("GET", "/api/current-user/token")
        try:
            key = answer.json()["token"]
        except (ValueError, KeyError, TypeError):
            raise CannotSignUp(f"no key for the new account: {answer.brief()}") from None
        self._key = str(key)
        self._wire.credentials[ROLE] = Credentials(key, base_url=self._wire.base_url, transport=self._wire.transport)

    def revoked(self) -> str:
        """A key of the account that was good until now: it is replaced by another one.

        Raises:
            Unsupported: legacy tokens are off. What becomes of a revoked personal token, scenarios tell.
        """
        if not self._legacy:
            raise Unsupported(LEGACY_OFF)
        key = self._key
        self._send("POST", "/api/current-user/reset-token/")
        self.renew()
        return key

    def personal_token(self) -> str:
        """A valid personal access token of the account; made anew (there may be one that nobody knows)."""
        self.no_token()
        answer = self._send("POST", "/api/token/", content=b"{}", content_type="application/json")
        try:
            return str(answer.json()["token"])
        except (ValueError, KeyError, TypeError):
            raise CannotSignUp(f"no personal token: {answer.brief()}") from None

    def no_token(self) -> None:
        """Make sure that the account has no valid personal access token."""
        answer = self._send("GET", "/api/token/")
        listed = answer.json() if answer.ok else []
        for item in listed if isinstance(listed, list) else ():
            body = f'{{"refresh": "{item["token"]}"}}'.encode()
            self._send("POST", "/api/token/blacklist/", content=body, content_type="application/json")

    def _log_in(self) -> None:
        self._cookies.clear()
        self._send("GET", LOG_IN)
        fields = {
            "email": self.email,
            "password": self.password,
            "csrfmiddlewaretoken": self._cookies.get("csrftoken", ""),
        }
        self._send("POST", LOG_IN, content=urlencode(fields).encode(), content_type=FORM)

    def _sign_up(self) -> None:
        invitation = self._wire.call("organizations.invites.get_invite_link", expect=None)
        link = re.search(r"token=([^\"&]+)", invitation.text)
        path = f"{SIGN_UP}?token={link[1]}" if link else SIGN_UP
        self._send("GET", path)
        fields = {
            "email": self.email,
            "password": self.password,
            "csrfmiddlewaretoken": self._cookies.get("csrftoken", ""),
        }
        self._wire.ledger.intend(self.email, "user", self.email)
        answer = self._send("POST", path, content=urlencode(fields).encode(), content_type=FORM)
        if answer.status not in {302, 303}:
            raise CannotSignUp(f"signing up was not accepted: {answer.brief()}")
        me = self._send("GET", "/api/current-user/whoami")
        try:
            self.user_id = int(me.json()["id"])
        except (ValueError, KeyError, TypeError):
            raise CannotSignUp(f"the new account is not let in: {me.brief()}") from None
        self._wire.ledger.add("user", self.user_id, ref=self.email)

    def _send(self, method: str, path: str, *, content: bytes | None = None, content_type: str = "") -> Exchange:
        headers = [("Cookie", "; ".join(f"{k}={v}" for k, v in self._cookies.items()))] if self._cookies else []
        if content is not None:
            headers.append(("Content-Type", content_type))
        if method != "GET":
            headers += [("X-CSRFToken", self._cookies.get("csrftoken", "")), ("Referer", self._wire.base_url + path)]
        with self._wire.unchecked(), self._wire.own_account():
            exchange = self._wire.request(method, path, headers=headers, content=content, role="anonymous")
        if exchange.response is not None:
            for line in exchange.response.headers.get_list("set-cookie"):
                for name, morsel in SimpleCookie(line).items():
                    self._cookies[name] = morsel.value
        return exchange
