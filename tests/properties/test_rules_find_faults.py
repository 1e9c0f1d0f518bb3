"""Each rule is silent on a server that is right, and finds the fault of one that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge.observation import Outcome
from conformance.properties import (
    test_access,
    test_addressing,
    test_coverage,
    test_fuzz,
    test_lifecycle,
    test_listing,
    test_malformed,
    test_success,
    test_writing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.properties.conftest import Bench

FAIL, WARN, PASS = Outcome.FAIL, Outcome.WARN, Outcome.PASS
ROLES = {"refuses-anonymous": "anonymous"}


def always(status: int, body: object = None) -> Callable[..., Any]:
    return lambda _operation, _answer: (status, {} if body is None else body)


def breaks(operation_id: str, status: int) -> Callable[..., Any]:
    return lambda operation, answer: (status, {}) if operation.id == operation_id else answer


@pytest.mark.parametrize(
    ("check", "operation", "rule", "fault"),
    [
        (test_access.test_access, "projects.get", "refuses-anonymous", "anonymous"),
        (test_access.test_access, "projects.get", "challenge", "no-challenge"),
        (test_addressing.test_unknown_id, "projects.get", "unknown-id", "unknown-found"),
        (test_addressing.test_method, "projects.list", "wrong-method", "any-method"),
        (test_addressing.test_method, "projects.list", "allow", "no-allow"),
        (test_writing.test_read_back, "webhooks.create", "read-back", "forgets-input"),
        (test_writing.test_read_back_rich, "predictions.create", "read-back", "texts-lowered"),
        (test_writing.test_read_back_longest, "projects.create", "read-back", "texts-cut"),
        (test_writing.test_read_back_empty, "projects.create", "read-back", "empty-is-nothing"),
        (test_writing.test_patch, "projects.update", "patch-keeps-rest", "patch-forgets"),
        (test_writing.test_patch, "projects.update", "patch-applies", "patch-ignored"),
        (test_writing.test_delete, "projects.delete", "gone", "deletes-nothing"),
        (test_writing.test_delete, "webhooks.delete", "gone", "deleted-stay-listed"),
        (test_writing.test_delete, "webhooks.delete", "spares", "deletes-a-sibling"),
        (test_writing.test_delete, "projects.exports.delete", "spares", "deletes-a-sibling"),
        (test_writing.test_patch_many, "projects.update", "patch-applies", "patch-forgets-the-last"),
        (test_lifecycle.test_child_of_deleted_parent, "tasks.get", "gone-with-parent", "keeps-orphans"),
        (test_lifecycle.test_write_to_what_is_gone, "projects.update", "use-after-delete", "deletes-nothing"),
        (test_listing.test_filter, "webhooks.list", "filter", "unfiltered"),
        (test_listing.test_pages, "tasks.list", "pages", "overlapping-pages"),
        (test_listing.test_safe, "projects.get", "unshared", "shared"),
        (test_malformed.test_malformed, "projects.create", "refuses-malformed", "lenient"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_rule_finds_its_fault(
    bench: Callable[..., Bench], check: Callable[..., None], operation: str, rule: str, fault: str
) -> None:
    assert bench().outcomes(check, operation, rule, roles=ROLES) == {PASS}
    assert FAIL in bench(fault).outcomes(check, operation, rule, roles=ROLES)


def test_order_is_a_should(bench: Callable[..., Bench]) -> None:
    assert bench().outcomes(test_listing.test_order, "annotations.list", "order") == {PASS}
    assert bench("unordered").outcomes(test_listing.test_order, "annotations.list", "order") == {WARN}


@pytest.mark.parametrize("fault", ["no-allow", "any-method"])
def test_head_is_a_should(bench: Callable[..., Bench], fault: str) -> None:
    """HEAD is refused without a word of what is served, or answered with other headers than GET."""
    assert bench().outcomes(test_listing.test_head, "projects.list", "head") == {PASS}
    assert bench(fault).outcomes(test_listing.test_head, "projects.list", "head") == {WARN}


def test_an_object_that_is_not_listed_is_found(bench: Callable[..., Bench]) -> None:
    def hides(operation: Any, answer: Any) -> Any:
        return (200, []) if operation.id == "webhooks.list" else answer

    assert bench().outcomes(test_writing.test_listed, "webhooks.create", "listed") == {PASS}
    assert bench(answer=hides).outcomes(test_writing.test_listed, "webhooks.create", "listed") == {FAIL}


def test_a_page_beyond_the_last_that_shows_it_again_is_found(bench: Callable[..., Bench]) -> None:
    last: list[Any] = []

    def repeats(operation: Any, answer: Any) -> Any:
        if operation.id != "tasks.list":
            return answer
        if answer[0] == 200 and answer[1]["tasks"]:
            last[:] = [answer]
        return last[0] if last else answer

    made = bench(answer=repeats)
    assert FAIL in made.outcomes(test_listing.test_pages, "tasks.list", "pages")


def test_a_second_delete_that_fails_is_found(bench: Callable[..., Bench]) -> None:
    gone: set[str] = set()

    def fails_twice(operation: Any, answer: Any) -> Any:
        if operation.id != "views.delete":
            return answer
        if answer[0] == 404 and gone:
            return 500, {}
        gone.add("once")
        return answer

    assert FAIL in bench(answer=fails_twice).outcomes(test_writing.test_delete, "views.delete", "delete-again")


def test_a_get_that_changes_is_found(bench: Callable[..., Bench]) -> None:
    numbers = iter(range(1000))

    def counts(operation: Any, answer: Any) -> Any:
        return (200, {"title": str(next(numbers))}) if operation.id == "projects.get" else answer

    assert bench().outcomes(test_listing.test_safe, "projects.get", "safe") == {PASS}
    assert bench(answer=counts).outcomes(test_listing.test_safe, "projects.get", "safe") == {FAIL}


@pytest.mark.parametrize(
    ("status", "rule"), [(500, "valid-never-fails"), (299, "status"), (400, "success"), (200, "response-schema")]
)
def test_success_and_the_rules_of_the_wire(bench: Callable[..., Bench], status: int, rule: str) -> None:
    assert FAIL not in {o.outcome for o in bench().run(test_success.test_success, "projects.get")}

    def answers(operation: Any, answer: Any) -> Any:
        return (status, {"id": "no number"}) if operation.id == "projects.get" else answer

    assert FAIL in bench(answer=answers).outcomes(test_success.test_success, "projects.get", rule)


def test_a_route_that_is_missing_is_unsupported(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.responder.contract = type(made.responder.contract)(
        version="",
        digest="",
        document=made.responder.contract.document,
        operations={o.id: o for o in made.responder.contract if o.id != "versions.get"},
    )
    assert made.outcomes(test_success.test_success, "versions.get", "offered") == {Outcome.UNSUPPORTED}


def test_coverage_finds_a_server_that_takes_everything(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    right = bench().run(test_coverage.test_coverage, "projects.exports.convert", **generated)
    assert {o.outcome for o in right if o.rule.startswith("refuses")} == {PASS}
    wrong = bench("lenient").run(test_coverage.test_coverage, "projects.exports.convert", **generated)
    assert {o.rule for o in wrong if o.outcome in {FAIL, WARN}} >= {"refuses-body", "refuses-media-type"}


def test_fuzzing_finds_a_server_that_takes_everything(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    wrong = bench("lenient").run(test_fuzz.test_fuzz, "predictions.create", mode="negative", **generated)
    assert {o.outcome for o in wrong if o.rule == "refuses-body"} & {FAIL, WARN}


def test_a_query_parameter_that_is_missing_or_wrong_is_refused(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    right = bench().run(test_coverage.test_coverage, "actions.list", **generated)
    assert {o.outcome for o in right if o.rule == "refuses-query"} == {PASS}
    wrong = bench("lenient").run(test_coverage.test_coverage, "actions.list", **generated)
    assert FAIL in {o.outcome for o in wrong if o.rule == "refuses-query"}


def test_a_path_parameter_that_is_wrong_is_refused(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    right = bench().run(test_coverage.test_coverage, "projects.get", **generated)
    assert {o.outcome for o in right if o.rule == "refuses-path"} == {PASS}
    wrong = bench("unknown-found").run(test_coverage.test_coverage, "projects.get", **generated)
    assert FAIL in {o.outcome for o in wrong if o.rule == "refuses-path"}


def test_a_refused_write_that_changes_something_is_found_with_its_steps(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    rule = "refused-write-changes-nothing"
    assert FAIL not in bench().outcomes(test_coverage.test_coverage, "projects.update", rule, **generated)
    found = [
        o
        for o in bench("stores-refused").run(test_coverage.test_coverage, "projects.update", **generated)
        if o.rule == rule and o.outcome is FAIL
    ]
    assert found
    assert (found[0].script or "").count("curl") == 2


def test_an_accepted_write_that_breaks_a_reader_is_found(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    rule = "accepted-write-keeps-readers"
    made = bench()

    def poisoned(operation: Any, answer: Any) -> Any:
        stored = [o for (kind, _), o in made.responder.objects.items() if kind == "project"]
        bad = any(o.get("maximum_annotations") == 0 for o in stored)
        return (500, {}) if operation.id == "projects.get" and bad else answer

    made.responder.answer = poisoned
    assert FAIL in made.outcomes(test_coverage.test_coverage, "projects.update", rule, **generated)


def test_a_failure_that_does_not_come_back_is_flaky(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    left = [1]

    def once(operation: Any, answer: Any) -> Any:
        if operation.id == "projects.get" and left:
            left.pop()
            return 500, {}
        return answer

    found = bench(answer=once).run(test_coverage.test_coverage, "projects.get", **generated)
    assert {o.outcome for o in found if o.rule == "valid-never-fails"} >= {Outcome.FLAKY}
    assert FAIL not in {o.outcome for o in found if o.rule == "valid-never-fails"}


def test_a_failure_that_comes_back_stays_one(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    found = bench(answer=breaks("projects.get", 500)).run(test_coverage.test_coverage, "projects.get", **generated)
    assert FAIL in {o.outcome for o in found if o.rule == "valid-never-fails"}
