from __future__ import annotations

from dataclasses import replace

from conformance.judge.causes import findings, roots
from conformance.judge.observation import Observation, Outcome


def fail(requirement: str, signature: str, **changes: str) -> Observation:
    operation, _, rule = requirement.partition("#")
    seen = Observation(
        requirement=requirement, outcome=Outcome.FAIL, operation=operation, rule=rule, signature=signature
    )
    return replace(seen, **changes)  # type: ignore[arg-type] # only texts are changed


def blocked(requirement: str, by: str) -> Observation:
    return Observation(requirement=requirement, outcome=Outcome.BLOCKED, blocked_by=by)


def test_one_broken_serializer_is_one_finding() -> None:
    seen = [
        fail("tasks.get#response-schema", "type at /created_by"),
        fail("tasks.list#response-schema", "type at /tasks/*/created_by"),
        fail("views.list#response-schema", "type at /*/created_by"),
        fail("views.list#response-schema", "type at /*/updated_by"),
    ]
    first, second = findings(seen)
    assert first.places == ("tasks.get", "tasks.list", "views.list")
    assert second.places == ("views.list",)


def test_different_missing_properties_are_different_causes() -> None:
    seen = [
        fail("a.get#response-schema", "required at /", got="'id' is a required property"),
        fail("b.get#response-schema", "required at /", got="'title' is a required property"),
    ]
    assert len(findings(seen)) == 2


def test_behaviours_and_failures_without_a_signature_stay_apart() -> None:
    seen = [
        fail("LS-TASK-001", "behaviour", rule="behaviour"),
        fail("LS-TASK-002", "behaviour", rule="behaviour"),
        fail("a.get#status", ""),
        fail("b.get#status", ""),
    ]
    assert len(findings(seen)) == 4


def test_what_blocks_most_comes_first_and_chains_lead_to_their_root() -> None:
    seen = [
        fail("a.get#status", "1"),
        fail("b.get#status", "2"),
        blocked("LS-B-001", "b.get#status"),
        blocked("LS-B-002", "LS-B-001"),
    ]
    assert roots(seen) == {"LS-B-001": "b.get#status", "LS-B-002": "b.get#status"}
    first, second = findings(seen)
    assert (first.place, first.blocked, second.blocked) == ("b.get", 2, 0)


def test_circles_and_loose_ends_have_no_root() -> None:
    assert roots([blocked("a", "b"), blocked("b", "a"), blocked("c", "d")]) == {}
