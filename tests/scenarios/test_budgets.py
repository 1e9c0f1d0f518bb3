"""Waiting: within a named budget, and how long it took is kept."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from conformance.budgets import Eventually
from conformance.contract import SPEC, ContractError
from conformance.contract.tables.budgets import Budget, load_budgets
from conformance.report.renderings.html.tables import latency
from conformance.wire import Recorder

if TYPE_CHECKING:
    from pathlib import Path

SOON = {"soon": Budget(name="soon", seconds=0.2, every=0.01, why="a test")}


def test_it_looks_until_the_condition_holds_and_keeps_the_time() -> None:
    recorder = Recorder()
    numbers = itertools.count()
    seen = Eventually(recorder, SOON)(lambda: next(numbers), until=lambda n: n >= 3, budget="soon")
    assert seen == 3
    (milliseconds,) = recorder.statistics.waits["soon"]
    assert 0 < milliseconds < 200
    assert recorder.drain_statistics().waits == {"soon": [milliseconds]}


def test_what_never_holds_is_handed_back_when_the_budget_is_used_up() -> None:
    recorder = Recorder()
    assert Eventually(recorder, SOON)(lambda: "pending", until=lambda s: s == "done", budget="soon") == "pending"
    assert recorder.statistics.waits["soon"][0] >= 200


def test_what_says_the_same_for_long_is_not_waited_for() -> None:
    recorder = Recorder()
    long = {"soon": Budget(name="soon", seconds=20, every=0.01, why="a test", still=0.1)}
    numbers = itertools.count()
    seen = Eventually(recorder, long)(lambda: min(next(numbers), 3), until=lambda n: n > 3, budget="soon")
    assert seen == 3
    assert 100 <= recorder.statistics.waits["soon"][0] < 5_000


def test_a_budget_has_to_be_there() -> None:
    with pytest.raises(KeyError):
        Eventually(Recorder(), SOON)(lambda: 1, until=bool, budget="later")


def test_a_budget_says_why(tmp_path: Path) -> None:
    path = tmp_path / "budgets.yaml"
    path.write_text("soon: {seconds: 1}\n")
    with pytest.raises(ContractError, match="soon"):
        load_budgets(path)


def test_scenarios_use_each_budget_and_no_other() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in (SPEC.parent / "conformance" / "scenarios").rglob("*.py"))
    assert set(re.findall(r'budget="([^"]+)"', code)) == set(load_budgets())


def test_no_scenario_sleeps() -> None:
    for path in (SPEC.parent / "conformance" / "scenarios").rglob("*.py"):
        assert not re.search(r"\bsleep\(", path.read_text(encoding="utf-8")), path.name


def test_the_result_tells_median_95th_and_maximum() -> None:
    (line,) = latency({"soon": list(range(100))})
    assert line == {"name": "soon", "count": 100, "median": 50, "p95": 95, "max": 99}
