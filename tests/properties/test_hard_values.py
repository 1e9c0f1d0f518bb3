"""Hard values: where they are put, and that whoever breaks a reader is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.requests.hard_values import general, hard_cases, load_hard_values, places, spoiled
from conformance.judge.observation import Outcome
from conformance.properties import test_hard_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.properties.conftest import Bench

RULE = "hard-value"
NO_PROJECT = 99_999_999  # one of the hard values


def test_every_place_of_a_body_is_one() -> None:
    body = {"a": [{"b": 1}, {"b": 2}], "skipped": {"c": 1}}
    found = [general(steps) for steps, _ in places(body, frozenset({"skipped"}))]
    assert found == ["/a", "/a/*", "/a/*", "/a/*/b", "/a/*/b"]


def test_a_value_is_put_as_it_is_written() -> None:
    assert spoiled({"a": [1, {"b": 2}]}, ("a", 1, "b"), "NaN") == b'{"a": [1, {"b": NaN}]}'


def test_each_class_of_a_number_at_the_top_comes_first() -> None:
    cases = list(hard_cases({"text": "x", "score": 0.5, "project": "$project"}, load_hard_values()))
    classes = list(load_hard_values().values["number"])
    assert [c.what for c in cases[: len(classes)]] == classes
    assert {c.place for c in cases} == {"/text", "/score", "/project"}


def test_texts_are_json_or_what_readers_take_for_it() -> None:
    for classes in load_hard_values().values.values():
        for texts in classes.values():
            for text in texts:
                json.loads(text)


def _negative_predictions(bench: Bench) -> list[Any]:
    return [
        o
        for (kind, _), o in bench.responder.objects.items()
        if kind == "prediction" and isinstance(o.get("score"), int) and o["score"] < 0
    ]


def test_the_value_that_breaks_a_list_is_found(bench: Callable[..., Bench]) -> None:
    assert bench().outcomes(test_hard_values.test_hard_value, "predictions.create", RULE) == {Outcome.PASS}
    made = bench()

    def poisoned(operation: Any, answer: Any) -> Any:
        return (500, {}) if operation.id == "predictions.list" and _negative_predictions(made) else answer

    made.responder.answer = poisoned
    found = made.run(test_hard_values.test_hard_value, "predictions.create")
    told = [o for o in found if o.rule == RULE and o.outcome is Outcome.FAIL]
    assert [o.signature for o in told] == ["/score: negative or nothing"]
    assert "predictions" in told[0].message


def test_what_failed_and_was_stored_is_told_as_that(bench: Callable[..., Bench]) -> None:
    made = bench()

    def stored_all_the_same(operation: Any, answer: Any) -> Any:
        if not _negative_predictions(made):
            return answer
        return (500, {}) if operation.id in {"predictions.create", "predictions.list"} else answer

    made.responder.answer = stored_all_the_same
    found = made.run(test_hard_values.test_hard_value, "predictions.create")
    told = [o for o in found if o.rule == RULE and o.outcome is Outcome.FAIL]
    assert told
    assert "answered 500, and stored all the same" in told[0].message


def test_what_comes_after_something_stored_all_the_same_is_not_blamed(bench: Callable[..., Bench]) -> None:
    """Nobody is told the identity of what a failed creation left; the list that it breaks shows whose it is."""
    made = bench()
    left: list[Any] = []  # in the project of the moment

    def answered(operation: Any, answer: Any) -> Any:
        if operation.id == "projects.create":
            left.clear()
        if operation.id == "webhooks.create" and answer[1].get("project") == NO_PROJECT:
            left.append(answer[1])
            return 500, {}
        return (500, {}) if operation.id == "webhooks.list" and left else answer

    made.responder.answer = answered
    found = made.run(test_hard_values.test_hard_value, "webhooks.create")
    told = [o for o in found if o.rule == RULE and o.outcome is Outcome.FAIL]
    assert [o.signature.partition(":")[0] for o in told] == ["/project"]
    assert "answered 500, and stored all the same" in told[0].message
