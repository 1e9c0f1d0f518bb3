"""What passed on an operation that never worked was shown by nothing."""

from __future__ import annotations

from conformance.judge.floor import above_floor
from conformance.judge.observation import Observation, Outcome

PASS, FAIL = Outcome.PASS, Outcome.FAIL


def seen(requirement: str, outcome: Outcome = PASS, operation: str | None = "tasks.get") -> Observation:
    rule = requirement.partition("#")[2] or "behaviour"
    return Observation(requirement=requirement, outcome=outcome, operation=operation, rule=rule)


def outcomes(*observations: Observation) -> dict[str, tuple[str, str | None]]:
    return {o.requirement: (o.outcome.value, o.blocked_by) for o in above_floor(observations)}


def test_a_refusal_of_what_never_worked_shows_nothing() -> None:
    refuses = seen("tasks.get#refuses-anonymous")
    assert outcomes(refuses)["tasks.get#refuses-anonymous"] == ("not-measured", None)
    broken = seen("tasks.get#success", FAIL)
    assert outcomes(refuses, broken)["tasks.get#refuses-anonymous"] == ("blocked", "tasks.get#success")


def test_where_the_operation_worked_once_every_pass_stands() -> None:
    passes = (seen("tasks.get#refuses-anonymous"), seen("LS-TASK-001"), seen("tasks.get#success"))
    assert {o for o, _ in outcomes(*passes).values()} == {"pass"}
    assert outcomes(*passes, seen("tasks.get#success", FAIL))["LS-TASK-001"] == ("pass", None)


def test_one_operation_does_not_speak_for_another() -> None:
    found = outcomes(seen("tasks.get#success"), seen("LS-VIEW-001", operation="views.get"))
    assert found["LS-VIEW-001"][0] == "not-measured"


def test_what_is_about_no_operation_needs_more_than_a_greeting() -> None:
    general = seen("LS-HTTP-001", operation=None)
    greeting = seen("users.whoami#success", operation="users.whoami")
    assert outcomes(general, greeting)["LS-HTTP-001"][0] == "not-measured"
    assert outcomes(general, greeting, seen("tasks.get#success"))["LS-HTTP-001"][0] == "pass"


def test_what_failed_stays_what_it_is() -> None:
    assert outcomes(seen("tasks.get#status", FAIL))["tasks.get#status"] == ("fail", None)
