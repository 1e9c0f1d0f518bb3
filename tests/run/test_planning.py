"""``--plan`` says what would run without touching anything, and shards follow measured times."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC
from conformance.judge.plan import NodeResult
from conformance.report.commands.verify import rejudge
from conformance.report.document import dump, finish
from conformance.run.plan.costs import SHIPPED, Cost, Costs, function_of, load_costs, summarised
from conformance.run.plan.planning import PlannedTest, render_plan
from tests.report.making import make
from tests.suite import run_suite

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from pytest_httpserver import HTTPServer

KEY = "0123456789abcdef0123456789abcdef01234567"
COSTS = Costs(
    exact={"conformance/a.py::one[x]": Cost(seconds=90, requests=40, created={"project": 2})},
    usual={"conformance/a.py::one": Cost(seconds=10, requests=4, created={"project": 0.5, "task": 3})},
    source="Label Studio 1.2.3, depth quick",
)
TESTS = [PlannedTest(id=f"conformance/a.py::one[{n}]") for n in "xyz"]


def plan(*tests: PlannedTest, workers: int = 1, keeps: bool = True) -> str:
    return render_plan(["target: t"], tests, COSTS, workers=workers, keeps=keeps)


def test_a_plan_adds_up_tests_requests_time_and_what_it_creates() -> None:
    text = plan(*TESTS, PlannedTest(id="conformance/b.py::hurts", skipped=True))
    assert "target: t" in text
    assert [line.split() for line in text.split("\n") if line.startswith("total")] == [
        ["total", "3", "48", "1", "min", "50", "s"]
    ]
    assert "1 min 58 s with 1 worker" in text
    assert "1 test skipped" in text
    assert "1 test as measured" in text
    assert "means of Label Studio 1.2.3, depth quick" in text
    assert "6 task, 3 project" in text
    assert "removes them" in text
    assert "thrown away" in plan(*TESTS, keeps=False)


def test_workers_share_the_time() -> None:
    assert "1 min 03 s with 2 workers" in plan(*TESTS, workers=2)


def test_tests_that_nobody_measured_are_counted_as_the_others() -> None:
    text = plan(TESTS[0], PlannedTest(id="conformance/new.py::new"))
    assert "1 test never measured" in text
    assert "3 min 08 s" in text


def test_a_plan_of_nothing_says_what_it_would_end_with() -> None:
    assert "not measured (exit code 7)" in plan()


def test_costs_come_from_a_result_and_else_from_the_mean_of_the_function(tmp_path: Path) -> None:
    report = make()
    timed = [
        replace(t, duration=d, requests=2 * n) for n, (t, d) in enumerate(zip(report.tests, (1, 2, 3, 4), strict=True))
    ]
    skipped = NodeResult(id="t::skipped", outcome="skipped")
    report = finish(
        header=report.header,
        observations=report.observations,
        tests=[*timed, skipped],
        statistics=report.statistics,
        basis=report.basis,
        verdict=rejudge(report),
    )
    path = dump(report, tmp_path / "conformance.json")
    data = summarised([path])
    shipped = tmp_path / "costs.json"
    shipped.write_text(json.dumps(data))
    assert list(data["depths"]) == ["gate"]
    assert data["depths"]["gate"]["t::tasks.list"] == [4.0, 6.0, {}]
    costs = load_costs([path], depth="gate", shipped=shipped)
    first = costs.of(timed[0].id)
    assert first is not None
    assert (first.seconds, first.requests) == (1.0, 0.0)
    parametrized = load_costs(depth="deep", shipped=shipped).of("t::tasks.list[new]")
    assert parametrized is not None
    assert parametrized.seconds == 4.0
    # of a function of which all tests are skipped, that is known
    assert data["depths"]["gate"]["t::skipped"] == [0.0, 0.0, {}]
    assert costs.of("t::unknown") is None
    assert costs.seconds(["t::unknown", timed[1].id]) == {timed[1].id: 2.0}


def test_the_shipped_costs_are_of_tests_that_exist() -> None:
    depths = json.loads(SHIPPED.read_text(encoding="utf-8"))["depths"]
    functions = {f for known in depths.values() for f in known}
    assert functions
    gone = {f for f in functions if not _exists(f)}
    # tests get other names; where many did, measure again (conformance/run/plan/costs.py says how)
    assert len(gone) < len(functions) / 10, gone
    assert function_of("a.py::b[c[d]]") == "a.py::b"


def _exists(function: str) -> bool:
    file, _, name = function.partition("::")
    path = SPEC.parent / file
    return path.exists() and f"def {name}(" in path.read_text(encoding="utf-8")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_suite("-c", "pyproject.toml", *arguments, timeout=100)


def test_nothing_is_sent_and_nothing_written(httpserver: HTTPServer, tmp_path: Path) -> None:
    done = run(
        "--plan",
        "-n",
        "2",
        "--target",
        httpserver.url_for("/"),
        "--api-key",
        KEY,
        f"--report-dir={tmp_path}/r",
        "conformance/properties/test_success.py",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert httpserver.log == []
    assert list(tmp_path.iterdir()) == []
    assert httpserver.url_for("/").rstrip("/") in done.stdout
    assert "properties/test_success" in done.stdout
    assert "2 workers" in done.stdout
    assert "skipped: they may hurt the target" in done.stdout


def test_a_plan_of_nothing_ends_as_the_run_would() -> None:
    assert run("--plan", "-k", "no_such_test").returncode == 7


@pytest.mark.parametrize("option", ["--measured=missing.json", "--shard=9/8"])
def test_what_cannot_be_used_is_a_usage_error(option: str) -> None:
    done = run("--plan", option, "--shard=1/2") if "measured" in option else run("--plan", option)
    assert done.returncode == 4
    assert option.partition("=")[2] in done.stdout + done.stderr
