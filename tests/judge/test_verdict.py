from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.judge.observation import Observation, Outcome, Verb
from conformance.judge.plan import NodeResult, Plan, tally
from conformance.judge.verdict import State, judge

PASS = Observation(requirement="a#status", outcome=Outcome.PASS, test="t1")
FAIL = Observation(requirement="b#status", outcome=Outcome.FAIL, test="t2")


def results(*observations: Observation) -> tuple[NodeResult, ...]:
    failed = {o.test for o in observations if o.outcome is Outcome.FAIL}
    ids = sorted({o.test for o in observations})
    return tally([NodeResult(id=i, outcome="failed" if i in failed else "passed") for i in ids], observations)


def test_passes_are_conformant_and_a_failure_is_a_deviation() -> None:
    assert judge([PASS], results=results(PASS)).exit_code == 0
    verdict = judge([PASS, FAIL], results=results(PASS, FAIL))
    assert (verdict.state, verdict.exit_code) == (State.DEVIATIONS, 1)
    assert verdict.counts == {"pass": 1, "fail": 1}


@pytest.mark.parametrize(
    "outcome",
    [Outcome.WARN, Outcome.UNSUPPORTED, Outcome.FLAKY, Outcome.REFUSED, Outcome.NOT_MEASURED],
)
def test_other_outcomes_are_neither_red_nor_enough_for_green(outcome: Outcome) -> None:
    other = replace(FAIL, outcome=outcome)
    assert judge([PASS, other]).state is State.CONFORMANT
    assert judge([other]).state is State.NOT_MEASURED


def test_a_broken_should_or_may_is_not_red() -> None:
    assert judge([PASS, replace(FAIL, verb=Verb.SHOULD)]).state is State.CONFORMANT


def test_nothing_at_all_is_not_measured() -> None:
    assert judge([]).exit_code == 7
    skipped = NodeResult(id="t1", outcome="skipped")
    assert judge([], results=[skipped], plan=Plan(tests=("t1",))).exit_code == 7


def test_a_truncated_run_is_not_measured() -> None:
    verdict = judge([PASS], results=results(PASS), plan=Plan(tests=("t1", "t2")))
    assert verdict.state is State.NOT_MEASURED
    assert "1 of 2" in verdict.reason


def test_a_selection_by_hand_is_not_measured_but_a_failure_in_it_is_red() -> None:
    plan = Plan(tests=("t1",), deselected=10)
    assert judge([PASS], results=results(PASS), plan=plan).state is State.NOT_MEASURED
    assert judge([FAIL], results=results(FAIL), plan=plan).state is State.DEVIATIONS


def test_a_shard_counts_for_itself_and_says_so() -> None:
    plan = Plan(tests=("t1",), whole="sha256:" + "0" * 64, shard="3/8")
    verdict = judge([PASS], results=results(PASS), plan=plan)
    assert verdict.exit_code == 0
    assert "part 3/8" in verdict.reason


def test_a_vanished_failure_leaves_a_gap_that_is_not_green() -> None:
    both = results(PASS, FAIL)
    assert judge([PASS], results=both).state is State.NOT_MEASURED
    untold = [*results(PASS), NodeResult(id="t3", outcome="failed")]
    assert judge([PASS], results=untold).state is State.NOT_MEASURED


def test_blocked_is_green_only_where_its_root_is_known() -> None:
    blocked = Observation(requirement="c#status", outcome=Outcome.BLOCKED, blocked_by="b#status", test="t1")
    assert judge([PASS, blocked]).state is State.NOT_MEASURED
    root = replace(FAIL, verb=Verb.SHOULD)
    assert judge([PASS, blocked, root]).state is State.CONFORMANT
    assert judge([PASS, blocked, FAIL]).state is State.DEVIATIONS


def test_a_must_whose_test_ended_in_an_error_keeps_the_run_from_green() -> None:
    crashed = replace(FAIL, outcome=Outcome.ERROR)
    verdict = judge([PASS, crashed])
    assert (verdict.state, verdict.exit_code, verdict.unshown) == (State.NOT_MEASURED, 7, (FAIL.requirement,))
    assert FAIL.requirement in verdict.reason
    assert judge([PASS, replace(crashed, verb=Verb.SHOULD)]).state is State.CONFORMANT
    also_seen = replace(PASS, requirement=FAIL.requirement)
    assert judge([PASS, crashed, also_seen]).state is State.NOT_MEASURED, "a crash has found something"
    assert judge([PASS, replace(crashed, incidental=True), also_seen]).state is State.CONFORMANT


def test_red_comes_before_what_could_not_be_shown() -> None:
    crashed = replace(PASS, requirement="c#status", outcome=Outcome.ERROR)
    assert judge([PASS, FAIL, crashed]).exit_code == 1


def test_a_planned_requirement_that_nobody_asked_for_is_told() -> None:
    verdict = judge([PASS], plan=Plan(requirements=(PASS.requirement, "LS-TASK-001")))
    assert (verdict.exit_code, verdict.unshown) == (7, ("LS-TASK-001",))
