"""Each field and each parameter alone: silent on a server that is right, and loud about one that is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.judge.observation import Outcome
from conformance.properties import test_coverage, test_each_field
from conformance.properties.campaigns.without import RULE
from conformance.properties.generation.bodies import rich_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.properties.conftest import Bench

FAIL, WARN, PASS = Outcome.FAIL, Outcome.WARN, Outcome.PASS


def _last_body(made: Bench) -> Any:
    content = made.responder.requests[-1][2]
    return json.loads(content) if content else None


def test_a_field_that_is_refused_is_found_alone(bench: Callable[..., Bench]) -> None:
    made = bench()

    def refuses(operation: Any, answer: Any) -> Any:
        body = _last_body(made)
        bad = operation.id == "webhooks.create" and isinstance(body, dict) and "headers" in body
        return (400, {}) if bad else answer

    assert bench().outcomes(test_each_field.test_each_field, "webhooks.create", RULE) == {PASS}
    made.responder.answer = refuses
    found = made.run(test_each_field.test_each_field, "webhooks.create")
    assert {o.signature for o in found if o.rule == RULE and o.outcome is WARN} == {"headers: HTTP 400"}


def test_a_change_that_resets_another_field_is_found(bench: Callable[..., Bench]) -> None:
    rule = "one-field-keeps-rest"
    made = bench()

    def resets(operation: Any, answer: Any) -> Any:
        body = _last_body(made)
        if operation.id == "webhooks.update" and isinstance(body, dict) and "headers" in body:
            for (kind, _), stored in made.responder.objects.items():
                if kind == "webhook":
                    stored["actions"] = []
        return answer

    assert bench().outcomes(test_each_field.test_one_field, "webhooks.update", rule) == {PASS}
    made.responder.answer = resets
    found = made.run(test_each_field.test_one_field, "webhooks.update")
    assert "headers changes actions" in {o.signature for o in found if o.rule == rule and o.outcome is FAIL}


def test_a_change_that_is_forgotten_is_found(bench: Callable[..., Bench]) -> None:
    rule = "one-field-applies"
    assert bench().outcomes(test_each_field.test_one_field, "webhooks.update", rule) == {PASS}
    assert FAIL in bench("patch-ignored").outcomes(test_each_field.test_one_field, "webhooks.update", rule)


@pytest.mark.parametrize("fault", ["falsy-ignored", "falsy-nulled"])
def test_a_field_that_can_be_set_and_not_emptied_is_found(bench: Callable[..., Bench], fault: str) -> None:
    made = bench(fault)
    found = made.run(test_each_field.test_one_field, "projects.update")
    assert "description is not what was sent" in {o.signature for o in found if o.outcome is FAIL}


@pytest.mark.parametrize(
    ("fault", "operation", "field"),
    [
        ("patch-merges", "webhooks.update", "headers"),
        ("patch-merges", "tasks.update", "data"),
        ("patch-merges", "projects.update", "control_weights"),
        ("nulls-ignored", "projects.update", "control_weights"),
    ],
)
def test_an_old_value_that_stays_is_found(bench: Callable[..., Bench], fault: str, operation: str, field: str) -> None:
    wanted = f"{field} is not what was sent"
    right = bench().run(test_each_field.test_one_field, operation)
    assert wanted not in {o.signature for o in right if o.outcome is FAIL}
    found = bench(fault).run(test_each_field.test_one_field, operation)
    assert wanted in {o.signature for o in found if o.outcome is FAIL}


def test_a_parameter_that_breaks_the_server_is_found(bench: Callable[..., Bench]) -> None:
    rule = "each-parameter"

    def breaks(operation: Any, answer: Any) -> Any:
        return (500, {}) if operation.id == "projects.exports.download_sync" else answer

    assert bench().outcomes(test_each_field.test_each_parameter, "projects.list", rule) == {PASS}
    found = bench(answer=breaks).outcomes(test_each_field.test_each_parameter, "projects.exports.download_sync", rule)
    assert found == {FAIL}


def test_coverage_goes_on_without_what_is_refused(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    made = bench()

    def refuses(operation: Any, answer: Any) -> Any:
        body = _last_body(made)
        bad = operation.id == "projects.update" and isinstance(body, dict) and "color" in body
        return (400, {}) if bad else answer

    made.responder.answer = refuses
    found = made.run(test_coverage.test_coverage, "projects.update", **generated)
    assert {o.signature for o in found if o.rule == RULE and o.outcome is WARN} == {"color: HTTP 400"}
    last = [
        json.loads(c) for m, _, c in made.responder.requests if m == "PATCH" and c.startswith(b"{") and b"title" in c
    ]
    assert any("color" not in body and len(body) > 1 for body in last)
    statistics = made.wire.recorder.statistics.generated
    assert statistics["positive-2xx"] > statistics["positive"] / 2


def test_coverage_goes_on_without_what_breaks_the_server(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    made = bench()

    def breaks(operation: Any, answer: Any) -> Any:
        body = _last_body(made)
        bad = operation.id == "projects.update" and isinstance(body, dict) and "color" in body
        return (500, {}) if bad else answer

    made.responder.answer = breaks
    found = made.run(test_coverage.test_coverage, "projects.update", **generated)
    assert {o.signature for o in found if o.rule == RULE and o.outcome is WARN} == {"color: HTTP 500"}
    statistics = made.wire.recorder.statistics.generated
    assert statistics["positive-2xx"] > statistics["positive"] / 2


def test_a_valid_list_asks_for_a_page_that_there_is(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    made = bench()
    made.run(test_coverage.test_coverage, "projects.list", **generated)
    pages = [q for m, p, _ in made.responder.requests if m == "GET" and "page=" in (q := p.partition("?")[2])]
    assert any("page=1&" in query for query in pages)


def test_a_valid_form_has_no_objects_and_no_null(generated: dict[str, Any]) -> None:
    operation = load_contract()["tasks.create"]
    coverage = generated["generator"].coverage(operation)
    cases = [c for c in coverage if c.mode == "positive" and "urlencoded" in str(c.media_type)]
    assert cases
    for case in cases:
        case.body = {"overlap": 2, "meta": None}
        assert case.serialise("http://host").content == b"overlap=2"
        case.body = {"data": {"text": "one"}}
        with pytest.raises(ValueError, match="a form has no objects"):
            case.serialise("http://host")


def test_what_another_operation_speaks_for_has_the_value_of_a_user(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    made = bench()
    made.run(test_coverage.test_coverage, "webhooks.update", **generated)
    bodies = [json.loads(c) for m, _, c in made.responder.requests if m == "PATCH" and c.startswith(b"{")]
    fullest = max((b for b in bodies if isinstance(b, dict)), key=len)
    assert fullest["headers"] == rich_body("webhook")["headers"]


def test_a_reference_that_is_refused_without_a_word_is_found(bench: Callable[..., Bench]) -> None:
    made = bench()

    def not_found(operation: Any, answer: Any) -> Any:
        body = _last_body(made)
        moved = operation.id == "tasks.update" and isinstance(body, dict) and "project" in body
        return (404, {"detail": "not found"}) if moved else answer

    made.responder.answer = not_found
    found = made.run(test_each_field.test_one_field, "tasks.update")
    told = {o.signature for o in found if o.rule == RULE and o.outcome is WARN}
    assert "project names another object: HTTP 404" in told
