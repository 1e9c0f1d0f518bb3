"""What the funnel does with each request, and what it notices."""

from __future__ import annotations

import base64
import gzip
import hashlib
import shlex
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge import Outcome
from conformance.wire import TargetLost, Unexpected
from conformance.wire.checking.checks import cause_of
from conformance.wire.network.errors import ConnectFailed, ConnectionLost
from tests.wire.conftest import KEY, FakeTransport, response

if TYPE_CHECKING:
    from conformance.judge import Observation
    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse

VERSION = {"release": "1.23.2"}


def outcomes(wire: Wire) -> dict[str, str]:
    return {o.requirement: o.outcome.value for o in wire.recorder.observations}


def failure(wire: Wire) -> Observation:
    (found,) = wire.recorder.failures()
    return found


def test_each_request_says_who_sends_it_and_which_one_it_is(wire: Wire, transport: FakeTransport) -> None:
    wire.call("versions.get", expect=None)
    wire.call("versions.get", expect=None)
    first, second = (dict(r.headers) for r in transport.sent)
    assert first["Authorization"] == f"Token {KEY}"
    assert "run-1" in first["User-Agent"]
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_anonymous_requests_carry_no_key(wire: Wire, transport: FakeTransport) -> None:
    wire.call("versions.get", role="anonymous", expect=None)
    assert "Authorization" not in dict(transport.sent[0].headers)


def test_a_documented_success_passes_every_rule(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(204, content_type="")
    wire.call("projects.delete", id=1)
    assert outcomes(wire) == {
        "projects.delete#offered": "pass",
        "projects.delete#no-server-error": "pass",
        "projects.delete#valid-never-fails": "pass",
        "projects.delete#status": "pass",
        "projects.delete#success": "pass",
    }


@pytest.mark.parametrize(
    ("answer", "rule", "signature"),
    [
        (response(500, {"detail": "boom 17"}), "valid-never-fails", "HTTP 500: a valid request"),
        (response(500, b"<html>bad server</html>", "text/html"), "valid-never-fails", "HTTP 500: a valid request"),
        (response(500, b"{", "application/json"), "valid-never-fails", "HTTP 500: a valid request"),
        (response(206, []), "status", "HTTP 206"),
        (response(302, None, location="/login"), "status", "HTTP 302"),
        (response(418, {}), "status", "HTTP 418"),
        (response(200, b"<html></html>", "text/html"), "content-type", "HTTP 200 text/html"),
        (response(200, b"[{", "application/json"), "whole", "HTTP 200 no JSON"),
        (response(200, '["é"]'.encode(), "application/json; charset=iso-8859-1"), "whole", "HTTP 200 charset"),
        (replace(response(200, []), excess=3), "whole", "HTTP 200 longer than announced"),
        (response(200, ["JSON", 1, 2]), "response-schema", "type at /*"),
        (response(200, {}), "response-schema", "type at /"),
    ],
)
def test_each_rule_of_the_contract_finds_its_fault(
    wire: Wire, transport: FakeTransport, answer: RawResponse, rule: str, signature: str
) -> None:
    transport.answer = lambda _: answer
    wire.ledger.add("project", 1)
    wire.call("projects.exports.list_formats", id=1, expect=None, deed="")
    found = failure(wire)
    assert (found.requirement, found.signature) == (f"projects.exports.list_formats#{rule}", signature)
    assert found.evidence is not None
    assert found.pointer is not None
    assert found.pointer.startswith("#/")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 415, 416, 422, 431])
def test_a_client_error_with_reason_in_http_is_neither_failure_nor_success(
    wire: Wire, transport: FakeTransport, status: int
) -> None:
    transport.answer = lambda _: response(status, {"detail": "no"})
    wire.call("versions.get", role="anonymous", expect=None)
    assert wire.recorder.failures() == ()
    assert "versions.get#success" not in outcomes(wire)


@pytest.mark.parametrize(("headers", "fails"), [({"Range": "bytes=0-5"}, False), ({}, True)])
def test_a_part_is_right_for_whoever_asked_for_one(
    wire: Wire, transport: FakeTransport, headers: dict[str, str], *, fails: bool
) -> None:
    transport.answer = lambda _: response(206, b'[{"id"')
    wire.call("versions.get", headers=headers, expect=206)
    broken = {o.rule for o in wire.recorder.failures()}
    assert ("status" in broken) is fails
    assert "whole" not in broken


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        (response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8"), Outcome.UNSUPPORTED),
        (response(405, {"detail": "no"}, allow="POST, OPTIONS"), Outcome.UNSUPPORTED),
        (response(405, {"detail": "no"}, allow="GET, OPTIONS"), Outcome.PASS),
    ],
)
def test_a_missing_route_is_unsupported_and_a_missing_object_is_not(
    wire: Wire, transport: FakeTransport, answer: RawResponse, offered: Outcome
) -> None:
    wire.ledger.add("task", 1)
    transport.answer = lambda _: answer
    wire.call("tasks.get", id=1, expect=None)
    assert outcomes(wire)["tasks.get#offered"] == offered.value
    assert wire.recorder.failures() == ()


def test_one_page_for_missing_objects_and_missing_routes_hides_no_operation(
    wire: Wire, transport: FakeTransport
) -> None:
    page = response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8")
    transport.answer = lambda r: response(200, {}) if r.method == "OPTIONS" and "no-such-path" not in r.url else page
    wire.ledger.add("task", 1)
    for number in (1, 1, 2):
        wire.call("tasks.get", id=number, expect=None)
    assert "tasks.get#offered" not in outcomes(wire)
    assert [r.method for r in transport.sent] == ["GET", "OPTIONS", "OPTIONS", "GET", "GET"]


@pytest.mark.parametrize("served", [False, True])
def test_a_gateway_that_answers_options_says_nothing_of_a_route(
    wire: Wire, transport: FakeTransport, *, served: bool
) -> None:
    page = response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8")

    def behind_gateway(request: RawRequest) -> RawResponse:
        if request.method == "OPTIONS":
            return response(204)
        if served and request.method not in {"GET", "POST"} and "no-such-path" not in request.url:
            return response(405, {"detail": "no such method"}, allow="GET")
        return page

    transport.answer = behind_gateway
    wire.ledger.add("task", 1)
    wire.call("tasks.get", id=1, expect=None)
    assert outcomes(wire).get("tasks.get#offered") == (None if served else "unsupported")


@pytest.mark.parametrize("answer", [204, 405])
def test_a_gateway_that_answers_everything_but_what_we_ask_proves_nothing(
    wire: Wire, transport: FakeTransport, answer: int
) -> None:
    page = response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8")
    transport.answer = lambda r: page if r.method == "GET" else response(answer)
    wire.ledger.add("task", 1)
    wire.call("tasks.get", id=1, expect=None)
    assert "tasks.get#offered" not in outcomes(wire)


def test_the_page_for_an_object_that_is_not_there_tells_nothing_of_the_route(
    wire: Wire, transport: FakeTransport
) -> None:
    transport.answer = lambda _: response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8")
    wire.call("tasks.get", id=7, expect=None)
    assert "tasks.get#offered" not in outcomes(wire)


def test_a_path_that_no_route_can_match_tells_nothing_of_the_route(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(404, b"<h1>Not Found</h1>", "text/html; charset=utf-8")
    wire.call("tasks.get", id="abc", expect=None)
    assert "tasks.get#offered" not in outcomes(wire)
    assert set(outcomes(wire).values()) == {"warn"}


def test_a_404_shows_nothing_that_is_right(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(404, {"detail": "Not found."})
    wire.call("tasks.get", id=7, expect=None)
    assert outcomes(wire) == {}


def test_who_asks_for_some_of_the_fields_gets_those_judged(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, {"count": 1, "results": [{"id": "no number"}]})
    wire.call("projects.list", query={"include": "id"})
    assert {o.signature for o in wire.recorder.failures()} == {"type at /results/*/id"}
    wire.recorder.begin("none of them")
    transport.answer = lambda _: response(200, {"count": 1, "results": [{}]})
    wire.call("projects.list", query={"include": ""})
    assert not list(wire.recorder.failures())
    wire.recorder.begin("again")
    wire.call("projects.list", query={"page": 1})
    assert any(o.signature.startswith("required") for o in wire.recorder.failures())


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("Can't find 'delete_all' in registered actions", "Can't find … in registered actions"),
        ("S3Storage 17 has no 'key'", "S3Storage N has no …"),
        ("Can't find ''s'x' in registered actions", "Can't find … in registered actions"),
        ("Field 'id' expected a number but got [{'': None}, 3].", "Field … expected a number but got …"),
        ("2 validation errors for Params a.0.b Input should be", "N validation errors for Params"),
        ("1 validation error for Params a Field required", "N validation errors for Params"),
        ("'latin-1' codec can't encode characters in position 0-1", "… codec can't encode character … in position N"),
        ("'latin-1' codec can't encode character 'x' in position 3", "… codec can't encode character … in position N"),
        ('bad value "x" at 68eaa849-cb1d-40a1-a2c7-126878952dc1', "bad value … at …"),
    ],
)
def test_the_cause_of_an_error_is_what_it_says_without_values(
    wire: Wire, transport: FakeTransport, said: str, cause: str
) -> None:
    transport.answer = lambda _: response(500, {"detail": said})
    assert cause_of(wire.call("versions.get", expect=None)) == cause


def test_no_answer_is_an_error_and_not_a_failure(wire: Wire, transport: FakeTransport) -> None:
    def lose(request: RawRequest) -> RawResponse:
        raise ConnectionLost("gone", code="connection-lost", request=request)

    transport.answer = lose
    with pytest.raises(Unexpected):
        wire.call("versions.get")
    assert outcomes(wire) == {"versions.get#answered": "error"}


def test_a_step_that_goes_wrong_says_what_was_expected_and_what_came(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(400, {"detail": "title is too short"})
    with pytest.raises(Unexpected, match=r"expected 201, got POST /api/projects/ → 400.*title is too short"):
        wire.call("projects.create", json={"title": "x"})


def test_a_target_that_is_gone_ends_the_run(wire: Wire, transport: FakeTransport) -> None:
    def refuse(request: RawRequest) -> RawResponse:
        raise ConnectFailed("connection refused", code="connect-refused", request=request)

    transport.answer = refuse
    with pytest.raises(TargetLost) as lost:
        wire.call("versions.get")
    assert lost.value.exit_code == 6


def test_a_lost_key_ends_the_run_after_a_look(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(401, {"detail": "Invalid token."})
    for _ in range(2):
        wire.call("projects.list", expect=None)
    with pytest.raises(TargetLost, match="no longer takes the key"):
        wire.call("projects.list", expect=None)
    assert transport.sent[-1].url.endswith("/api/current-user/whoami")


def test_401s_on_purpose_do_not(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(401, {"detail": "Invalid token."})
    for _ in range(5):
        wire.call("projects.list", role="anonymous", expect=None)
    with wire.key_at_risk():
        for _ in range(5):
            wire.call("projects.list", expect=None)
    assert all("whoami" not in r.url for r in transport.sent)


def test_unchecked_exchanges_are_not_observed(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(500, {})
    with wire.unchecked():
        wire.call("versions.get", expect=None)
    assert wire.recorder.observations == ()


def test_the_same_failure_counts_and_keeps_its_smallest_reproduction(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(500, {"detail": "boom"})
    for title in ("a" * 40, "bbb", "c" * 20):
        wire.call("projects.create", json={"title": title}, expect=None)
    found = failure(wire)
    assert found.count == 3
    assert found.evidence is not None
    assert '"title":"bbb"' in found.evidence.curl


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": {"title": 'it\'s $HOME `x` "q" \\'}},
        {"json": {"title": "ünï 😀\n"}},
        {"data": {"a": "1 & 2"}},
        {"content": b"", "headers": {"X-Odd": "a'b"}},
    ],
)
def test_the_curl_line_survives_a_shell(wire: Wire, transport: FakeTransport, arguments: dict[str, Any]) -> None:
    exchange = wire.call("projects.create", expect=None, **arguments)
    words = shlex.split(wire.evidence(exchange).curl)
    assert words[-1] == transport.sent[0].url
    assert words[words.index("-X") + 1] == "POST"
    if transport.sent[0].content:
        assert words[words.index("--data-binary") + 1].encode() == transport.sent[0].content


@pytest.mark.parametrize(
    "body",
    [b"[" * 9000 + b"]" * 9000, b'{"title": "\xff\xfe"}', b"a\x00b", b"x" * 200_000],
    ids=lambda b: f"{len(b)} bytes",
)
def test_a_long_or_binary_body_goes_in_packed_and_comes_out_exactly(wire: Wire, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    line = wire.evidence(wire.call("projects.create", expect=None, content=body, headers=headers)).curl
    assert len(line) < 1500
    source, _, rest = line.rpartition(" | curl ")
    assert "--data-binary @- " in rest
    sent = subprocess.run(["/bin/sh", "-c", source], capture_output=True, check=True).stdout
    assert sent == body


def test_a_body_without_pattern_is_left_to_a_file(wire: Wire) -> None:
    noise = b"".join(hashlib.sha256(bytes([n, m])).digest() for n in range(100) for m in range(8))
    assert "--data-binary @body.bin " in wire.evidence(wire.call("projects.create", expect=None, content=noise)).curl


def test_a_packed_body_holds_no_secret(wire: Wire) -> None:
    body = b'{"refresh": "' + KEY.encode() + b'", "other": "' + b"x" * 9000 + b'", "bytes": "\xff"}'
    line = wire.evidence(wire.call("projects.create", expect=None, content=body)).curl
    packed = line.split()[1]
    assert KEY.encode() not in gzip.decompress(base64.b64decode(packed))


def test_the_request_body_of_httpx_reaches_the_wire_unchanged(wire: Wire, transport: FakeTransport) -> None:
    wire.call("projects.import_tasks", id=1, files={"file": ("a.csv", b"a\n1\n", "text/csv")}, expect=None)
    sent = transport.sent[0]
    assert sent.content is not None
    assert b'filename="a.csv"' in sent.content
    assert dict(sent.headers)["content-type"].startswith("multipart/form-data; boundary=")


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("/labels/data/a.png", "http://target.test/labels/data/a.png"),
        ("/data/a.png", "http://target.test/data/a.png"),
        ("http://target.test/labels/data/a.png", "http://target.test/labels/data/a.png"),
    ],
)
def test_what_the_target_tells_is_followed_as_a_browser_does(
    wire: Wire, transport: FakeTransport, told: str, asked: str
) -> None:
    wire.base_url, wire._base_path = "http://target.test/labels", "/labels"
    wire.follow(told)
    assert transport.sent[-1].url == asked


def test_what_lies_beside_the_target_is_no_operation_of_it(wire: Wire, transport: FakeTransport) -> None:
    wire.base_url, wire._base_path = "http://target.test/labels", "/labels"
    assert wire.follow("/api/projects/").operation is None
    assert wire.follow("/labels/api/projects/").operation is not None
    assert len(transport.sent) == 2
