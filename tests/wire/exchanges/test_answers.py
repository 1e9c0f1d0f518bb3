"""Answers that know what was read of them."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.contract.json_equal import equal
from conformance.wire.exchanges.answers import AnswerLacks, forget, last_read
from conformance.wire.exchanges.stumbling import stumbled
from tests.wire.conftest import FakeTransport, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Wire

PROJECT = {"id": 1, "title": None, "tags": ["a", "b"], "created_by": {"id": 2}, "a/b": [{"c": 1}]}


@pytest.fixture
def read(wire: Wire, transport: FakeTransport) -> Callable[[Any], Any]:
    def made(body: Any) -> Any:
        transport.answer = lambda _: response(200, body)
        return wire.call("projects.get", id=1, expect=None).json()

    return made


def test_an_answer_is_the_value_that_it_is(read: Callable[[Any], Any]) -> None:
    answer = read(PROJECT)
    assert answer == PROJECT
    assert equal(PROJECT, answer)
    assert json.loads(json.dumps(answer)) == PROJECT
    assert {**answer} == dict(answer) == PROJECT
    assert [*answer["tags"]] == ["a", "b"]
    packed = pickle.loads(pickle.dumps(answer))
    for other in (copy.deepcopy(answer), packed):
        assert other == PROJECT
        assert type(other) is dict
        assert type(other["tags"]) is list


@pytest.mark.parametrize(
    ("reads", "pointer", "expected"),
    [
        (lambda a: a["nothing"], "/nothing", "something"),
        (lambda a: a["created_by"]["email"], "/created_by/email", "something"),
        (lambda a: a["tags"][2], "/tags", "at least 3 elements"),
        (lambda a: a["tags"]["id"], "/tags", "an object with 'id'"),
        (lambda a: a[0], "/0", "a list"),
        (lambda a: a["a/b"][0]["d"], "/a~1b/0/d", "something"),
        (lambda a: a["tags"].index("z"), "/tags", "a list with 'z'"),
        (lambda a: a.pop("nothing"), "/nothing", "something"),
    ],
)
def test_what_is_not_there_is_told(
    read: Callable[[Any], Any], reads: Callable[[Any], Any], pointer: str, expected: str
) -> None:
    answer = read(PROJECT)
    with pytest.raises(AnswerLacks) as raised:
        reads(answer)
    assert (raised.value.pointer, raised.value.expected) == (pointer, expected)
    assert "projects.get" in str(raised.value)
    assert raised.value.exchange.operation is not None


@pytest.mark.parametrize("kind", [KeyError, IndexError, TypeError, ValueError])
def test_whoever_expects_an_error_of_python_gets_it(read: Callable[[Any], Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read(PROJECT)["nothing"]


@pytest.mark.parametrize(
    ("reads", "pointer", "expected"),
    [
        (lambda a: a["title"] + "x", "/title", "string or null"),
        (lambda a: len(a["id"]), "/id", "integer"),
        (lambda a: a["title"]["x"], "/title", "string or null"),
        (lambda a: int(a["tags"][0]), "/tags/0", "something that a client can use"),
        (lambda a: next(t for t in a["tags"] if t == "z"), "/tags", "something that a client can use"),
        (lambda a: [e["id"] for e in a], "", "object"),
        (lambda a: a.get("gone").lower(), "/gone", "something that a client can use"),
    ],
)
def test_whoever_stumbles_has_something_in_hand(
    wire: Wire, read: Callable[[Any], Any], reads: Callable[[Any], Any], pointer: str, expected: str
) -> None:
    answer = read(PROJECT)
    with pytest.raises(Exception, match=r".*") as raised:
        reads(answer)
    lacks = stumbled(raised.value, wire.history, load_contract())
    assert lacks is not None
    assert (lacks.pointer, lacks.expected) == (pointer, expected)
    assert "of which nothing could be made" in lacks.got


def test_mistakes_of_ours_are_ours(wire: Wire, read: Callable[[Any], Any]) -> None:
    forget()
    assert stumbled(KeyError("ours"), wire.history, load_contract()) is None
    read(PROJECT)
    assert stumbled(NameError("ours"), wire.history, load_contract()) is None


@pytest.mark.parametrize(
    ("body", "got"), [(b"[" * 100_000, "nested too deep"), (b"<html>", "200 application/json"), (b"", "200")]
)
def test_what_is_no_json_is_told_as_a_whole(read: Callable[[Any], Any], body: bytes, got: str) -> None:
    with pytest.raises(AnswerLacks) as raised:
        read(body)
    assert (raised.value.pointer, raised.value.expected) == ("", "a JSON value")
    assert got in raised.value.got


def test_a_download_that_cannot_be_read_is_told(wire: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, b"half a zip", "application/zip")
    wire.call("projects.exports.download_sync", id=1, expect=None)
    lacks = stumbled(RuntimeError("no zip"), wire.history, load_contract())
    assert lacks is not None
    assert lacks.pointer == ""
    assert "half a zip" in lacks.got


def test_nothing_was_read_when_a_test_begins(read: Callable[[Any], Any]) -> None:
    read(PROJECT)["id"]
    assert last_read() is not None
    forget()
    assert last_read() is None
