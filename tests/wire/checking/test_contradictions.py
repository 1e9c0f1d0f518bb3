"""Where a check fails by what one reader tells and another one tells otherwise, the one that is wrong is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.contract.tables.rules import load_rules
from conformance.wire.checking.contradictions import Contradictions
from conformance.wire.checking.jury import Jury
from tests.wire.conftest import response

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire
    from conformance.wire.messages import RawRequest
    from tests.wire.conftest import FakeTransport


class Views:
    """A server of the views of one project; each way to read them has a fault of its own."""

    def __init__(self) -> None:
        self.kept: dict[int, dict[str, Any]] = {}
        self.fault = ""
        self.first: dict[int, dict[str, Any]] = {}

    def __call__(self, request: RawRequest) -> Any:
        """Answer."""
        url = urlsplit(request.url)
        last = url.path.rstrip("/").rsplit("/", 1)[-1]
        sent = json.loads(request.content or b"{}")
        if request.method == "POST":
            number = len(self.kept) + 1
            self.kept[number] = {"id": number, "data": {}, **sent}
            return response(201, self.kept[number])
        if last.isdigit():
            return self._one(request.method, int(last), sent)
        listed = [v for v in self.kept.values() if str(v["project"]) in parse_qs(url.query).get("project", [])]
        if self.fault == "list loses":
            listed = listed[:-1]
        if self.fault == "list doubles":
            listed = [*listed, listed[0]]
        if self.fault == "list has strangers":
            listed = [*self.kept.values()]
        if self.fault == "list is stale":
            listed = [self.first.setdefault(v["id"], v) for v in listed]
        return response(200, listed)

    def _one(self, method: str, number: int, sent: dict[str, Any]) -> Any:
        if number not in self.kept:
            return response(404, {"detail": "Not found."})
        if method == "DELETE":
            del self.kept[number]
            return response(204)
        if method == "PATCH" and self.fault == "update forgets":
            return response(200, {**self.kept[number], **sent})
        if method == "PATCH":
            self.kept[number] = {**self.kept[number], **sent}
            return response(200, self.kept[number])
        told = self.kept[number]
        if self.fault == "get is stale":
            told = self.first.setdefault(number, told)
        if self.fault == "get of before":
            told, self.first[number] = self.first.get(number, told), told
        if self.fault == "get of another":
            told = next(iter(self.kept.values()))
        return response(200, told)


@pytest.fixture
def server(transport: FakeTransport, wire: Wire) -> Views:
    """The server."""
    tellers = load_rules().tellers
    jury = Jury(tellers, wire._read)
    wire._contradictions = Contradictions(tellers, owns=wire.ledger.owns, again=wire._repeat, jury=jury)
    made = Views()
    transport.answer = made
    return made


def make(wire: Wire, number: int = 2) -> list[int]:
    return [
        wire.call("views.create", json={"project": 7, "data": {"title": str(n)}}).json()["id"] for n in range(number)
    ]


def written(wire: Wire, identity: int) -> Exchange:
    """Read, write, and read once more by either reader; returns the write."""
    wire.call("views.get", id=identity)
    wire.call("views.list", query={"project": 7})
    write = wire.call("views.update", id=identity, json={"data": {"title": "written"}})
    wire.call("views.get", id=identity)
    wire.call("views.list", query={"project": 7})
    return write


@pytest.mark.parametrize(
    ("fault", "blamed"),
    [
        ("", None),
        ("list loses", "views.list"),
        ("list doubles", "views.list"),
        ("list is stale", "views.list"),
        ("get is stale", "views.get"),
        ("get of before", "views.get"),
        ("get of another", "views.get"),
    ],
)
def test_the_reader_that_is_wrong_is_named(wire: Wire, server: Views, fault: str, blamed: str | None) -> None:
    server.fault = fault
    write = written(wire, make(wire)[-1])
    found = wire.contradicted(write, "LS-TASK-001")
    assert (found and found.exchange.operation and found.exchange.operation.id) == blamed


def test_what_belongs_elsewhere_is_the_lists_fault(wire: Wire, server: Views) -> None:
    make(wire)
    wire.call("views.create", json={"project": 8, "data": {"title": "elsewhere"}})
    server.fault = "list has strangers"
    made = wire.call("views.create", json={"project": 7, "data": {"title": "new"}})
    wire.call("views.list", query={"project": 7})
    found = wire.contradicted(made, "LS-TASK-001")
    assert found is not None
    assert found.why == "asked for project 7, it lists view 3 of project 8"


def test_a_write_that_is_not_done_is_no_readers_fault(wire: Wire, server: Views) -> None:
    server.fault = "update forgets"
    assert wire.contradicted(written(wire, make(wire)[-1]), "LS-TASK-001") is None


def test_what_was_deleted_is_missed_by_nobody(wire: Wire, server: Views) -> None:
    del server
    made = make(wire)
    deleted = wire.call("views.delete", id=made[0])
    wire.call("views.list", query={"project": 7})
    assert wire.contradicted(deleted, "LS-TASK-001") is None


def test_readers_that_agreed_are_not_asked_again(wire: Wire, server: Views) -> None:
    write = written(wire, make(wire)[-1])
    assert wire.contradicted(write, "LS-TASK-001") is None
    server.fault = "list loses"
    assert wire.contradicted(write, "LS-TASK-001") is None
    assert wire.contradicted(write, "LS-TASK-002") is not None
