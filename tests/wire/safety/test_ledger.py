"""What the run created is known, and removed in reverse order; a broken DELETE degrades."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.wire import clean_up
from tests.wire.conftest import FakeTransport, response

if TYPE_CHECKING:
    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse


def _create(wire: Wire, transport: FakeTransport) -> None:
    answers = iter([{"id": 1}, {"id": 2}, {"id": 10, "project": 1}, {"id": 5, "project": 2}])
    transport.answer = lambda _: response(201, next(answers))
    wire.call("projects.create", json={}, expect=None)
    wire.call("projects.create", json={}, expect=None)
    wire.call("tasks.create", json={"project": 1}, expect=None)
    wire.call("views.create", json={"project": 2}, expect=None)
    transport.sent.clear()


def test_creations_are_entered_with_what_they_go_away_with(wire: Wire, transport: FakeTransport) -> None:
    _create(wire, transport)
    assert [(e.kind, e.identity, e.parent) for e in wire.ledger] == [
        ("project", "1", None),
        ("project", "2", None),
        ("task", "10", ("project", "1")),
        ("view", "5", ("project", "2")),
    ]


def test_clean_up_deletes_roots_in_reverse_order_and_leaves_the_rest_to_them(
    wire: Wire, transport: FakeTransport
) -> None:
    _create(wire, transport)
    transport.answer = lambda _: response(204)
    assert clean_up(wire) == []
    assert [r.url.removeprefix("http://target.test") for r in transport.sent] == [
        "/api/projects/2/",
        "/api/projects/1/",
    ]
    assert len(wire.ledger) == 0


def test_on_a_server_that_is_thrown_away_projects_go_with_it_unless_something_was_wrong(
    wire: Wire, transport: FakeTransport
) -> None:
    wire.thrown_away = True
    _create(wire, transport)
    wire.recorder.begin("a test in which all was well")
    before = wire.ledger.mark() - {("project", "2"), ("view", "5")}
    assert clean_up(wire, but=before) == []
    assert transport.sent == []
    assert [e.kind for e in wire.ledger] == ["project", "task"], "what is not to go is not forgotten"
    transport.answer = lambda _: response(500, {"detail": "no"})
    wire.call("projects.get", id=1, expect=None)
    transport.answer = lambda _: response(204)
    assert clean_up(wire) == []
    assert transport.sent[-1].url.endswith("/api/projects/1/")


def test_a_broken_delete_leaves_a_list_of_what_is_left(wire: Wire, transport: FakeTransport) -> None:
    _create(wire, transport)

    def answer(request: RawRequest) -> RawResponse:
        return response(500, {"detail": "no"}) if request.url.endswith("/2/") else response(204)

    transport.answer = answer
    assert sorted((e.kind, e.identity) for e in clean_up(wire)) == [("project", "2"), ("view", "5")]


def test_a_delete_by_a_test_is_noted(wire: Wire, transport: FakeTransport) -> None:
    _create(wire, transport)
    transport.answer = lambda _: response(204)
    wire.call("projects.delete", id=1)
    assert ("project", "1") not in [(e.kind, e.identity) for e in wire.ledger]
    assert wire.ledger.owns("project", 1), "a second DELETE of it must not be refused"


def test_a_refused_creation_is_not_entered(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(400, {"id": 3})
    wire.call("projects.create", json={}, expect=None)
    assert len(wire.ledger) == 0
