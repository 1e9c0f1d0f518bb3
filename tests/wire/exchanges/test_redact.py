"""No secret in any artefact, in any encoding."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from conformance.judge import Observation, Outcome
from conformance.run.case.phases import without_secrets
from conformance.wire import Unexpected
from conformance.wire.exchanges.redact import Redactor
from tests.wire.conftest import KEY, FakeTransport, response

if TYPE_CHECKING:
    from conformance.wire import Wire

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.c2lnbmF0dXJl"
ODD = 'p"w/ä+& x'
SIZE = 1000


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(lambda: (KEY, ODD))


@pytest.mark.parametrize(
    "text",
    [
        f"Token {KEY}",
        f"a {KEY} b",
        f"Authorization: Bearer {JWT}",
        f"Authorization: Bearer {'x' * 20}",
        f"?key={quote(ODD, safe='')}",
        json.dumps({"x": ODD}),
        f"jwt {JWT}",
    ],
)
def test_text_loses_known_secrets_and_what_looks_like_one(redactor: Redactor, text: str) -> None:
    masked = redactor.text(text)
    for secret in (KEY, ODD, quote(ODD, safe=""), json.dumps(ODD)[1:-1], JWT, "x" * 20):
        assert secret not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "body",
    [
        b'{"aws_secret_access_key": "hidden-1", "deep": [{"refresh": "hidden-1"}]}',
        b'{"password": "hidden-1", "cut off',
        b'{"token":"hidden-1"',
    ],
)
def test_json_fields_that_are_named_like_secrets_are_masked_even_in_broken_json(
    redactor: Redactor, body: bytes
) -> None:
    assert "hidden-1" not in redactor.excerpt(body, "application/json", SIZE)


def test_forms_and_queries_are_masked_by_name(redactor: Redactor) -> None:
    assert "hidden-1" not in redactor.excerpt(b"a=1&password=hidden-1", "application/x-www-form-urlencoded", SIZE)
    masked = redactor.url("http://h/p?project=1&X-Amz-Signature=hidden-1&token=hidden-1")
    assert "hidden-1" not in masked
    assert "project=1" in masked


def test_headers_are_masked_but_their_scheme_stays(redactor: Redactor) -> None:
    pairs = [("Authorization", f"Token {KEY}"), ("Set-Cookie", "sessionid=hidden-1"), ("X-Other", "plain")]
    assert redactor.headers(pairs) == [
        ["Authorization", "Token ***"],
        ["Set-Cookie", "***"],
        ["X-Other", "plain"],
    ]


def test_what_holds_no_secret_stays_as_it_was(redactor: Redactor) -> None:
    body = '{"title":  "Zażółć",   "ok": true}'
    assert redactor.excerpt(body.encode(), "application/json", SIZE) == body
    assert redactor.url("http://h/a%2Fb?x=%20&y") == "http://h/a%2Fb?x=%20&y"


@pytest.mark.parametrize("many", [1, 400])
def test_where_a_long_body_ends_no_secret_is_cut_in_two(redactor: Redactor, many: int) -> None:
    # what is masked is shorter than what was there, so that the place where the search ended moves into sight
    for before in range(4000, 5200, 7):
        body = f"{'x ' * (before // 2)}{f'{KEY} ' * many}{'y ' * 4000}"
        shown = redactor.excerpt(body.encode(), "text/plain", SIZE)
        assert KEY[:6] not in shown
        assert shown.endswith(f"({len(body)} characters)")
    secrets = f"{KEY} " * 1000
    assert KEY[:6] not in redactor.excerpt(secrets.encode(), "text/plain", SIZE)


def test_evidence_of_an_exchange_holds_no_secret(wire: Wire, transport: FakeTransport) -> None:
    body: dict[str, Any] = {"token": KEY, "access": JWT, "note": f"your key is {KEY}"}
    transport.answer = lambda _: response(200, body, set_cookie=f"sessionid={JWT}")
    exchange = wire.call("users.get_token", expect=None, headers={"X-Note": KEY}, query={"token": KEY})
    kept = json.dumps(asdict(wire.evidence(exchange)))
    assert KEY not in kept
    assert JWT not in kept
    assert "$LABEL_STUDIO_API_KEY" in kept


MADE = "made-on-the-way-0123456789abcdef"


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("users.get_token", lambda: response(200, {"token": MADE})),
        ("tokens.create", lambda: response(201, {"token": MADE})),
        ("projects.list", lambda: response(200, {"results": []}, set_cookie=f"sessionid={MADE}; Path=/; HttpOnly")),
    ],
)
def test_what_the_target_gave_out_is_secret_wherever_it_shows_up_again(
    wire: Wire, transport: FakeTransport, operation: str, answer: Any
) -> None:
    transport.answer = lambda _: answer()
    wire.call(operation, expect=None)
    encoded = base64.b64encode(f"id:{MADE}".encode()).decode()
    transport.answer = lambda _: response(200, {"title": f"seen: {MADE}", "about": encoded})
    kept = json.dumps(asdict(wire.evidence(wire.call("users.whoami", expect=None))))
    assert MADE not in kept
    assert encoded[4:-4] not in kept
    assert "seen: ***" in kept


def test_a_password_of_a_new_account_is_secret(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, {})
    form = f"email=a%40b.c&password={MADE}"
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    wire.request("POST", "/user/signup/", headers=headers, content=form.encode(), role="anonymous")
    assert MADE in set(wire.secrets())


def test_what_an_observation_quotes_of_an_answer_holds_no_secret(redactor: Redactor) -> None:
    """A token that was reset to what it was, say, stands in expected and got, and in the sentence about them."""
    quoted = f"expected another key than {KEY}"
    seen = Observation(
        requirement="LS-KEY-012",
        outcome=Outcome.FAIL,
        message=quoted,
        expected=KEY,
        got=f'{{"token": "{KEY}"}}',
        signature=f"again {KEY}",
    )
    told = without_secrets(seen, redactor)
    assert KEY not in json.dumps(told.to_json())
    assert told.message == "expected another key than ***"
    word = Observation(
        requirement="LS-KEY-012", outcome=Outcome.FAIL, message="The token exchanged is no bearer something."
    )
    assert without_secrets(word, redactor).message == word.message
    assert without_secrets(replace(seen, outcome=Outcome.PASS), redactor).expected == KEY


def test_an_answer_of_success_that_was_not_wanted_is_not_quoted(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, {"token": "0123456789abcdef0123"})
    with pytest.raises(Unexpected) as raised:
        wire.call("users.reset_token", expect=201)
    assert "0123456789abcdef0123" not in str(raised.value)
    assert "0123456789abcdef0123" in set(wire.secrets())


def test_headers_are_masked_each_whatever_they_hold(redactor: Redactor) -> None:
    sent = [
        ("X-A", f"1 {KEY}"),
        ("Authorization", f"Token {KEY}"),
        ("X-Empty", ""),
        ("X-Token", "token"),
        ("X-B", "abcdefghij"),
    ]
    masked = [
        ["X-A", "1 ***"],
        ["Authorization", "Token ***"],
        ["X-Empty", ""],
        ["X-Token", "token"],
        ["X-B", "abcdefghij"],
    ]
    assert redactor.headers(sent) == masked
    assert redactor.headers([*sent, ("X-C", f"a\0{KEY}")]) == [*masked, ["X-C", "a\0***"]]
    assert redactor.headers([]) == []
