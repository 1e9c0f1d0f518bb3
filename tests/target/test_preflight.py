from __future__ import annotations

import hashlib
import json
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from werkzeug import Request, Response

from conformance.errors import ExitCode
from conformance.target.credentials import KeyKind
from conformance.target.preflight import PreflightFailed, preflight
from conformance.target.settings import TargetSettings
from conformance.wire.messages import ConnectionSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer

KEY = "0123456789abcdefsecret"
PAT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MX0.c2ln"  # expired in 1970
VERSION: dict[str, Any] = {
    "release": "1.23.2",
    "label-studio-os-package": {"version": "1.23.2"},
    "edition": "Community",
}
USER: dict[str, Any] = {
    "id": 7,
    "email": "ann@example.com",
    "active_organization": 3,
    "active_organization_meta": {"title": "Org", "email": "ann@example.com"},
    "permissions": ["tasks.view", "projects.view"],
}


def as_json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")


class Target:
    """A server that answers like Label Studio, except where a test says otherwise."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/base")
        self.key = f"Token {KEY}"
        self.requests: list[Request] = []
        self.answers: dict[str, Response] = {
            "/base/api/version/": as_json(VERSION),
            "/base/api/current-user/whoami": as_json(USER),
            "/base/docs/api/schema/json/": as_json({"openapi": "3.0.3", "paths": {}}),
            "/base/api/token/refresh/": as_json({"access": "acc3ss"}),
        }
        self.everything: Response | None = None
        server.expect_request(re.compile(".*")).respond_with_handler(self)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        if self.everything is not None:
            return self.everything
        answer = self.answers.get(request.path, Response("<h1>404</h1>", 404, content_type="text/html"))
        if request.path.endswith("whoami") and request.headers.get("Authorization") != self.key:
            return as_json({"detail": "Invalid token."}, 401) if answer.status_code == 200 else answer
        return answer


@pytest.fixture
def target(httpserver: HTTPServer) -> Target:
    return Target(httpserver)


def settings(url: str, key: str = KEY, **connection: Any) -> TargetSettings:
    return TargetSettings(url=url, api_key=key, connection=ConnectionSettings(**connection))


def failure(url: str, key: str = KEY, *, patience: float = 5, **connection: Any) -> PreflightFailed:
    """The one screen that comes of it, after what holds for every such screen was checked."""
    started = time.monotonic()
    with pytest.raises(PreflightFailed) as caught:
        preflight(settings(url, key, **connection), patience=patience)
    assert time.monotonic() - started < 10
    error = caught.value
    screen = error.render()
    assert error.exit_code is ExitCode.TARGET_UNUSABLE
    assert error.hint
    assert error.came
    assert key not in screen
    assert len(screen.splitlines()) <= 24
    assert all(line.isprintable() for line in screen.splitlines())
    assert "Traceback" not in screen
    return error


# --- a target that can be judged


def test_facts(target: Target) -> None:
    facts = preflight(settings(target.url))
    assert (facts.url, facts.product, facts.version, facts.edition) == (
        target.url,
        "Label Studio",
        "1.23.2",
        "community",
    )
    assert (facts.user_id, facts.email, facts.organization, facts.owner) == (7, "a***@example.com", 3, True)
    assert facts.rights == ("projects.view", "tasks.view")
    assert facts.key_kind is KeyKind.LEGACY
    assert facts.version_digest == hashlib.sha256(json.dumps(VERSION).encode()).hexdigest()
    assert facts.own_schema_available


def test_personal_access_token(target: Target) -> None:
    target.key = "Bearer acc3ss"
    assert preflight(settings(target.url, PAT)).key_kind is KeyKind.PERSONAL


def test_the_key_is_shown_to_label_studio_only(target: Target) -> None:
    preflight(settings(target.url))
    carrying = [r.path for r in target.requests if "Authorization" in r.headers]
    assert carrying == ["/base/api/current-user/whoami"]


@pytest.mark.parametrize(
    ("document", "edition"),
    [
        ({"release": "2.30", "label-studio-os-package": {}}, "community"),
        ({"release": "2.30", "edition": "Enterprise"}, "enterprise"),
        ({"release": "2.30", "label-studio-enterprise-backend": {}}, "enterprise"),
    ],
)
def test_edition(target: Target, document: dict[str, Any], edition: str) -> None:
    target.answers["/base/api/version/"] = as_json(document)
    assert preflight(settings(target.url)).edition == edition


def test_a_user_of_whom_little_is_told(target: Target) -> None:
    odd: dict[str, Any] = {
        "id": 7,
        "email": None,
        "active_organization": "x",
        "permissions": {"a": 1},
        "organization_membership": [],
    }
    target.answers["/base/api/current-user/whoami"] = as_json(odd)
    facts = preflight(settings(target.url))
    assert (facts.email, facts.organization, facts.owner, facts.role, facts.rights) == (
        "",
        None,
        None,
        "",
        (),
    )


def test_a_missing_whoami_does_not_stop_the_run(target: Target) -> None:
    target.answers["/base/api/current-user/whoami"] = Response("<h1>404</h1>", 404)
    target.answers["/base/api/projects/"] = as_json({"count": 0, "results": []})
    assert preflight(settings(target.url)).user_id is None


@pytest.mark.parametrize("answer", [Response("", 500), Response("<html>", 200), as_json({}), Response("", 302)])
def test_a_missing_schema_does_not_stop_the_run(target: Target, answer: Response) -> None:
    target.answers["/base/docs/api/schema/json/"] = answer
    assert not preflight(settings(target.url)).own_schema_available


# --- nothing there


def test_connection_refused() -> None:
    with socket.socket() as bound:  # bound, not listening
        bound.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{bound.getsockname()[1]}")
    assert error.code == "connect-refused"
    assert error.tried.startswith("curl -sS -i http://127.0.0.1:")
    assert "container" in error.hint


def test_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure("http://nowhere.invalid")
    assert error.code == "dns"
    assert "nowhere.invalid" in error.message


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=0.1)
    assert error.code == "timeout"


def test_untrusted_certificate(untrusted: str) -> None:
    error = failure(untrusted)
    assert error.code == "tls"
    assert "--ca-bundle" in error.hint


@pytest.fixture
def untrusted() -> Iterator[str]:
    """URL of a server whose certificate nobody trusts."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass

        thread = threading.Thread(target=shake)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_an_endless_body() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def pour() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
                while True:
                    connection.sendall(b'"label-studio": "x",' * 4096)

        thread = threading.Thread(target=pour)
        thread.start()
        error = failure(f"http://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()
    assert error.code == "not-label-studio"
    assert "more than 262144 bytes" in error.came


# --- something else there


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html><title>Welcome to nginx!</title></html>", 200, content_type="text/html"),
        Response("<html><h1>404 Not Found</h1>nginx</html>", 404, content_type="text/html"),
        as_json({}),
        as_json([]),
        as_json("1.0"),
        as_json({"version": "2.4.1", "product": "another"}),
        as_json({"release": "2.4.1"}),
        as_json({"release": 3, "label-studio-os-package": {}}),
        as_json(VERSION, 404),
        Response(b"\xff\xfe{\x00}\x1b[31m\x07\xe2\x80\xae", 200, content_type="text/plain"),
        Response("[" * 100_000, 200, content_type="application/json"),
        Response("", 204),
        Response("x" * 300_000, 200, content_type="a/b"),
    ],
)
def test_what_is_not_label_studio(target: Target, answer: Response) -> None:
    target.everything = answer
    error = failure(target.url)
    assert error.code == "not-label-studio"
    assert error.came.startswith(f"{answer.status_code}, ")
    assert all("Authorization" not in request.headers for request in target.requests)


def test_an_endless_redirect(target: Target) -> None:
    target.everything = Response("", 301, {"Location": target.url + "/api/version/"})
    error = failure(target.url)
    assert error.code == "redirected"
    assert f"Location: {target.url}/api/version/" in error.came
    assert len(target.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "version-protected"),
        (403, "version-protected"),
        (429, "rate-limited"),
        (500, "server-failure"),
        (502, "server-failure"),
        (503, "server-failure"),
    ],
)
def test_servers_that_say_no_to_everything(target: Target, status: int, code: str) -> None:
    target.everything = Response("<html>no</html>", status)
    assert failure(target.url).code == code


def test_the_url_of_the_api_instead_of_the_root(target: Target) -> None:
    assert f"try {target.url}" in failure(target.url + "/api").hint


# --- Label Studio there, but the key does not open it


def test_wrong_key(target: Target) -> None:
    error = failure(target.url, "wr0ngkey")
    assert error.code == "key-refused"
    assert '"Authorization: Token $LABEL_STUDIO_API_KEY"' in error.tried
    assert "Invalid token." in error.came


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key(target: Target, status: int) -> None:
    target.answers["/base/api/current-user/whoami"] = as_json({"detail": f"not you, {KEY}"}, status)
    assert failure(target.url).code == "key-refused"


def test_a_login_page_is_a_refusal(target: Target) -> None:
    target.answers["/base/api/current-user/whoami"] = Response("", 302, {"Location": "/user/login/"})
    assert failure(target.url).code == "key-refused"


def test_legacy_tokens_switched_off(target: Target) -> None:
    detail = "Authentication token no longer valid: legacy token authentication has been disabled"
    target.answers["/base/api/current-user/whoami"] = as_json({"detail": detail}, 401)
    error = failure(target.url)
    assert error.code == "legacy-tokens-disabled"
    assert "personal access token" in error.hint


def test_expired_personal_access_token(target: Target) -> None:
    target.answers["/base/api/token/refresh/"] = as_json({"detail": "Token is expired"}, 401)
    error = failure(target.url, PAT)
    assert error.code == "key-expired"
    assert "1970-01-01" in error.message
    assert "/api/token/refresh/" in error.tried
    assert "Token is expired" in error.came


def test_personal_tokens_switched_off(target: Target) -> None:
    error = failure(target.url, PAT)  # exchanged, but the access token opens nothing
    assert error.code == "key-refused"
    assert "Bearer $ACCESS_TOKEN" in error.tried
    assert "acc3ss" not in error.render()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("oops", 500), "server-failure"),
        (as_json({}), "key-unclear"),
        (as_json({"id": "x"}), "key-unclear"),
        (Response("<html>", 200), "key-unclear"),
        (Response("gone", 404), "key-unclear"),
    ],
)
def test_neither_yes_nor_no(target: Target, answer: Response, code: str) -> None:
    target.key = "anything"
    target.answers["/base/api/current-user/whoami"] = answer
    if answer.status_code == 200:
        target.key = f"Token {KEY}"
    assert failure(target.url).code == code


def test_a_key_that_is_echoed_is_masked_before_the_text_is_cut(target: Target) -> None:
    echo = "x" * 190 + KEY + "y" * 50
    target.answers["/base/api/current-user/whoami"] = Response(echo, 401)
    assert KEY[:8] not in failure(target.url).render()


def test_the_shell_line_shows_how_we_connect_but_no_proxy_password(target: Target) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error = failure(target.url, insecure=True, proxy=f"http://u:pr0xypw@127.0.0.1:{port}")
    assert f"--insecure --proxy http://127.0.0.1:{port}" in error.tried
    assert "pr0xypw" not in error.render()


def test_unusable_certificate_files_are_a_screen_too(target: Target, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no PEM")
    assert failure(target.url, ca_bundle=tmp_path / "ca.pem").code == "tls-files"


def test_an_embedded_target_has_to_be_started_first() -> None:
    with pytest.raises(ValueError, match="needs a URL"):
        preflight(TargetSettings())


def test_a_header_that_a_gateway_takes_out_is_not_blamed_on_the_key(target: Target) -> None:
    detail = {"detail": "Authentication credentials were not provided."}
    target.answers["/base/api/current-user/whoami"] = as_json(detail, 401)
    error = failure(target.url)
    assert error.code == "no-key-came"
    assert "takes the header Authorization out" in error.hint
