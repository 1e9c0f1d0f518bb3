"""What was done to a request on which a server failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge import Outcome
from conformance.wire import Unexpected
from conformance.wire.messages import RawRequest
from conformance.wire.network.errors import ConnectionLost
from tests.wire.conftest import BASE, FakeTransport, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Wire

DEEP = "[" * 900 + "]" * 900
VALID = {"title": "abc"}


def found(wire: Wire, transport: FakeTransport, **arguments: Any) -> tuple[str, str]:
    transport.answer = lambda _: response(500, {"detail": "'list' object has no attribute 'get'"})
    wire.call("projects.create", expect=None, **arguments)
    (seen,) = wire.recorder.failures()
    return seen.rule, seen.signature


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"title": []}, "/title: list for string, null"),
        ({"title": None, "color": 7}, "/color: number for string, null"),
        ({"title": "a" * 51}, "/title: text, maxLength"),
        ({"sampling": "none of them"}, "/sampling: text, anyOf"),
        ([], "/: list for object"),
        ({"title": "a\0b"}, "/title: NUL"),
        ({"maximum_annotations": 2**63}, "/maximum_annotations: beyond 64 bits"),
        ({"description": "a\ud800b"}, "/description: lone surrogate"),
        ({"description": "x" * 100_001}, "/description: very long"),
    ],
)
def test_the_place_that_was_spoiled_is_named(wire: Wire, transport: FakeTransport, body: Any, what: str) -> None:
    content = json.dumps(body)
    told = found(wire, transport, content=content, headers={"Content-Type": "application/json"}, deed="")
    assert told == ("no-server-error", f"HTTP 500: {what}")


@pytest.mark.parametrize(
    ("content", "kind", "what"),
    [
        (b"{", "application/json", "no JSON"),
        (f'{{"a": {DEEP}}}'.encode(), "application/json", "deep JSON"),
        (b"a", "text/plain", "a body of the type text/plain"),
    ],
)
def test_a_body_that_is_none_is_named(
    wire: Wire, transport: FakeTransport, content: bytes, kind: str, what: str
) -> None:
    headers = {"Content-Type": kind} if kind else None
    assert found(wire, transport, content=content, headers=headers) == ("no-server-error", f"HTTP 500: {what}")


def test_what_the_contract_allows_has_a_rule_of_its_own(wire: Wire, transport: FakeTransport) -> None:
    assert found(wire, transport, json=VALID, deed="") == ("valid-never-fails", "HTTP 500: a valid request")


def test_what_nobody_calls_valid_is_not_told_as_the_usual_request(wire: Wire, transport: FakeTransport) -> None:
    rule, signature = found(wire, transport, json=VALID)
    assert rule == "valid-never-fails"
    assert signature == "HTTP 500: a request in a state of the test's making"
    wire.recorder.begin("tests/test_x.py::test_a_wrong_filter_is_refused[time]")
    assert found(wire, transport, json=VALID)[1] == "HTTP 500: where a wrong filter is refused: time"


def test_who_expects_success_says_that_the_request_is_valid(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(500, {})
    with pytest.raises(Unexpected):
        wire.call("projects.create", json=VALID)
    assert [o.signature for o in wire.recorder.failures()] == ["HTTP 500: a valid request"]


def test_the_sender_may_know_better(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(500, {})
    request = RawRequest(
        method="POST",
        url=f"{BASE}/api/projects/",
        content=b"{}",
        deed="half a body",
        spoiled=True,
        headers=(("Content-Type", "application/json"),),
    )
    wire.send(request)
    (seen,) = wire.recorder.failures()
    assert (seen.rule, seen.signature) == ("no-server-error", "HTTP 500: half a body")


@pytest.mark.parametrize(
    ("operation", "arguments", "what"),
    [
        ("tasks.get", {"id": 7}, "an object that is not there"),
        ("projects.get", {"id": "abc"}, "{id}: text for integer"),
        ("tasks.list", {"query": {"project": "x"}}, "?project: text for integer"),
        ("tasks.list", {"query": {"project": 2**64}}, "?project: beyond 64 bits"),
        ("versions.get", {"role": "anonymous"}, "a valid request"),
        ("projects.list", {"role": "anonymous"}, "a request without a key"),
        ("projects.list", {"role": "anonymous", "headers": {"Authorization": "Token x"}}, "a request with another key"),
    ],
)
def test_what_an_address_names_is_looked_at(
    wire: Wire, transport: FakeTransport, operation: str, arguments: dict[str, Any], what: str
) -> None:
    transport.answer = lambda _: response(500, {})
    wire.call(operation, expect=None, deed="", **arguments)
    (seen,) = wire.recorder.failures()
    assert seen.signature == f"HTTP 500: {what}"


def breaks_off(code: str, times: int, answer: Any = None) -> Callable[[RawRequest], Any]:
    left = iter(range(times))

    def answering(request: RawRequest) -> Any:
        if request.url.endswith(("/health", "/api/version/")):
            return response(200, {})
        if next(left, None) is None:
            return answer or response(200, {})
        raise ConnectionLost("The connection broke.", code=code, request=request)

    return answering


@pytest.mark.parametrize(("code", "rule"), [("body-incomplete", "whole"), ("connection-lost", "valid-never-fails")])
def test_what_breaks_off_twice_is_the_servers_doing(wire: Wire, transport: FakeTransport, code: str, rule: str) -> None:
    transport.answer = breaks_off(code, 2)
    wire.call("projects.list", expect=None, deed="")
    (seen,) = wire.recorder.failures()
    assert (seen.rule, seen.signature) == (rule, f"{code}: a valid request")


def test_what_breaks_off_once_is_sent_again(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = breaks_off("body-incomplete", 1)
    assert wire.call("projects.list", expect=None).response is not None


def test_a_write_that_breaks_off_is_an_error_at_first(wire: Wire, transport: FakeTransport) -> None:
    with wire.unchecked():
        for _ in range(100):  # all else goes well
            wire.call("projects.list", expect=None)
    transport.answer = breaks_off("body-incomplete", 9)
    wire.call("projects.create", json=VALID, expect=None, deed="")
    assert {o.outcome for o in wire.recorder.observations} == {Outcome.ERROR}
    wire.call("projects.create", json=VALID, expect=None, deed="")
    assert [o.rule for o in wire.recorder.failures()] == ["whole"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (response(400, {"detail": "no"}), Outcome.PASS),
        (response(400, ["no"]), Outcome.PASS),
        (response(400, b"<html>no</html>", "text/html"), Outcome.WARN),
        (response(400, b"", "application/json"), Outcome.WARN),
        (response(400, {}), Outcome.WARN),
    ],
)
def test_a_refusal_says_why(wire: Wire, transport: FakeTransport, answer: Any, outcome: Outcome) -> None:
    transport.answer = lambda _: answer
    wire.call("tasks.create", json={}, expect=None)
    assert {o.outcome for o in wire.recorder.observations if o.rule == "error-body"} == {outcome}


def test_a_refusal_that_says_it_is_json_is_json(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(400, b"<html>no</html>")
    wire.call("tasks.create", json={}, expect=None)
    assert [o.signature for o in wire.recorder.failures()] == ["HTTP 400 no JSON"]
