"""What a deep run finds is kept small, readable and without ids, and the gate replays it."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from execnet import dumps, loads

from conformance.contract import ContractError, load_contract
from conformance.contract.tables.requests.prepared import NOTHING, Pairs
from conformance.judge.observation import Outcome
from conformance.properties import test_coverage, test_examples, test_fuzz
from conformance.properties.campaigns.keeping import NOTE
from conformance.properties.campaigns.selection import DEPTH_POLICIES, CampaignOptions, in_rounds
from conformance.properties.campaigns.trial import Trial
from conformance.properties.examples.model import Example
from conformance.properties.examples.reducing import reduced
from conformance.properties.examples.store import keep, load_examples
from conformance.properties.examples.symbols import example_of
from conformance.properties.generation.binding import escaped, expanded
from conformance.run.time_budget import TimeSlice
from conformance.wire import Recorder
from conformance.wire.checking.statistics import WireStatistics
from tests.properties.conftest import AnyService

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.properties.conftest import Bench


def deep(seconds: float = 8.0) -> CampaignOptions:
    now = time.monotonic()
    return CampaignOptions(
        policy=DEPTH_POLICIES["deep"], time_slice=TimeSlice(now, now + 10 * seconds, now + seconds), found="a self-test"
    )


def found(bench: Bench, check: Callable[..., None], operation: str, **given: Any) -> list[Example]:
    seen = bench.run(check, operation, **{**given, "options": deep()})
    assert Outcome.ERROR not in {o.outcome for o in seen}
    notes = bench.wire.recorder.statistics.notes.get(NOTE, [])
    return [Example.from_json(note["operation"], note) for note in notes]


def rare(bench: Bench) -> Callable[..., Any]:
    """A large overlap, that the gate has no case for, breaks the server."""

    def answer(operation: Any, answer: Any) -> Any:
        if operation.id != "tasks.create" or answer[0] != 201:
            return answer
        overlap = json.loads(bench.responder.requests[-1][2]).get("overlap")
        return (500, {"detail": "too much"}) if isinstance(overlap, int) and overlap > 1000 else answer

    return answer


def test_a_deep_run_keeps_the_smallest_request_and_the_gate_replays_it(
    bench: Callable[..., Bench], generated: dict[str, Any], tmp_path: Path
) -> None:
    made = bench()
    made.responder.answer = rare(made)
    examples = found(made, test_fuzz.test_fuzz, "tasks.create", mode="positive", **generated)
    broken = [e for e in examples if e.rule == "valid-never-fails"]
    assert len(broken) == 1
    overlap = broken[0].body["overlap"]
    assert broken[0].body == {"overlap": overlap, "data": {}}
    assert 1000 < overlap <= 2002
    assert keep(examples, tmp_path) == [f"tasks.create {e.id}" for e in sorted(examples, key=lambda e: e.id)]
    text = (tmp_path / "tasks.create.json").read_text(encoding="ascii")
    assert keep(examples, tmp_path) == [], "the same is kept once"
    assert (tmp_path / "tasks.create.json").read_text(encoding="ascii") == text
    (example,) = [e for e in load_examples(tmp_path) if e.rule == "valid-never-fails"]
    replayed = {**generated, "example": example}
    assert Outcome.FAIL in made.outcomes(test_examples.test_example, "tasks.create", "valid-never-fails", **replayed)
    assert bench().outcomes(test_examples.test_example, "tasks.create", "valid-never-fails", **replayed) == {
        Outcome.PASS
    }


@pytest.mark.parametrize("value", [-(2**31), 10**40, "a\ud800b", 5e-324])
def test_whatever_was_found_reaches_who_writes_it(value: object) -> None:
    recorder = Recorder()
    recorder.note(NOTE, {"body": value})
    carried = WireStatistics.from_json(loads(dumps(recorder.drain_statistics().to_json())))
    assert carried.notes[NOTE] == [{"body": value}]


def test_what_the_gate_finds_by_itself_is_not_kept(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    def always(operation: Any, answer: Any) -> Any:
        return (500, {}) if operation.id == "views.update" else answer

    assert found(bench(answer=always), test_coverage.test_coverage, "views.update", **generated) == []


def test_a_law_that_was_broken_is_replayed_with_looks_at_the_readers(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    example = Example(
        operation="projects.update",
        rule="refused-write-changes-nothing",
        signature="HTTP 400, projects.get changed",
        mode="negative",
        path={"id": "$project"},
        query={},
        body={"title": 7},
        content_type="application/json",
        about={"broken": "body", "place": "/properties/title/type"},
    )
    given = {**generated, "example": example}
    check, rule = test_examples.test_example, example.rule
    assert Outcome.FAIL in bench("stores-refused").outcomes(check, "projects.update", rule, **given)
    assert bench().outcomes(check, "projects.update", rule, **given) == {Outcome.PASS}


def test_what_breaks_the_contract_is_replayed_as_such(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    refused = [e for e in load_examples() if e.rule == "refuses-body"]
    assert len(refused) > 3
    for example in refused:
        operation, given = example.operation, {**generated, "example": example}
        lenient, right = bench("lenient", services=AnyService), bench(services=AnyService)
        check, rule = test_examples.test_example, example.rule
        assert lenient.outcomes(check, operation, rule, **given) & {Outcome.FAIL, Outcome.WARN}, example.id
        assert right.outcomes(check, operation, rule, **given) == {Outcome.PASS}, example.id


@pytest.mark.parametrize("operation", [o.id for o in load_contract()][3::40], ids=lambda operation: operation)
def test_an_example_sends_what_its_case_sent(
    bench: Callable[..., Bench], generated: dict[str, Any], operation: str
) -> None:
    made = bench(services=AnyService)
    trial = Trial(load_contract()[operation], made.world, made.wire, generated["schemas"])
    compared = 0
    for case in list(generated["generator"].coverage(load_contract()[operation]))[::5]:
        requests = made.responder.requests
        with made.world.scope():
            example = example_of(
                case, "r", "s", requests=made.world.requests, wire=made.wire, schemas=generated["schemas"]
            )
            first = trial.send(case)
            if first is None or example is None:
                continue
            again = trial.send(
                Example.from_json(operation, json.loads(json.dumps(example.to_json()))).case(load_contract())
            )
        assert again is not None
        one, other = first.exchange.request, again.exchange.request
        assert (one.method, unnamed(one.url)) == (other.method, unnamed(other.url))
        assert unnamed(body(one.content)) == unnamed(body(other.content))
        compared += 1
        assert requests
    assert compared


def body(content: bytes | None) -> str:
    try:
        return json.dumps(json.loads(content or b"null"), sort_keys=True)
    except ValueError:
        return (content or b"").decode(errors="replace")


def unnamed(text: str) -> str:
    """Without what is made anew each time that it is asked for, and however a space is written."""
    again = r"selftest-\d+|(?<=/)\d+(?=/|$)|(?<==)\d+"
    return re.sub(again, "…", text.replace("%20", "+"))


def test_texts_that_look_like_references_stay_texts(bench: Callable[..., Bench]) -> None:
    world = bench().world
    value = {"a": ["$project", "$", "$$x", "plain"], "b": 1}
    assert expanded(escaped(value), world) == value


def example(body: Any, **given: Any) -> Example:
    return Example(
        operation="tasks.create",
        rule="status",
        signature="HTTP 299",
        mode="positive",
        **{"path": {}, "query": {}, "body": body, "content_type": "application/json", **given},
    )


def test_an_example_is_made_as_small_as_it_goes() -> None:
    big = example({"a": {"deep": [1, 2, {"x": "needed", "y": 0}]}, "b": "z" * 100, "c": []}, query={"p": "1", "q": "2"})

    def shows(candidate: Example) -> bool:
        deep = (candidate.body.get("a") or {}).get("deep") or [{}]
        return any(isinstance(e, dict) and e.get("x") == "needed" for e in deep) and candidate.query.get("q") == "2"

    small = reduced(big, shows, lambda: False)
    assert (small.body, small.query) == ({"a": {"deep": [{"x": "needed"}]}}, {"q": "2"})
    long = reduced(example({"text": "x" * 1000}), lambda e: len(e.body.get("text", "")) > 20, lambda: False)
    assert 20 < len(long.body["text"]) <= 40
    assert reduced(big, shows, lambda: True) == big, "no time"


def test_the_smaller_of_two_stays(tmp_path: Path) -> None:
    assert keep([example({"a": 1, "b": 2}), example({"a": 1})], tmp_path) == [f"tasks.create {example({}).id}"]
    assert [e.body for e in load_examples(tmp_path)] == [{"a": 1}]
    assert keep([example({"a": 1, "c": 3})], tmp_path) == []
    assert keep([example({})], tmp_path)
    assert [e.body for e in load_examples(tmp_path)] == [{}]


@pytest.mark.parametrize(
    "body", [NOTHING, None, "a\ud800b", "a\x00b", {"n": 10**40, "s": "żółć"}, Pairs([["a", "$$b"]])]
)
def test_whatever_was_sent_can_be_written_down(tmp_path: Path, body: Any) -> None:
    kept = example(body, content_type=None if body is NOTHING else "application/json")
    keep([kept], tmp_path)
    assert load_examples(tmp_path) == (kept,)


@pytest.mark.parametrize("text", ["", "[]", '{"operation": "no.such", "examples": []}', '{"operation": "tasks.get"}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_text(text)
    with pytest.raises(ContractError, match=r"broken\.json"):
        load_examples(tmp_path)


def test_rounds_go_on_until_nothing_new_comes(generated: dict[str, Any]) -> None:
    operation = load_contract()["tasks.delete"]
    cases = list(in_rounds(generated["generator"], operation, "positive", DEPTH_POLICIES["deep"]))
    assert 1 <= len(cases) < 500
