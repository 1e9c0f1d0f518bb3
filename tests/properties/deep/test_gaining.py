"""Of what a deep run found, only what the gate would not find by itself is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.judge.observation import Observation, Outcome
from conformance.properties.campaigns.gaining import keep_examples
from conformance.properties.campaigns.keeping import NOTE, USUAL
from conformance.properties.examples.answer import key_of
from conformance.properties.examples.model import Example

if TYPE_CHECKING:
    from pathlib import Path


def example(signature: str) -> Example:
    return Example(
        operation="tasks.create", rule="no-server-error", signature=signature, mode="positive", path={}, query={}
    )


def seen(signature: str, test: str, got: str = "") -> Observation:
    return Observation(
        requirement="tasks.create#no-server-error",
        outcome=Outcome.FAIL,
        operation="tasks.create",
        rule="no-server-error",
        signature=signature,
        got=got,
        test=test,
    )


def test_what_gate_finds_by_itself_is_not_kept(tmp_path: Path) -> None:
    found = [example(name) for name in ("by a bounded test", "by a usual case", "only deep")]
    notes: dict[str, list[Any]] = {
        NOTE: [{"operation": one.operation, **one.to_json()} for one in found],
        USUAL: [["tasks.create#no-server-error", "by a usual case"]],
    }
    observations = [
        seen("by a bounded test", "test_success[tasks.create]"),
        seen("only deep", "test_fuzz[tasks.create]"),
    ]
    kept = keep_examples(notes, observations, {"test_fuzz[tasks.create]"}, tmp_path)
    assert kept == [f"tasks.create {example('only deep').id}"]


def test_one_answer_is_kept_once_whatever_was_done_to_the_request(tmp_path: Path) -> None:
    deeds = ("/: number for object", "/title: null for string")
    observations = [seen(f"HTTP 500: {deed}", "test_success[tasks.create]", "500 no such table 7") for deed in deeds]
    assert {key_of(o) for o in observations} == {("tasks.create#no-server-error", "HTTP 500 no such table N")}
    found = [example(f"HTTP 500 no such {thing}") for thing in ("table N", "column")]
    notes = {NOTE: [{"operation": one.operation, **one.to_json()} for one in found]}
    assert keep_examples(notes, observations, set(), tmp_path) == [f"tasks.create {found[1].id}"]


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("no folder", encoding="utf-8")
    notes = {NOTE: [{"operation": "tasks.create", **example("x").to_json()}]}
    (told,) = keep_examples(notes, [], set(), folder)
    assert told.startswith("not kept: ")
