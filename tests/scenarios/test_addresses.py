"""Whoever asks an address of its own network is found, however the address is written."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from conformance.scenarios.keys import test_addresses
from conformance.scenarios.keys.listening import Listener


class Show:
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool, str]] = []

    def equal(self, requirement: str, *, expected: object, got: object, signature: str, **_: Any) -> None:
        """One check."""
        self.seen.append((requirement, expected == got, signature))


class Server:
    """Asks the addresses that requests name, if they are written in a way that it does not know."""

    def __init__(self, port: int, known: str) -> None:
        self._port, self._known = port, known

    def call(self, operation: str, **given: Any) -> SimpleNamespace:
        """Take a request."""
        del operation
        for host in re.findall(r"http://([^/:\\]*?):\d+/", json.dumps([given.get("json"), given.get("data")])):
            if not re.fullmatch(self._known, host):
                httpx.get(f"http://127.0.0.1:{self._port}/", trust_env=False)
        return SimpleNamespace()


@pytest.mark.parametrize(("known", "found"), [(".*", set()), (r"[^0].*", {"in octal", "as no address"})])
def test_who_asks_is_found(known: str, found: set[str]) -> None:
    show = Show()
    with Listener() as listener:
        server = cast("Any", Server(listener.port, known))
        test_addresses.test_an_address_in_a_request_is_not_asked(server, cast("Any", show), listener, 1)
    assert {s.partition(", ")[2] for _, ok, s in show.seen if not ok} == found
    assert {r for r, _, _ in show.seen} == {"LS-KEYS-020"}
