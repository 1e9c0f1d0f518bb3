"""Each field and each parameter alone: silent on a server that is right, and loud about one that is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.judge.observation import Outcome
from conformance.properties import test_coverage, test_each_field
from conformance.properties.campaigns.without import RULE

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
    statistics = made.wire.recorder.statistics
    assert statistics["positive-2xx"] > statistics["positive"] / 2


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
