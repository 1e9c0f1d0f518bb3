"""What two answers say of one object, with no write between them, is compared: whichever is wrong is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.tables.rules import load_rules
from conformance.judge.observation import Outcome
from conformance.wire.checking.jury import Jury
from conformance.wire.checking.tellings import RULE, Tellings, comparable
from tests.wire.conftest import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest
    from tests.wire.conftest import FakeTransport

TITLE = "a project"


class Projects:
    """A server of one project; ``tells`` is what it says by each way, where that is not the truth."""

    def __init__(self) -> None:
        self.lacks: dict[str, str] = {}
        self.truth: dict[str, Any] = {"id": 5, "title": TITLE, "color": "#aabbcc", "task_number": 0}
        self.tells: dict[str, dict[str, Any]] = {}
        self.after: Callable[[], None] = lambda: None

    def __call__(self, request: RawRequest) -> Any:
        """Answer."""
        path = request.url.partition("?")[0]
        way = request.method if request.method != "GET" else "get" if path.endswith("/5/") else "list"
        way = "counts" if path.endswith("/counts/") else way
        if request.method == "PATCH":
            self.truth |= json.loads(request.content or b"{}")
        told = self.truth | self.tells.get(way, {})
        told.pop(self.lacks.get(way, ""), None)
        self.after()
        body = {"count": 1, "next": None, "previous": None, "results": [told]} if way in {"list", "counts"} else told
        return response(201 if way == "POST" else 200, body)


@pytest.fixture
def server(transport: FakeTransport, wire: Wire) -> Projects:
    """The server, with the project made."""
    tellers = load_rules().tellers
    wire.tellings = Tellings(tellers, owns=wire.ledger.owns, again=wire._repeat, jury=Jury(tellers, wire._read))
    made = Projects()
    transport.answer = made
    return made


def differences(wire: Wire) -> dict[str, str]:
    found = [o for o in wire.recorder.observations if o.rule == RULE and o.outcome is Outcome.FAIL]
    assert all(o.evidence is not None for o in found)
    return {str(o.operation): o.signature for o in found}


def ask(wire: Wire, *ways: str) -> None:
    for way in ways:
        match way:
            case "create":
                wire.call("projects.create", json={"title": TITLE})
            case "update":
                wire.call("projects.update", json={"color": "#112233"}, id=5)
            case "get":
                wire.call("projects.get", id=5)
            case _:
                wire.call("projects.list")


def test_who_tells_the_truth_is_shown_to(wire: Wire, server: Projects) -> None:
    del server
    ask(wire, "create", "get", "list", "update", "list", "get")
    assert differences(wire) == {}
    shown = {o.operation for o in wire.recorder.observations if o.rule == RULE and o.outcome is Outcome.PASS}
    assert shown == {"projects.create", "projects.get", "projects.list", "projects.update"}


@pytest.mark.parametrize(
    ("way", "asked", "blamed"),
    [
        ("list", ("create", "get", "list"), {"projects.list": "/color: not as in projects.get"}),
        ("list", ("create", "list", "get"), {"projects.list": "/color: not as in projects.create"}),
        ("POST", ("create", "get"), {"projects.create": "/color: not as in projects.get"}),
        ("PATCH", ("create", "update", "get"), {"projects.update": "/color: not as in projects.get"}),
        ("get", ("create", "update", "get"), {"projects.get": "/color: not as in projects.update"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_who_tells_something_else_is_blamed(
    wire: Wire, server: Projects, way: str, asked: tuple[str, ...], blamed: dict[str, str]
) -> None:
    server.tells[way] = {"color": "#000000"}
    ask(wire, *asked)
    assert differences(wire) == blamed


@pytest.mark.parametrize(
    ("way", "asked", "blamed"),
    [
        ("list", ("create", "get", "list"), {"projects.list": "/color: missing"}),
        ("POST", ("create", "get", "list"), {"projects.create": "/color: missing"}),
        ("get", ("create", "get", "list"), {"projects.get": "/color: missing"}),
    ],
)
def test_who_lacks_what_others_tell_is_blamed(
    wire: Wire, server: Projects, way: str, asked: tuple[str, ...], blamed: dict[str, str]
) -> None:
    server.lacks[way] = "color"
    ask(wire, *asked)
    assert differences(wire) == blamed


def test_what_nobody_tells_or_is_nothing_may_be_missing(wire: Wire, server: Projects) -> None:
    server.truth["expert_instruction"] = None
    server.lacks["list"] = "expert_instruction"
    ask(wire, "create", "get", "list")
    assert differences(wire) == {}


def test_what_was_not_asked_for_may_be_missing(wire: Wire, server: Projects) -> None:
    server.lacks["list"] = "color"
    ask(wire, "create")
    wire.request("GET", "/api/projects/?include=id,title")
    assert differences(wire) == {}


def test_what_the_contract_does_not_declare_there_may_be_missing(wire: Wire, server: Projects) -> None:
    server.truth["of_another_release"] = 1
    server.lacks["list"] = "of_another_release"
    ask(wire, "create", "get", "list")
    assert differences(wire) == {}


def test_what_was_written_bears_out_who_tells_it(wire: Wire, server: Projects) -> None:
    server.tells["get"] = {"title": "another"}
    ask(wire, "create", "get")
    assert differences(wire) == {"projects.get": "/title: not as in projects.create"}


def test_a_write_in_between_may_change_anything(wire: Wire, server: Projects) -> None:
    ask(wire, "create", "get")
    server.truth["color"] = "#ffffff"
    ask(wire, "update", "list")
    assert differences(wire) == {}


def test_what_changes_by_itself_is_asked_for_again(wire: Wire, server: Projects) -> None:
    ask(wire, "create", "get")
    server.truth["model_version"] = "trained meanwhile"
    wire.call("projects.get", id=5)
    ask(wire, "list")
    server.truth["model_version"] = "and again"
    ask(wire, "get")
    assert differences(wire) == {}


def test_what_settles_may_be_told_later(wire: Wire, server: Projects) -> None:
    server.tells["POST"] = {"task_number": None}
    ask(wire, "create", "get", "list")
    assert differences(wire) == {}
    server.tells["list"] = {"task_number": 7}
    ask(wire, "list")
    assert differences(wire) == {"projects.list": "/task_number: not as in projects.get"}


def test_what_somebody_else_made_they_may_change(wire: Wire, server: Projects) -> None:
    ask(wire, "get")
    server.tells["list"] = {"color": "#000000"}
    ask(wire, "list")
    assert differences(wire) == {}


def test_what_is_asked_beside_a_write_tells_nothing(wire: Wire, server: Projects) -> None:
    ask(wire, "create")
    tellings = wire.tellings
    assert tellings is not None
    written = tellings.begin("PATCH")
    server.truth["color"] = "#ffffff"
    ask(wire, "get")
    server.truth["color"] = "#aabbcc"
    assert tellings.end("PATCH", written) is written
    ask(wire, "list")
    assert differences(wire) == {}


@pytest.mark.parametrize("second", ["PATCH", "GET"])
def test_what_left_beside_a_write_tells_nothing_however_late_it_ends(wire: Wire, server: Projects, second: str) -> None:
    del server
    ask(wire, "create")
    tellings = wire.tellings
    assert tellings is not None
    first, beside = tellings.begin("PATCH"), tellings.begin(second)
    tellings.end("PATCH", first)
    assert tellings.end(second, beside) is None
    alone = tellings.begin("GET")
    assert tellings.end("GET", alone) is alone


def test_what_was_answered_before_a_write_is_not_compared_with_what_comes_after(wire: Wire, server: Projects) -> None:
    del server
    ask(wire, "create")
    tellings = wire.tellings
    assert tellings is not None
    wire.tellings = None  # as in a thread that has its answer and does not come to compare it yet
    late = wire.call("projects.get", id=5)
    wire.tellings = tellings
    before = tellings.begin("GET")
    assert tellings.end("GET", before) is before
    ask(wire, "update", "get")
    assert all(o.outcome is Outcome.PASS for _, o in tellings.look(late, before))
    ask(wire, "list")
    assert differences(wire) == {}


def test_who_differs_in_many_fields_is_asked_again_once(wire: Wire, server: Projects) -> None:
    ask(wire, "create", "get")
    server.tells["list"] = {"color": "#000000", "title": "another", "task_number": 9}
    asked = list[str]()
    server.after = lambda: asked.append("once")
    ask(wire, "list")
    assert differences(wire).keys() == {"projects.list"}
    assert len(asked) == 4  # the list, each of the two once more, and a third reader


def test_what_was_asked_for_in_another_form_is_not_compared(wire: Wire, server: Projects) -> None:
    server.tells["list"] = {"color": "#000000"}
    ask(wire, "create", "get")
    wire.request("GET", "/api/projects/?resolve_uri=false")
    assert differences(wire) == {}
    wire.request("GET", "/api/projects/?page=1")
    assert set(differences(wire)) == {"projects.list"}


def test_an_instant_may_be_written_in_two_ways(wire: Wire, server: Projects) -> None:
    server.truth["created_at"] = "2026-01-31T10:00:00Z"
    server.tells["list"] = {"created_at": "2026-01-31T10:00:00.000000+00:00"}
    ask(wire, "create", "get", "list")
    assert differences(wire) == {}


@pytest.mark.parametrize(
    ("one", "other", "compared"),
    [
        (1, 2.5, True),
        ("a", None, True),
        (0, None, True),
        (None, "", False),
        ([], {}, False),
        ([1], [2], True),
        ([1], [{"id": 1}], False),
        ([1], [], True),
        (1, "1", False),
    ],
)
def test_what_schemas_say_enough_of_is_not_compared(one: object, other: object, *, compared: bool) -> None:
    assert comparable(one, other) is compared
    assert comparable(other, one) is compared


@pytest.mark.parametrize("wrong", ["get", "list", "counts"])
def test_a_third_reader_says_which_of_two_is_wrong(wire: Wire, server: Projects, wrong: str) -> None:
    server.tells[wrong] = {"task_number": 7}
    ask(wire, "create", "get", "list")
    wire.call("projects.list_counts")
    names = {"get": "projects.get", "list": "projects.list", "counts": "projects.list_counts"}
    assert set(differences(wire)) == {names[wrong]}
