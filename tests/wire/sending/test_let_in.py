"""What a target allows, found out by asking: kinds of keys, and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.world.addresses import UNUSED, takes, unused
from conformance.world.keys import Personal, Session, legacy_allowed
from tests.wire.conftest import response

if TYPE_CHECKING:
    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse
    from tests.wire.conftest import FakeTransport

WRONG_ACTION = {"actions": {"0": ['"no such action" is not a valid choice.']}}


@pytest.mark.parametrize(
    ("status", "body", "taken"),
    [
        (400, {"detail": "Validation error", "validation_errors": WRONG_ACTION}, True),
        (400, WRONG_ACTION, True),
        (201, {"id": 1}, True),
        (400, {"validation_errors": {"url": ["blocked"], **WRONG_ACTION}}, False),
        (403, {"detail": "URL resolves to a reserved network address (block: 127.0.0.0/8)"}, False),
        (500, {"detail": "Can't resolve hostname receiver.invalid"}, False),
    ],
)
def test_an_address_is_taken_if_it_is_not_what_is_complained_of(
    wire: Wire, transport: FakeTransport, status: int, body: Any, *, taken: bool
) -> None:
    transport.answer = lambda _: response(status, body)
    assert takes(wire, "http://127.0.0.1:9/") is taken
    assert not wire.recorder.observations, "asking is no judging"


def test_the_first_address_that_is_taken_is_used(wire: Wire, transport: FakeTransport) -> None:
    def protected(request: RawRequest) -> RawResponse:
        return response(403, {}) if b"127.0.0.1" in (request.content or b"") else response(400, WRONG_ACTION)

    transport.answer = protected
    assert unused(wire) == UNUSED[1]
    transport.answer = lambda _: response(400, WRONG_ACTION)
    assert unused(wire) == UNUSED[0]


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        (200, {"api_tokens_enabled": True, "legacy_api_tokens_enabled": False}, False),
        (200, {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}, True),
        (404, {"detail": "no such setting in an older version"}, True),
    ],
)
def test_the_policy_says_whether_legacy_tokens_are_let_in(
    wire: Wire, transport: FakeTransport, status: int, body: Any, *, allowed: bool
) -> None:
    transport.answer = lambda _: response(status, body)
    assert legacy_allowed(wire) is allowed


def test_a_session_is_what_a_browser_sends_and_begins_anew_where_it_can(wire: Wire) -> None:
    cookies = {"sessionid": "one", "csrftoken": "two"}
    session = Session(wire, cookies, log_in=lambda: cookies.update(sessionid="three"))
    assert session.header() == {"Cookie": "sessionid=one; csrftoken=two", "X-CSRFToken": "two"}
    assert session.on_unauthorized()
    assert session.header()["Cookie"] == "sessionid=three; csrftoken=two"
    assert session.secrets() >= {"two", "three"}
    assert not Session(wire, cookies).on_unauthorized()


def test_a_token_that_is_exchanged_no_more_is_sent_all_the_same(wire: Wire, transport: FakeTransport) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("e30.e30.c2ln")
        return made[-1]

    def send(request: RawRequest, **_: object) -> RawResponse:
        return transport.answer(request)

    transport.send = send  # type: ignore[method-assign] # the exchange sets limits of its own
    key = Personal(wire, make)
    assert not made, "nothing is made before it is needed"
    transport.answer = lambda _: response(200, {"access": "e30.e30.YQ"})
    assert key.header() == key.header() == {"Authorization": "Bearer e30.e30.YQ"}
    assert len(made) == 1
    transport.answer = lambda _: response(401, {"detail": "Token is blacklisted"})
    assert not key.on_unauthorized("Bearer e30.e30.YQ")
    assert key.header() == {"Authorization": "Bearer e30.e30.YQ"}
