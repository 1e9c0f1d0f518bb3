from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug import Request, Response

from conformance.errors import ExitCode
from conformance.target.credentials import Credentials, CredentialsRefused, KeyKind
from conformance.wire.messages import ConnectionSettings
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

NOW = 1_800_000_000.0


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def jwt(kind: str, **payload: Any) -> str:
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'token_type': kind, **payload})}.c2lnbmF0dXJl"


PAT = jwt("refresh", exp=NOW + 1e9)


class Issuer:
    """Exchanges PAT for access tokens of ``lifetime`` seconds, on a clock that is ``skew`` seconds off."""

    def __init__(self) -> None:
        self.now = NOW
        self.lifetime = 300.0
        self.skew = 0.0
        self.issued: list[str] = []
        self.asked: list[Any] = []
        self.answer: Response | None = None

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.get_json())
        if self.answer is not None:
            return self.answer
        made = self.now + self.skew
        self.issued.append(jwt("access", iat=made, exp=made + self.lifetime, jti=len(self.issued)))
        return Response(json.dumps({"access": self.issued[-1]}), content_type="application/json")


@pytest.fixture
def issuer(httpserver: HTTPServer) -> Issuer:
    made = Issuer()
    httpserver.expect_request("/base/api/token/refresh/", method="POST").respond_with_handler(made)
    return made


@pytest.fixture
def transport() -> Iterator[Transport]:
    with Transport(ConnectionSettings(read_timeout=5)) as made:
        yield made


def credentials(key: str, issuer: Issuer, httpserver: HTTPServer, transport: Transport) -> Credentials:
    return Credentials(key, base_url=httpserver.url_for("/base"), transport=transport, clock=lambda: issuer.now)


@pytest.fixture
def personal(issuer: Issuer, httpserver: HTTPServer, transport: Transport) -> Credentials:
    return credentials(PAT, issuer, httpserver, transport)


@pytest.mark.parametrize("key", ["0123456789abcdef0123456789abcdef01234567", "a.b", "a.b.c.d", "x"])
def test_legacy_tokens(key: str, issuer: Issuer, httpserver: HTTPServer, transport: Transport) -> None:
    made = credentials(key, issuer, httpserver, transport)
    assert made.kind is KeyKind.LEGACY
    assert made.header() == {"Authorization": f"Token {key}"}
    assert not made.on_unauthorized()
    assert made.secrets() == {key}
    assert not issuer.asked
    assert key not in repr(made) or key == "x"


def test_a_personal_token_is_exchanged_once_while_its_access_token_lives(personal: Credentials, issuer: Issuer) -> None:
    assert personal.kind is KeyKind.PERSONAL
    assert personal.header() == {"Authorization": f"Bearer {issuer.issued[0]}"}
    issuer.now += 269
    assert personal.header() == {"Authorization": f"Bearer {issuer.issued[0]}"}
    assert issuer.asked == [{"refresh": PAT}]


@pytest.mark.parametrize("skew", [0, -86400, 86400])
def test_it_is_renewed_before_it_expires_even_if_the_clocks_differ(
    personal: Credentials, issuer: Issuer, skew: float
) -> None:
    issuer.skew = skew
    personal.header()
    issuer.now += 271
    assert personal.header() == {"Authorization": f"Bearer {issuer.issued[1]}"}
    assert personal.secrets() == {PAT, *issuer.issued}


def test_short_lived_access_tokens_are_not_renewed_for_every_request(personal: Credentials, issuer: Issuer) -> None:
    issuer.lifetime = 10
    personal.header()
    issuer.now += 7
    personal.header()
    assert len(issuer.issued) == 1
    issuer.now += 1.5
    personal.header()
    assert len(issuer.issued) == 2


def test_opaque_access_tokens_are_taken_to_live_five_minutes(personal: Credentials, issuer: Issuer) -> None:
    issuer.answer = Response('{"access": "opaque"}')
    assert personal.header() == {"Authorization": "Bearer opaque"}
    issuer.now += 271
    personal.header()
    assert len(issuer.asked) == 2


def test_one_renewal_after_a_401(personal: Credentials, issuer: Issuer) -> None:
    first = personal.header()["Authorization"]
    assert personal.on_unauthorized(first)
    second = personal.header()["Authorization"]
    assert second == f"Bearer {issuer.issued[1]}" != first
    assert personal.on_unauthorized(first)  # another thread's request, sent before the renewal
    assert len(issuer.issued) == 2
    assert not personal.on_unauthorized(second)
    assert not personal.on_unauthorized()
    assert len(issuer.issued) == 2
    issuer.now += 300
    personal.header()
    assert personal.on_unauthorized()
    assert len(issuer.issued) == 4


def test_a_401_before_anything_was_sent_changes_nothing(personal: Credentials, issuer: Issuer) -> None:
    assert not personal.on_unauthorized()
    assert not issuer.asked


def test_a_rotated_refresh_token_is_used_from_then_on(personal: Credentials, issuer: Issuer) -> None:
    issuer.answer = Response('{"access": "a", "refresh": "next"}')
    personal.header()
    issuer.now += 1000
    personal.header()
    assert issuer.asked[1] == {"refresh": "next"}
    assert "next" in personal.secrets()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response('{"detail": "Token is blacklisted"}', 401), "key-refused"),
        (Response("nope", 403), "key-refused"),
        (Response("bad", 400), "key-refused"),
        (Response("<html>", 404), "exchange-missing"),
        (Response("oops", 500), "exchange-failed"),
        (Response("{}", 200), "exchange-unusable"),
        (Response("[]", 200), "exchange-unusable"),
        (Response('{"access": 3}', 200), "exchange-unusable"),
        (Response('{"access": "a\\nb"}', 200), "exchange-unusable"),
        (Response(b"\xff\xfe", 200), "exchange-unusable"),
        (Response("[" * 50_000, 200), "exchange-unusable"),
        (Response("", 302, {"Location": "/login"}), "exchange-unusable"),
    ],
)
def test_refusals(personal: Credentials, issuer: Issuer, answer: Response, code: str) -> None:
    issuer.answer = answer
    with pytest.raises(CredentialsRefused) as caught:
        personal.header()
    assert caught.value.code == code
    assert caught.value.exit_code is ExitCode.TARGET_UNUSABLE
    assert caught.value.hint
    assert str(answer.status_code) in caught.value.cause


def test_an_expired_personal_token_is_called_so_if_the_server_refuses_it(
    issuer: Issuer, httpserver: HTTPServer, transport: Transport
) -> None:
    issuer.answer = Response('{"detail": "Token is expired"}', 401)
    with pytest.raises(CredentialsRefused, match=r"has expired \(2027-01-1") as caught:
        credentials(jwt("refresh", exp=NOW - 86400), issuer, httpserver, transport).header()
    assert caught.value.code == "key-expired"


def test_an_access_token_is_not_a_key(issuer: Issuer, httpserver: HTTPServer, transport: Transport) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        credentials(jwt("access", exp=NOW + 300), issuer, httpserver, transport).header()
    assert caught.value.code == "access-token"
    assert not issuer.asked


def test_the_key_is_not_shown_even_if_the_server_echoes_it(personal: Credentials, issuer: Issuer) -> None:
    issuer.answer = Response(f"refused: {PAT}", 401)
    with pytest.raises(CredentialsRefused) as caught:
        personal.header()
    assert PAT not in caught.value.render()
    assert PAT[:60] not in caught.value.render()


def test_the_servers_answer_decides_for_an_ambiguous_key(
    issuer: Issuer, httpserver: HTTPServer, transport: Transport
) -> None:
    odd = "abc.def.ghi"
    made = credentials(odd, issuer, httpserver, transport)
    made.header()
    assert made.kind is KeyKind.PERSONAL
    issuer.answer = Response("bad", 401)
    made = credentials(odd, issuer, httpserver, transport)
    assert made.header() == {"Authorization": f"Token {odd}"}
    assert made.kind is KeyKind.LEGACY
    assert not made.on_unauthorized()
