"""Collects secrets that appear during a run: keys from the target, session cookies, passwords of new accounts."""

from __future__ import annotations

import base64
import json
import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.wire.exchanges.exchange import Exchange

CLIENT_ERROR = 400
_GIVES_KEYS = frozenset({"tokens.create", "tokens.refresh", "tokens.rotate", "users.get_token", "users.reset_token"})
_KEYS = ("token", "access", "refresh")
_COOKIE = re.compile(r"(?i)^\s*([\w-]*session[\w-]*)=([^;\s]+)")
_SHORTEST = 12
"""Characters: what is shorter could be any word, and would be found everywhere."""
_RUN = re.compile(r"[\w.~%+/=:-]{6,}")
"""What every form of most secrets consists of, colons of Django's signed session cookies among them: it is looked up
run by run; only a form with something else in it costs a search of the whole text."""
_START = 6
"""Characters by which a form is looked up; a secret is at least as long."""


class MadeSecrets:
    """Learns from each exchange.

    Attributes:
        values: what may not show up in what a run writes.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.values: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def learn(self, exchange: Exchange) -> None:
        """Take what is secret in an exchange, whatever it is about."""
        if told := {value for value in _told(exchange) if len(value) >= _SHORTEST}:
            with self._lock:
                self.values |= told


def _told(exchange: Exchange) -> Iterator[str]:
    response = exchange.response
    if response is None:
        return
    for header in response.headers.get_list("set-cookie"):
        if found := _COOKIE.match(header):
            yield found[2].strip('"')
    # whatever the status: a server that answers otherwise than documented gives its keys all the same
    if exchange.operation is not None and exchange.operation.id in _GIVES_KEYS and exchange.status < CLIENT_ERROR:
        given = exchange.object() or {}
        yield from (value for key in _KEYS if isinstance(value := given.get(key), str))
    content = exchange.request.content or b""
    if b"password=" in content:
        yield from parse_qs(content.decode("ascii", "replace")).get("password", ())


def written_forms(secret: str) -> frozenset[str]:
    """How a secret may stand in a text: plain, for a URL, for JSON, and in base64, whatever stands before it there."""
    encoded = secret.encode(errors="surrogatepass")
    return frozenset({secret, quote(secret, safe=""), json.dumps(secret)[1:-1], *_base64(encoded)})


def _base64(secret: bytes) -> Iterator[str]:
    """Base64 of a secret behind zero, one or two other bytes: the characters that hold nothing else."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(secret)) * 8 // 6
        if last - first >= _SHORTEST:
            part = whole[first:last]
            yield from (part, part.replace("+", "-").replace("/", "_"))


class SecretForms:
    """Finds secrets in a text by how their forms begin: a run learns hundreds, and looks into every text it keeps."""

    def __init__(self) -> None:
        """Know none."""
        self._known: set[str] = set()
        self._by_start: dict[str, list[str]] = {}
        self._odd: list[str] = []
        self._shortest = 0

    def learn(self, secrets: Iterable[str]) -> None:
        """Take the forms of what is new."""
        new = frozenset(secrets) - self._known
        self._known |= new
        for secret in new:
            if len(secret) < _START:
                continue
            for form in written_forms(secret):
                self._shortest = min(self._shortest or len(form), len(form))
                if _RUN.fullmatch(form):
                    self._by_start.setdefault(form[:_START], []).append(form)
                else:
                    self._odd.append(form)

    def within(self, text: str) -> list[str]:
        """The forms that stand in a text, the longest first."""
        found = {form for form in self._odd if form in text}
        if self._by_start:
            # each run of such characters once: evidence says the same thing thousands of times
            for run in {run for run in _RUN.findall(text) if len(run) >= self._shortest}:
                found.update(self._in_run(run))
        return sorted(found, key=len, reverse=True)

    def _in_run(self, run: str) -> Iterator[str]:
        for at in range(len(run) - _START + 1):
            for form in self._by_start.get(run[at : at + _START], ()):
                if run.startswith(form, at):
                    yield form
