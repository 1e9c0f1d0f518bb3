from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from conformance.run.result.between import gateway_lines
from conformance.wire import TargetLost
from conformance.wire.sending.gateway import NEVER_PAST, Gateway, GatewayPolicy, NotTheApplication
from tests.wire.conftest import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.client import Wire
    from conformance.wire.messages import RawRequest, RawResponse
    from tests.wire.conftest import FakeTransport

GATEWAY = (502, b"<html><center>nginx</center></html>", "text/html")


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(wire: Wire) -> Clock:
    made = Clock()
    sender = wire._sender
    gateway = sender._gateway
    sender._gateway = Gateway(gateway._well, gateway._tell, GatewayPolicy(), clock=made, sleep=made.sleep)
    return made


def scripted(*answers: RawResponse, well: RawResponse | None = None) -> Callable[[RawRequest], RawResponse]:
    """One answer after the other (the last one for ever); ``/health`` and the version are asked apart."""
    left = list(answers)

    def answer(request: RawRequest) -> RawResponse:
        if request.url.endswith(("/health", "/api/version/")):
            return well or response(200, {})
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def test_a_read_is_sent_again_when_the_application_is_back(wire: Wire, transport: FakeTransport, clock: Clock) -> None:
    down = [response(*GATEWAY), response(*GATEWAY)]
    transport.answer = scripted(response(*GATEWAY), response(200, {"id": 7}))
    beat = transport.answer

    def answer(request: RawRequest) -> RawResponse:
        if request.url.endswith("/health") and down:
            return down.pop()
        return beat(request)

    transport.answer = answer
    assert wire.call("projects.get", id=1).json() == {"id": 7}
    assert clock.slept == [1.0, 1.0]
    assert wire.recorder.statistics.notes == {"gateway": [["pause", 2.0]]}


def test_a_write_is_not_sent_twice_and_counts_against_nobody(
    wire: Wire, transport: FakeTransport, clock: Clock
) -> None:
    transport.answer = scripted(response(*GATEWAY))
    exchange = wire.call("projects.create", json={}, expect=None)
    assert isinstance(exchange.problem, NotTheApplication)
    assert exchange.response is None
    assert [r.method for r in transport.sent].count("POST") == 1
    assert Counter(o.outcome.value for o in wire.recorder.observations) == {"error": 1}
    assert clock.slept == []


def test_one_request_that_always_ends_so_is_the_applications_doing(
    wire: Wire, transport: FakeTransport, clock: Clock
) -> None:
    transport.answer = scripted(response(*GATEWAY))
    exchange = wire.call("projects.get", id=1, expect=None)
    assert exchange.status == 502
    assert [o.requirement for o in wire.recorder.failures()] == ["projects.get#no-server-error"]
    assert clock.slept == []


def test_an_application_that_does_not_come_back_is_lost(wire: Wire, transport: FakeTransport, clock: Clock) -> None:
    transport.answer = scripted(response(*GATEWAY), well=response(*GATEWAY))
    with pytest.raises(TargetLost, match="gone behind its gateway"):
        wire.call("projects.get", id=1)
    assert 90 <= clock.now <= 92


def test_an_applications_own_503_is_its_answer(wire: Wire, transport: FakeTransport, clock: Clock) -> None:
    transport.answer = scripted(response(503, {"detail": "no"}))
    assert wire.call("projects.get", id=1, expect=None).status == 503
    assert len(transport.sent) == 1
    assert clock.slept == []


@pytest.mark.parametrize(("header", "slept"), [("7", [7.0]), (None, [1.0]), ("Thu, 01 Jan 1970 00:00:00 GMT", [0.0])])
def test_a_429_is_obeyed(
    wire: Wire, transport: FakeTransport, clock: Clock, header: str | None, slept: list[float]
) -> None:
    headers = {"retry_after": header} if header else {}
    transport.answer = scripted(response(429, {"detail": "slowly"}, **headers), response(201, {"id": 3}))
    assert wire.call("projects.create", json={}, expect=None).status == 201
    assert clock.slept == slept


def test_a_brake_that_does_not_come_off_ends_the_run(wire: Wire, transport: FakeTransport, clock: Clock) -> None:
    transport.answer = scripted(response(404, {}), response(429, {}, retry_after="100"))
    wire.call("projects.get", id=1, expect=None)
    with pytest.raises(TargetLost, match="too seldom"):
        wire.call("projects.get", id=1)
    assert clock.slept == [100.0, 100.0, 100.0]


def test_a_brake_that_nothing_ever_got_past_is_not_endured_for_long(
    wire: Wire, transport: FakeTransport, clock: Clock
) -> None:
    transport.answer = scripted(response(429, {}))
    with pytest.raises(TargetLost, match="too seldom"):
        wire.call("projects.get", id=1)
    assert sum(clock.slept) <= NEVER_PAST
    waited = list(clock.slept)
    with pytest.raises(TargetLost, match="too seldom"):
        wire.call("projects.get", id=1)
    assert clock.slept == waited, "what was given up is not waited for again"


def test_who_am_i_getting_past_a_brake_does_not_make_it_worth_waiting_for(
    wire: Wire, transport: FakeTransport, clock: Clock
) -> None:
    transport.answer = lambda sent: response(*((200, {"id": 1}) if "whoami" in sent.url else (429, {})))
    slept = []
    for _ in range(2):
        wire.call("users.whoami", expect=None)
        with pytest.raises(TargetLost, match="too seldom"):
            wire.call("projects.get", id=1)
        slept.append(sum(clock.slept))
    assert 0 < slept[0] <= NEVER_PAST
    assert slept[1] == slept[0]


def test_a_brake_that_was_given_up_is_obeyed_again_after_something_got_past(
    wire: Wire, transport: FakeTransport, clock: Clock
) -> None:
    slow = response(429, {}, retry_after="200")
    transport.answer = scripted(response(404, {}), slow, slow, slow, response(404, {}), slow, response(404, {}))
    wire.call("projects.get", id=1, expect=None)
    for _ in range(2):
        with pytest.raises(TargetLost, match="too seldom"):
            wire.call("projects.get", id=1)
    assert clock.slept == [200.0], "the second is not waited for"
    wire.call("projects.get", id=1, expect=None)
    wire.call("projects.get", id=1, expect=None)
    assert clock.slept == [200.0, 200.0]


def test_a_gateways_limit_for_bodies_is_no_deviation(wire: Wire, transport: FakeTransport, clock: Clock) -> None:
    transport.answer = scripted(response(413, b"<html>413</html>", "text/html"))
    exchange = wire.call("projects.create", json={"title": "x" * 2000}, expect=None)
    assert exchange.problem is not None
    assert exchange.problem.code == "body-limit"
    assert wire.recorder.failures() == ()
    assert "not measured" in gateway_lines(wire.recorder.statistics.notes)
    assert clock.slept == []


def test_an_applications_own_413_is_its_answer(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = scripted(response(413, {"detail": "too large"}))
    assert wire.call("projects.create", json={}, expect=None).status == 413
