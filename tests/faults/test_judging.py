"""What counts as found, which tests are chosen, and who shares a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

import pytest

from conformance.judge.claims.basis import Basis
from conformance.judge.observation import Impact, Observation, Outcome
from conformance.judge.plan import NodeResult
from conformance.report.document.conclude import conclude
from conformance.report.document.header import Statistics
from tests.faults.kills import Baseline, Kill, kill
from tests.faults.lanes.choosing import Planned, that_speak_of
from tests.faults.lanes.lane import Lane
from tests.faults.lanes.running import Job, LanesEnded, batches, kills, run
from tests.faults.loading import Fault
from tests.faults.table import figures, markdown, rate
from tests.report.samples import HEADER

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.document import Report


def fault(name: str, *operations: str) -> Fault:
    return Fault(id=name, area="tasks", operations=operations, does="twice", effect="Bad.", expect=operations)


def seen(operation: str, rule: str = "status", test: str = "a") -> Observation:
    return Observation(
        requirement=f"{operation}#{rule}",
        outcome=Outcome.FAIL,
        operation=operation,
        rule=rule,
        message=f"{operation} is wrong.",
        signature=f"{rule} of {operation}",
        impact=Impact.WRONG_ANSWER,
        test=test,
    )


def report(*observations: Observation) -> Report:
    tests = sorted({o.test for o in observations})
    return conclude(
        header=HEADER,
        observations=observations,
        results=[NodeResult(id=t, outcome="failed") for t in tests],
        statistics=Statistics(),
        basis=Basis(),
    )


def judged(*observations: Observation, before: Baseline | None = None) -> Kill:
    known = before or Baseline()
    return kill(fault("f", "tasks.get"), report(*observations), known, tests=["a"], met=3, seconds=1)


def test_a_finding_that_names_the_operation_kills() -> None:
    assert judged(seen("tasks.get")).killed
    told = judged(seen("tasks.list"))
    assert not told.killed
    assert "tasks.list" in told.why_not


def test_a_finding_that_shows_the_operations_effect_elsewhere_kills() -> None:
    elsewhere = replace(seen("tasks.list"), requirement="LS-TASK-001", asked="tasks.get", after=("tasks.get",))
    assert judged(elsewhere).killed


def test_what_is_told_without_the_fault_kills_nothing() -> None:
    before = Baseline()
    before.take(report(seen("tasks.get")))
    assert not judged(seen("tasks.get"), before=before).killed


def test_what_other_tests_say_is_not_about_it() -> None:
    assert not judged(seen("tasks.get", test="b")).killed


def test_more_than_three_findings_beside_bury_it() -> None:
    others = [seen(f"{name}.get", rule) for rule, name in zip("wxyz", ("views", "ml", "users", "files"), strict=True)]
    assert judged(seen("tasks.get"), *others[:3]).killed
    assert "beside 4" in judged(seen("tasks.get"), *others).why_not


PLAN = (
    Planned(id="a", first=frozenset({"tasks.get"}), operations=frozenset({"tasks.get", "views.get"}), seconds=3),
    Planned(id="b", first=frozenset({"views.get"}), operations=frozenset({"views.get"}), seconds=2),
    Planned(id="c", first=frozenset({"ml.get"}), operations=frozenset({"ml.get"}), seconds=9),
)


def test_those_that_are_about_the_operation_come_first() -> None:
    assert that_speak_of(["views.get"], PLAN, most=10) == ["a", "b"]
    assert that_speak_of(["views.get"], PLAN, most=4) == ["b"]


def test_faults_share_a_run_only_where_their_tests_do_not_meet() -> None:
    jobs = batches([fault("x", "tasks.get"), fault("y", "views.get"), fault("z", "ml.get")], PLAN, most=10)
    assert [sorted(f.id for f in job.faults) for job in jobs] == [["y", "z"], ["x"]]
    for job in jobs:
        assert sorted(job.tests) == sorted(t for tests in job.faults.values() for t in tests)


def test_what_may_lock_everybody_out_shares_no_run() -> None:
    settings = frozenset({"jwt_settings.update"})
    planned = (*PLAN, Planned(id="d", first=settings, operations=settings, seconds=1))
    faults = [fault("x", "ml.get"), fault("y", "jwt_settings.update"), fault("z", "views.get")]
    jobs = batches(faults, planned, most=10)
    assert [sorted(f.id for f in job.faults) for job in jobs] == [["x", "z"], ["y"]]


def test_a_fault_that_no_test_speaks_of_is_run_by_none(tmp_path: Path) -> None:
    alone = fault("w", "users.get")
    assert batches([alone], PLAN, most=10) == []
    found = kills([alone], PLAN, Baseline(), tmp_path, lanes=1)
    assert [(k.fault, k.why_not) for k in found] == [("w", "no test asked an operation that has it")]


def test_the_table_says_who_survived_and_why() -> None:
    kills = [judged(seen("tasks.get")), Kill(fault="g")]
    text = markdown(kills, {"f": fault("f", "tasks.get"), "g": fault("g", "ml.get")}, seconds=60)
    assert rate(kills) == 0.5
    assert "| f | Bad. | tasks.get#status | wrong answer | tasks.get | yes | 0 |" in text
    assert "| g | Bad. | no test asked an operation that has it |" in text


def test_the_figures_tell_what_was_found_and_named_rightly() -> None:
    shown = [judged(seen("tasks.get")), judged(seen("tasks.get"), seen("views.get")), judged(seen("tasks.list"))]
    text = figures([*shown, Kill(fault="g")])
    assert "2 of 4 killed (50.0 %); 3 were found by something." in text
    assert "and 1 have no finding beside;" in text
    assert "the median is 1.5 findings" in text


class NeverReady(Lane):
    """One whose server does not start."""

    def __enter__(self) -> Self:
        raise TimeoutError("The server is not ready.")


def test_a_run_ends_with_its_last_lane(tmp_path: Path) -> None:
    jobs = [Job(name=name, faults={}, tests=()) for name in ("one", "two", "three")]
    with pytest.raises(LanesEnded, match=r"3 of 3 runs were not made"):
        list(run(jobs, tmp_path, lanes=2, lane=NeverReady))
