"""What ended a test becomes the right outcome: the target's fault, something in the way, or ours."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.contract.tables.requirements import load_requirements
from conformance.judge.deviations import Deviation
from conformance.judge.observation import Observation, Outcome
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.run.case.failures import ConformanceFailure
from conformance.run.case.phases import present, seen_through
from conformance.run.case.testcase import explain
from conformance.wire import Exchange, Recorder, Unexpected
from conformance.wire.messages import RawRequest

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
        requirement=f"tasks.get#{rule}",
        outcome=Outcome.FAIL,
        operation="tasks.get",
        rule=rule,
        message=message,
        signature=signature,
    )


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


def test_what_a_test_found_is_no_stumbling() -> None:
    class Connected:
        connected = object()

    found = ConformanceFailure([])
    assert seen_through(found, Connected()) is found  # type: ignore[arg-type] # nothing is asked of it


@pytest.mark.parametrize(("signature", "expected"), [("HTTP 500: NUL", True), ("HTTP 500: another", False)])
def test_a_step_that_goes_wrong_as_somebody_accepted_fails_no_test(signature: str, expected: bool) -> None:
    known = Deviation(
        requirement="",
        rule="success",
        operations=frozenset({"tasks.get"}),
        signature="HTTP 500: NUL",
        reason="known",
    )
    step = Unexpected(Exchange(operation=None, request=RawRequest(method="GET", url="http://t/"), response=None), "200")
    report: Any = SimpleNamespace(outcome="failed", failed=True, longrepr="")
    item = cast("pytest.Item", SimpleNamespace(path="test.py", location=("test.py", 1, "test")))
    present(report, step, item, [known], [broken("success", signature=signature)])
    assert hasattr(report, "wasxfail") is expected
    assert (report.outcome == "skipped") is expected
    present(report := SimpleNamespace(outcome="failed", failed=True, longrepr=""), step, item, [known], [])  # type: ignore[arg-type]
    assert report.outcome == "failed"
