"""What a target announces by its own schema; a target that announces nothing is judged all the same."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest
from werkzeug import Response

from conformance.target.own_schema import PLACES, announced_operations, offered_operations, schema_in
from conformance.wire.messages import ConnectionSettings

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

PATHS = {
    "/api/projects/{project_pk}/": {"get": {}, "parameters": []},
    "/api/version": {"get": {}},
    "/other/": {"get": {}},
}
FOUND = frozenset({"projects.get", "versions.get"})


def encoded(**document: object) -> bytes:
    return json.dumps(document).encode()


def offered(**document: object) -> frozenset[str]:
    schema = schema_in(encoded(**document))
    assert schema is not None
    return offered_operations(schema)


def ask(httpserver: HTTPServer) -> frozenset[str] | None:
    return announced_operations(httpserver.url_for("").rstrip("/"), ConnectionSettings(attempts=1))


def test_openapi_and_the_swagger_of_older_versions_are_read() -> None:
    assert offered(openapi="3.0.3", paths=PATHS) == FOUND
    below = {path.removeprefix("/api"): methods for path, methods in PATHS.items() if path.startswith("/api")}
    assert offered(swagger="2.0", basePath="/api", paths=below) == FOUND
    assert offered(openapi="3.0.3", paths={}) == frozenset()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff",
        encoded(openapi="3.0.3"),
        encoded(openapi="3.0.3", paths=[]),
        b"[" * 100_000,
    ],
)
def test_other_documents_are_no_schema(content: bytes) -> None:
    assert schema_in(content) is None


def test_odd_entries_do_no_harm() -> None:
    assert offered(openapi="3.0.3", paths={**PATHS, "/x/": None, "/y/": {"get": None}}) == FOUND


def test_the_place_of_older_versions_is_asked_second(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PLACES[0]).respond_with_response(Response("<h1>404</h1>", status=404))
    httpserver.expect_request("/docs/api", query_string="format=openapi").respond_with_data(
        encoded(swagger="2.0", paths=PATHS), content_type="application/json"
    )
    assert ask(httpserver) == FOUND
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_a_target_without_a_schema_announces_nothing(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PLACES[0]).respond_with_response(Response("", status=302, headers={"Location": "/"}))
    httpserver.expect_request("/docs/api").respond_with_data("<html>", content_type="text/html")
    assert ask(httpserver) is None


def test_a_target_that_is_not_there_announces_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        assert announced_operations(url, ConnectionSettings(attempts=1)) is None
