"""What is shown while a run goes on."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from conformance.run.progress.live import LiveProgress
from conformance.run.progress.plain import PlainProgress
from conformance.run.progress.standing import OTHERS, Standing
from conformance.run.progress.telling import teller
from tests.report.samples import broken, ok

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.judge.observation import Observation

AREAS = {"projects.create": "projects", "tasks.list": "tasks"}
PROJECT, TASK = "p/test_fuzz.py::test_it[projects.create]", "p/test_fuzz.py::test_it[tasks.list-odd]"
SCENARIO, FOREIGN = "conformance/scenarios/data_manager/test_filters.py::test_it", "tests/test_mine.py::test_it[x]"


def known(observation: Observation) -> bool:
    return observation.signature == "known"


@pytest.fixture
def standing() -> Standing:
    made = Standing(AREAS, known)
    made.plan([PROJECT, TASK, SCENARIO, FOREIGN], {PROJECT: 6.0})
    return made


def test_a_test_belongs_to_its_operation_or_to_its_room(standing: Standing) -> None:
    assert {name: area.tests for name, area in standing.areas.items()} == {
        "projects": 1,
        "tasks": 1,
        "data manager": 1,
        OTHERS: 1,
    }


def test_only_failures_that_nobody_accepted_are_counted_and_each_once(standing: Standing) -> None:
    standing.take(PROJECT, [ok("projects.create"), broken("projects.create", signature="known")], 3)
    assert (standing.failures, standing.newest, standing.requests) == (0, "", 3)
    standing.take(PROJECT, [broken("projects.create")], 2)
    standing.take(PROJECT, [broken("projects.create")], 2)
    assert (standing.failures, standing.requests) == (1, 7)
    assert standing.newest == "projects.create#status: projects.create answered 500 to valid input."


def test_time_left_goes_by_what_tests_cost(standing: Standing) -> None:
    assert standing.left(10.0) is None
    standing.end(PROJECT)
    standing.end(PROJECT)
    assert standing.done == 1
    # 6 of 9 known seconds took 12
    assert standing.left(12.0) == pytest.approx(6.0)


def test_without_a_terminal_lines_stay_and_are_few() -> None:
    tests = [f"p/test_fuzz.py::test_{n}[tasks.list]" for n in range(200)]
    standing, lines = Standing(AREAS, known), list[str]()
    standing.plan(tests, {})
    plain = PlainProgress(standing, lines.append)
    for n, test in enumerate(tests):
        standing.take(test, [broken("tasks.list", signature="\x1b[31m")] if n == 50 else [], 1)
        standing.end(test)
        plain.show(float(n + 1))
    assert [line[:12] for line in lines if line[0] == "✗"] == ["✗ tasks.list"]
    assert len(lines) == 11
    assert lines[-1] == "100 %: 200 of 200 tests, 200 requests (1.0/s), 1 new failure, 3 min 20 s"


def drawn(standing: Standing, *, height: int) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, height=height, color_system=None)
    console.print(LiveProgress(standing, console).render(30.0))
    return out.getvalue()


def test_a_terminal_shows_areas_until_they_are_done(standing: Standing) -> None:
    standing.take(PROJECT, [broken("projects.create")], 30)
    for test in (PROJECT, TASK):
        standing.end(test)
    shown = drawn(standing, height=24)
    assert "1 new failure" in next(line for line in shown.splitlines() if line.startswith("projects"))
    assert "data manager" in shown
    assert not any(line.startswith("tasks ") for line in shown.splitlines())
    assert "1 area done" in shown
    assert "2 of 4 tests, 30 requests (1.0/s)" in shown


def test_a_small_terminal_is_not_overrun() -> None:
    standing = Standing({}, known)
    standing.plan([f"conformance/scenarios/room{chr(97 + n)}/test_it.py::test" for n in range(20)], {})
    shown = drawn(standing, height=12)
    assert len(shown.splitlines()) <= 12
    assert "13 more areas to do" in shown


def test_a_line_is_told_at_once_where_output_is_piped(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Python holds back what goes into a pipe or a file; whoever watches CI would see nothing for minutes."""
    path = tmp_path / "output"
    with path.open("w", encoding="utf-8", buffering=8192) as out:
        reporter = pytest.TerminalReporter(pytestconfig, out)
        manager = pytest.PytestPluginManager()
        manager.register(reporter, "terminalreporter")
        teller(SimpleNamespace(pluginmanager=manager))("first start: migrating")  # type: ignore[arg-type]
        assert path.read_text(encoding="utf-8") == "first start: migrating\n"
