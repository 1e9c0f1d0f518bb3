"""Mutants are what they say, and what a body on a recording tells of them is taken down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.wire.messages import RawRequest, RawResponse
from tests.mutants.forking import Mutant, Template
from tests.mutants.mutating import Unchanged, Way, changes, mutated, places
from tests.mutants.plugin import lane_of
from tests.mutants.replaying import Recording, ReplayingTransport
from tests.mutants.table import Noticed, Table, markdown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.mutants.forking import Seen

TASKS = {"total": 2, "tasks": [{"id": 1, "data": {"text": "a"}}, {"id": 2, "data": {}, "is_labeled": True}]}
ADDRESS = "http://127.0.0.1:1/api/projects/5/"
PROJECT = {"id": 5, "title": "a", "sampling": "Sequential sampling", "created_at": "2026-01-31T10:00:00Z"}


def test_each_property_of_an_answer_is_a_place() -> None:
    found = {".".join(place) for place, _ in places(TASKS)}
    assert found == {"total", "tasks", "tasks.*.id", "tasks.*.data", "tasks.*.data.text", "tasks.*.is_labeled"}


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (Way.DROPPED, [{"id": 1, "data": {}}, {"id": 2, "data": {}, "is_labeled": True}]),
        (Way.NULLED, [{"id": 1, "data": {"text": None}}, {"id": 2, "data": {}, "is_labeled": True}]),
        (Way.RETYPED, [{"id": 1, "data": {"text": 7}}, {"id": 2, "data": {}, "is_labeled": True}]),
        (Way.CHANGED, [{"id": 1, "data": {"text": "x"}}, {"id": 2, "data": {}, "is_labeled": True}]),
    ],
)
def test_a_property_is_spoiled_where_it_is_and_nothing_else_is(way: Way, told: list[Any]) -> None:
    assert mutated(TASKS, ("tasks", "*", "data", "text"), way) == {"total": 2, "tasks": told}
    assert TASKS["tasks"][0]["data"] == {"text": "a"}  # type: ignore[index] # a list of tasks


@pytest.mark.parametrize(
    ("name", "told"),
    [("sampling", "Uniform sampling"), ("created_at", "2026-02-01T10:00:00Z"), ("id", 6), ("title", "x")],
)
def test_another_value_is_a_valid_one(name: str, told: object) -> None:
    assert mutated(PROJECT, (name,), Way.CHANGED)[name] == told


def test_what_makes_no_difference_is_no_mutant() -> None:
    assert changes(PROJECT, ("title",), Way.NULLED)
    assert not changes({"a": None}, ("a",), Way.NULLED)
    assert not changes({"a": {"b": 1}}, ("a",), Way.CHANGED)
    with pytest.raises(Unchanged):
        mutated({"a": None}, ("a",), Way.NULLED)
    with pytest.raises(Unchanged):
        mutated({"a": 1}, ("b",), Way.DROPPED)


def recorded() -> Recording:
    recording = Recording()
    headers = httpx.Headers({"content-type": "application/json", "content-length": "1"})
    for title in ("a", "b"):
        body = json.dumps(PROJECT | {"title": title}).encode()
        answer = RawResponse(status=200, headers=headers, content=body, elapsed=0.01, http_version="HTTP/1.1")
        recording.keep(RawRequest(method="GET", url=ADDRESS), answer)
    return recording


def body(recording: Recording, change: Callable[[str | None, Any], Any]) -> Seen:
    """Of a test that looks at titles only."""
    transport = ReplayingTransport(None, recording, change)  # type: ignore[arg-type] # nobody asks it
    answers = [transport.send(RawRequest(method="GET", url=ADDRESS)) for _ in range(3)]
    assert all(int(a.headers["content-length"]) in {1, len(a.content)} for a in answers)
    wrong = [a for a, title in zip(answers, "abb", strict=True) if json.loads(a.content).get("title") != title]
    return frozenset({("LS-X-001", "title", "fail")} if wrong else ())


def test_a_body_runs_on_a_recording_in_a_process_of_its_own() -> None:
    template = Template(body)
    mutants = [Mutant("projects.get", (name,), Way.DROPPED) for name in ("title", "id")]
    plain, title, identity = template.run(recorded(), mutants, seconds=30)
    template.end()
    assert plain == frozenset()
    assert title == frozenset({("LS-X-001", "title", "fail")})
    assert identity == frozenset(), "nobody looked at it"


def test_what_was_never_asked_is_not_there() -> None:
    transport = ReplayingTransport(None, Recording(), lambda _, value: value)  # type: ignore[arg-type] # nobody asks it
    assert transport.send(RawRequest(method="GET", url=ADDRESS)).status == 404


def test_lanes_have_all_tests_each_once_and_are_put_together() -> None:
    names = [f"projects.{letter}" for letter in "abcdefgh"]
    assert {lane_of(name, 2) for name in names} == {0, 1}
    assert {lane_of(name, 1) for name in names} == {0}
    one, other = Table(unusable=1), Table(unusable=2)
    dropped, changed = (Mutant("projects.get", ("title",), way) for way in (Way.DROPPED, Way.CHANGED))
    seen = Noticed.by([("LS-MAIN-001", "title", "fail")])
    one.add(dropped, None)
    one.add(dropped, None)
    other.add(dropped, seen)
    other.add(changed, None)
    whole = Table.merged([one, other])
    assert (whole.noticed, whole.tests) == ({dropped: seen, changed: None}, {dropped: 2, changed: 1})
    assert whole.unusable == 3


def test_the_table_tells_who_noticed_and_what_nobody_did(tmp_path: Path) -> None:
    table = Table()
    dropped, changed = (Mutant("projects.get", ("title",), way) for way in (Way.DROPPED, Way.CHANGED))
    seen = [("projects.get#response-schema", "required at /title", "fail"), ("LS-MAIN-001", "title", "fail")]
    table.add(dropped, Noticed.by(seen))
    table.add(changed, None)
    table.write(tmp_path / "mutants.json")
    read = Table.read(tmp_path / "mutants.json")
    assert read == table
    assert not read.is_open(dropped, 9)
    assert read.is_open(changed, 9)
    assert not read.is_open(changed, 1), "enough tests have looked"
    page = markdown(read)
    assert "50.0% of 2 mutants were noticed." in page
    assert "| projects.get | 2 | 100% |  |  | 0% | 1 | 0 | 0 | 0 |" in page
    assert "| projects.get | title | changed |" in page
