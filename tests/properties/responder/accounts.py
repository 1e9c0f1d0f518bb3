"""Who asks the responder: keys, and accounts that signed up through its pages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

KEY = "f" * 40
OWNER = 1
PAGE = b'<form method="post"><input name="csrfmiddlewaretoken"></form>'


@dataclass(slots=True)
class Accounts:
    """Users by key and by session; ``OWNER`` has the key that the run is given."""

    keys: dict[str, int] = field(default_factory=lambda: {KEY: OWNER})
    sessions: dict[str, int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    def asking(self, headers: dict[str, str]) -> int | None:
        """The user whose key or session a request carries."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme == "Token":
            return self.keys.get(key)
        session = SimpleCookie(headers.get("cookie", "")).get("sessionid")
        return self.sessions.get(session.value) if session else None

    def page(self, method: str, path: str) -> tuple[int, bytes, dict[str, str]] | None:
        """The pages to sign up and to log in; None for any other path."""
        if path not in {"/user/signup/", "/user/login/"}:
            return None
        if method == "GET":
            return 200, PAGE, {"Content-Type": "text/html", "Set-Cookie": "csrftoken=csrf; Path=/"}
        user = next(self._numbers)
        self.sessions[f"session{user}"] = user
        self.renew(user)
        return 302, b"", {"Location": "/", "Set-Cookie": f"sessionid=session{user}; Path=/"}

    def key_of(self, user: int) -> str:
        """The user's present key."""
        return next(key for key, owner in self.keys.items() if owner == user)

    def renew(self, user: int) -> str:
        """Give the user another key; the old one is void. The run keeps its own."""
        if user == OWNER:
            return KEY
        self.keys = {key: owner for key, owner in self.keys.items() if owner != user}
        key = f"{next(self._numbers):040x}"
        self.keys[key] = user
        return key
