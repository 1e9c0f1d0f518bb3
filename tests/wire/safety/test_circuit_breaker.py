"""A run on which nothing works ends early, and an answer that is given to anything is no success."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.wire.safety.circuit_breaker import REQUESTS, SECONDS, CircuitBreaker, NothingWorks
from tests.wire.conftest import BASE, FakeTransport, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse

READS = (
    "projects.list",
    "users.list",
    "webhooks.list",
    "tokens.list",
    "ml.list",
    "views.list",
    "predictions.list",
    "organizations.list",
    "import_storage.s3.list",
    "export_storage.s3.list",
    "import_storage.gcs.list",
    "export_storage.gcs.list",
    "import_storage.azure.list",
)


@pytest.fixture
def doubting(make_wire: Callable[..., Wire]) -> Wire:
    wire = make_wire()
    wire._doubting = True
    return wire


def ask_all(wire: Wire) -> None:
    for _ in range(REQUESTS // len(READS) + 1):
        for name in READS:
            wire.call(name, expect=None)


@pytest.mark.parametrize("answer", [response(404, {}), response(500, {}), response(200, {}), response(200, [])])
def test_a_run_on_which_nothing_works_is_stopped(doubting: Wire, transport: FakeTransport, answer: RawResponse) -> None:
    transport.answer = lambda _: answer
    with pytest.raises(NothingWorks, match="Nothing works"):
        ask_all(doubting)
    assert len(transport.sent) < REQUESTS + 10


def test_one_success_is_hope_enough(doubting: Wire, transport: FakeTransport) -> None:
    def answer(request: RawRequest) -> RawResponse:
        return response(200, []) if request.url.endswith("/api/webhooks/") else response(404, {})

    transport.answer = answer
    ask_all(doubting)


def test_who_was_asked_for_odd_things_only_is_asked_for_a_usual_one(doubting: Wire, transport: FakeTransport) -> None:
    def answer(request: RawRequest) -> RawResponse:
        usual = request.url.endswith("/api/projects/") and len(transport.sent) > REQUESTS
        return response(200, {"count": 0, "results": []}) if usual else response(404, {})

    transport.answer = answer
    ask_all(doubting)


def test_a_slow_one_is_stopped_sooner(doubting: Wire, transport: FakeTransport) -> None:
    now = iter(float(n) for n in range(0, 10_000, int(SECONDS)))
    doubting._breaker = CircuitBreaker(lambda: False, clock=lambda: next(now))
    transport.answer = lambda _: response(404, {})
    doubting.call(READS[0], expect=None)
    doubting.call(READS[1], expect=None)
    with pytest.raises(NothingWorks):
        doubting.call(READS[2], expect=None)


def test_what_is_said_to_anything_is_no_success(doubting: Wire, transport: FakeTransport) -> None:
    numbers = iter(range(99))
    transport.answer = lambda _: response(200, {"id": next(numbers)})
    exchange = doubting.call("projects.get", id=1, expect=None)
    assert (exchange.status, exchange.ok, exchange.succeeded) == (200, False, False)
    assert "as it answers anything" in exchange.brief()
    assert doubting.recorder.observations == ()


def test_what_is_said_to_this_only_is_a_success(doubting: Wire, transport: FakeTransport) -> None:
    def answer(request: RawRequest) -> RawResponse:
        return response(200, {"id": 1}) if request.url == f"{BASE}/api/projects/1/" else response(404, {})

    transport.answer = answer
    assert doubting.call("projects.get", id=1, expect=None).ok
    assert doubting.call("projects.get", id=1, expect=None).ok
    assert len(transport.sent) == 3, "asked once what is said where nothing is"


def test_who_asks_makes_no_difference(doubting: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, {})
    assert not doubting.call("projects.list", role="anonymous", expect=None).ok
