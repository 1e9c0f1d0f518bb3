"""Requests that may cost too much, timed beside plain ones, while another client requests ``/health``."""

from __future__ import annotations

import json
import statistics
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.peers import Peers
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# On a busy machine a plain request may take three times as long as another; a pattern that explodes takes a hundred.
MULTIPLE: Final = 10
TIMES: Final = 3
# Backtracking doubles with each letter: half a second's worth where it happens.
LETTERS: Final = 23
PLAIN, COSTLY = "a+!", "(a+)+$"
SLOW: Final = 3.0
RECEIVERS: Final = 4


def seconds(ask: Callable[[], Exchange]) -> tuple[float, Exchange]:
    """Return how long an answer took."""
    begun = time.monotonic()
    exchange = ask()
    return time.monotonic() - begun, exchange


@dataclass(slots=True)
class Bystander:
    """Another client, and how long its questions for the server's health took."""

    waited: list[float] = field(default_factory=list)


@contextmanager
def bystander(wire: Wire) -> Iterator[Bystander]:
    """Somebody who goes on asking as long as the block lasts, one question at a time."""
    seen, over = Bystander(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            seen.waited.append(seconds(lambda: wire.request("GET", "/health", role="anonymous"))[0])

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield seen
    finally:
        over.set()
        asking.join()


def filtered(api: Wire, project: int, pattern: str) -> Exchange:
    """The tasks whose text matches."""
    one = {"filter": "filter:tasks:data.text", "operator": "regex", "type": "String", "value": pattern}
    query = json.dumps({"filters": {"conjunction": "and", "items": [one]}})
    return api.call("tasks.list", query={"project": project, "query": query}, expect=None)


@pytest.mark.requirement("LS-COST-001", "LS-COST-002")
def test_a_pattern_costs_what_a_pattern_costs(
    api: Wire, show: Show, new_project: Callable[..., dict[str, Any]]
) -> None:
    project = new_project()["id"]
    api.call("tasks.create", json={"project": project, "data": {"text": "a" * LETTERS + "!"}})
    filtered(api, project, PLAIN)
    with bystander(api) as beside_plain:
        plain = statistics.median(seconds(lambda: filtered(api, project, PLAIN))[0] for _ in range(TIMES))
    with bystander(api) as beside_costly:
        took, exchange = seconds(lambda: filtered(api, project, COSTLY))
    show(
        "LS-COST-001",
        took <= MULTIPLE * plain,
        expected=f"at most {MULTIPLE} times a plain pattern",
        got=f"{took / plain:.0f} times",
        exchange=exchange,
        signature="exponential",
    )
    usual, waited = statistics.median(beside_plain.waited), max(beside_costly.waited)
    show(
        "LS-COST-002",
        waited <= MULTIPLE * max(usual, plain),
        expected=f"at most {MULTIPLE} times as long as beside a plain one",
        got=f"{waited / max(usual, plain):.0f} times",
        exchange=exchange,
        signature="everybody waits",
    )


@pytest.mark.requirement("LS-COST-003")
def test_slow_receivers_are_not_waited_for_one_after_the_other(
    api: Wire, show: Show, peers: Peers, new_project: Callable[..., dict[str, Any]]
) -> None:
    def costs(receivers: int) -> tuple[float, Exchange]:
        project = new_project()["id"]
        for _ in range(receivers):
            url = peers.webhooks.inbox(delay=SLOW).url
            api.call("webhooks.create", json={"project": project, "url": url, "send_for_all_actions": True})
        return seconds(lambda: api.call("tasks.create", json={"project": project, "data": {"text": "x"}}, expect=None))

    one, _ = costs(1)
    many, exchange = costs(RECEIVERS)
    show(
        "LS-COST-003",
        many <= 2 * one,
        expected="at most twice what one slow receiver costs",
        got=f"{many / one:.1f} times",
        exchange=exchange,
        signature="one after the other",
    )
