"""A target that is only read is sent nothing but GET and HEAD; classes say what else may happen to which target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety, load_safety
from conformance.outcomes import NotMeasured
from conformance.target.credentials import Credentials
from conformance.wire import RefusedByGuard
from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.transport import Transport
from tests.wire.conftest import FakeTransport, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

    from conformance.wire import Wire

PERSONAL = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmF0dXJl"


@pytest.fixture
def reading(make_wire: Callable[..., Wire]) -> Wire:
    wire = make_wire(allow=Safety.READ_ONLY)
    wire.ledger.add("project", 7)  # not even what is ours
    return wire


def test_what_reads_leaves(reading: Wire, transport: FakeTransport) -> None:
    reading.call("projects.get", id=8, expect=None)
    reading.request("HEAD", "/api/projects/8/")
    assert [r.method for r in transport.sent][:2] == ["GET", "HEAD"]
    assert {r.method for r in transport.sent} == {"GET", "HEAD"}


@pytest.mark.parametrize("operation", [o.id for o in load_contract() if not o.reads()])
def test_no_other_operation_does(reading: Wire, transport: FakeTransport, operation: str) -> None:
    path: dict[str, Any] = dict.fromkeys(load_contract()[operation].slots, 7)
    with pytest.raises(NotMeasured, match="only read"):
        reading.call(operation, expect=None, **path)
    assert transport.sent == []


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "post", "LS-CONFORMANCE", "TRACE"])
def test_nor_any_other_method(reading: Wire, transport: FakeTransport, method: str) -> None:
    with pytest.raises(NotMeasured, match="only read"):
        reading.request(method, "/api/projects/")
    assert transport.sent == []


def test_a_get_that_writes_does_not_leave_either(reading: Wire, transport: FakeTransport) -> None:
    with pytest.raises(NotMeasured, match="writes although"):
        reading.call("session_policy.get")
    assert transport.sent == []


def test_the_transport_lets_nothing_past_whoever_asks(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/token/refresh/").respond_with_json({"access": "an-access-token"})
    httpserver.expect_request("/").respond_with_data("")
    with Transport(ConnectionSettings(read_only=True)) as transport:
        for method in ("POST", "OPTIONS", "DELETE"):
            with pytest.raises(NotMeasured, match="neither GET nor HEAD"):
                transport.send(RawRequest(method=method, url=httpserver.url_for("/")))
        transport.send(RawRequest(method="GET", url=httpserver.url_for("/")))
        # without it a personal access token reads nothing
        Credentials(PERSONAL, base_url=httpserver.url_for("").rstrip("/"), transport=transport).header()
    assert [(r.method, r.path) for r, _ in httpserver.log] == [("GET", "/"), ("POST", "/api/token/refresh/")]


def test_a_page_for_an_object_that_is_not_there_tells_nothing_of_the_route(
    reading: Wire, transport: FakeTransport
) -> None:
    transport.answer = lambda _: response(404, b"<html>404</html>", "text/html")
    assert not reading.call("projects.get", id=7, expect=None).no_route
    assert reading.call("projects.get", id=7, expect=None, deed="").no_route
    assert {r.method for r in transport.sent} == {"GET"}


FOREIGN: list[tuple[str, dict[str, Any], Safety]] = [
    ("projects.import_tasks", {"id": 8, "json": [{"text": "x"}]}, Safety.ADMIN),
    ("projects.update", {"id": 8, "json": {"title": "mine now"}}, Safety.MUTATING),
    ("projects.delete", {"id": 8}, Safety.DESTRUCTIVE),
    ("jwt_settings.update", {"json": {}}, Safety.ADMIN),
]


@pytest.mark.parametrize(("operation", "arguments", "needed"), FOREIGN, ids=[o for o, _, _ in FOREIGN])
@pytest.mark.parametrize("allowed", [one for one in Safety if one is not Safety.READ_ONLY])
def test_what_is_there_is_touched_by_classes_that_are_allowed(
    make_wire: Callable[..., Wire],
    transport: FakeTransport,
    operation: str,
    arguments: dict[str, Any],
    needed: Safety,
    allowed: Safety,
) -> None:
    wire = make_wire(allow=allowed)
    if allowed >= needed:
        wire.call(operation, expect=None, **arguments)
        assert transport.sent
    else:
        with pytest.raises(RefusedByGuard):
            wire.call(operation, expect=None, **arguments)
        assert transport.sent == []


def test_every_operation_has_the_class_of_what_it_does() -> None:
    classes, resources = load_safety(), load_resources()
    assert set(classes) == set(load_contract().operations)
    for operation in load_contract():
        found = classes[operation.id]
        assert (found is Safety.ADMIN) == (operation.id in resources.hazards)
        if operation.method == "DELETE":
            assert found >= Safety.DESTRUCTIVE
        if not operation.reads():
            assert found > Safety.READ_ONLY
    assert classes["projects.create"] is Safety.ADDITIVE
    assert classes["projects.update"] is Safety.MUTATING


def test_names_of_classes_are_read_as_they_are_written() -> None:
    assert [one.label for one in Safety] == ["read-only", "additive", "mutating", "destructive", "admin"]
    assert all(Safety.named(one.label) is one for one in Safety)
    with pytest.raises(ValueError, match="read-only, additive"):
        Safety.named("everything")
