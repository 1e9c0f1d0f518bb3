"""Scenarios on a real server: in any order, alone, next to something that is broken; and nothing stays behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Outcome
from conformance.report.document import load
from tests.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.judge.observation import Observation
    from conformance.report.document import Report

pytestmark = pytest.mark.embedded
SCENARIOS = "conformance/scenarios"


def run(folder: Path, *arguments: str) -> Report:
    how = ["-p", "tests.scenarios.faults.plugin", f"--report-dir={folder}"]
    tests = (a if a.startswith("-") else f"{SCENARIOS}/{a}" for a in arguments)
    run_suite(*how, *tests, timeout=500)
    return load(folder / "conformance.json")


def behaviours(report: Report) -> list[Observation]:
    return [o for o in report.observations if o.requirement.startswith("LS-")]


def outcomes(report: Report) -> set[tuple[str, str, str]]:
    return {(o.requirement, o.test, o.outcome.value) for o in behaviours(report)}


def order(folder: Path) -> list[str]:
    lines = (folder / "observations.jsonl").read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(json.loads(line)["test"] for line in lines))


def test_what_a_broken_neighbour_is_in_the_way_of_is_blocked_by_it(tmp_path: Path) -> None:
    files = ("annotations/test_annotations.py", "projects/test_counters.py")
    report = run(tmp_path / "r", *files, "--broken=annotations.create")
    seen = behaviours(report)
    assert not [o for o in seen if o.outcome is Outcome.ERROR], "a broken target is no error of the suite"
    blocked = [o for o in seen if o.outcome is Outcome.BLOCKED]
    assert {o.requirement for o in blocked} >= {"LS-ANNOTATION-007", "LS-ANNOTATION-018", "LS-PROJECT-024"}
    assert {o.blocked_by for o in blocked} <= {
        "annotations.create#valid-never-fails",
        "annotations.create#success",
        "annotations.create_bulk#offered",
        "annotations.delete_bulk#offered",
    }
    assert {o.requirement for o in seen if o.outcome is Outcome.FAIL} <= {
        "LS-ANNOTATION-014",
        "LS-ANNOTATION-016",
        "LS-ANNOTATION-029",
        "LS-ANNOTATION-030",
    }, "what asks for a refusal and gets a 500 fails; nothing else does"
    assert ("LS-PROJECT-036", "pass") in {(o.requirement, o.outcome.value) for o in seen}, (
        "what needs none of it goes on"
    )
    assert report.header.options["left"] == []


def test_a_broken_deletion_is_said_and_hurts_nothing_else(tmp_path: Path) -> None:
    report = run(tmp_path / "r", "projects/test_counters.py", "test_version.py", "--broken=projects.delete")
    assert {o.outcome for o in behaviours(report)} == {Outcome.PASS}
    right = run(tmp_path / "s", "projects/test_counters.py", "test_version.py")
    assert outcomes(report) == outcomes(right)


def test_the_order_makes_no_difference_and_nothing_stays_behind(tmp_path: Path) -> None:
    files = (
        "tasks/test_tasks.py",
        "tasks/test_lists.py",
        "data_manager/test_data_manager.py",
        "test_predictions.py",
        "projects/test_counters.py",
        "test_version.py",
    )
    reports = [run(tmp_path / str(seed), *files, f"--shuffle={seed}") for seed in (1, 2)]
    assert order(tmp_path / "1") != order(tmp_path / "2")
    assert outcomes(reports[0]) == outcomes(reports[1])
    assert [report.header.options["left"] for report in reports] == [[], []]
    one = next(o for o in behaviours(reports[0]) if o.requirement == "LS-TASK-001")
    alone = run(tmp_path / "alone", one.test.removeprefix(f"{SCENARIOS}/"))
    assert outcomes(alone) == {row for row in outcomes(reports[0]) if row[1] == one.test}
