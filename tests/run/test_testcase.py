"""What ended a test becomes the right outcome: the target's fault, something in the way, or ours."""

from __future__ import annotations

import json

import pytest

from conformance.contract.requirements import load_requirements
from conformance.judge.observation import Observation, Outcome
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.run.case.testcase import explain
from conformance.wire import Recorder

CLAIMED = ("LS-TASK-001", "LS-TASK-002")


def ended(problem: BaseException | None, *noticed: Observation) -> dict[str, Observation]:
    recorder = Recorder()
    recorder.begin("a test")
    recorder.extend(noticed)
    recorder.observe(Observation(requirement="LS-TASK-001", outcome=Outcome.PASS))
    explain(problem, recorder=recorder, wire=None, claimed=CLAIMED, requirements=load_requirements())
    return {o.requirement: o for o in recorder.observations}


def broken(rule: str, *, message: str = "", signature: str = "") -> Observation:
    return Observation(
        requirement=f"tasks.get#{rule}", outcome=Outcome.FAIL, operation="tasks.get", rule=rule, message=message,
        signature=signature,
    )  # fmt: skip


def no_json() -> json.JSONDecodeError:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("<html>")
    return caught.value


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        (None, "error"),
        (NotMeasured("no peer"), "not-measured"),
        (PeerUnavailable("s3", "not here", "install it"), "not-measured"),
        (Blocked("LS-TASK-003", "no task"), "blocked"),
        (KeyError("data"), "error"),
        (AssertionError("ours"), "error"),
    ],
)
def test_what_was_not_shown_gets_an_outcome(problem: BaseException | None, outcome: str) -> None:
    seen = ended(problem)
    assert seen["LS-TASK-001"].outcome is Outcome.PASS
    assert seen["LS-TASK-002"].outcome.value == outcome


def test_stumbling_over_an_answer_that_breaks_its_schema_is_the_targets_fault() -> None:
    lacking = broken("response-schema", message="The 200 breaks its schema at /: 'data' is a required property")
    seen = ended(KeyError("data"), lacking)["LS-TASK-002"]
    assert (seen.outcome, seen.blocked_by) == (Outcome.BLOCKED, "tasks.get#response-schema")
    assert ended(KeyError("meta"), lacking)["LS-TASK-002"].outcome is Outcome.ERROR

    no_value = broken("response-schema", signature="HTTP 200 no JSON")
    for noticed in (no_value, broken("content-type")):
        seen = ended(no_json(), noticed)["LS-TASK-002"]
        assert (seen.outcome, seen.blocked_by) == (Outcome.BLOCKED, noticed.requirement)
    assert ended(no_json(), lacking)["LS-TASK-002"].outcome is Outcome.ERROR
    assert ended(ValueError("ours"), no_value)["LS-TASK-002"].outcome is Outcome.ERROR
