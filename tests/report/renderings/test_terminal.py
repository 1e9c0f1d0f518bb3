from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Observation, Outcome
from conformance.report.renderings.summary import render_summary
from conformance.report.renderings.terminal import render_terminal

if TYPE_CHECKING:
    from conformance.report.document import Report
    from tests.report.conftest import MakeReport


def test_the_screen_tells_areas_failures_verdict_and_place(report: Report, areas: dict[str, str]) -> None:
    screen = render_terminal(report, areas, 100)
    rows = {line.split()[0]: line.split()[1:4] for line in screen.splitlines() if line}
    assert rows["Projects"] == ["2/2", "3", "1"]
    assert rows["Tasks"] == ["0/1", "0", "2"]
    assert rows["total"] == ["2/4", "3", "3"]
    assert "2 distinct failures" in screen
    assert "tasks.list (+1 more) status, blocks 1: tasks.list answered 500" in screen
    assert "DEVIATIONS: 3 requirements broken" in screen
    assert "report: reports/latest/" in screen
    assert "4,000 requests (16.7/s) in 4 min 05 s" in screen
    assert "1 area not offered or not asked (1 operation)" in screen
    assert "not counted above: 1 warn, 1 blocked" in screen


@pytest.mark.parametrize("width", [20, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_all_fit_one_screen(make_report: MakeReport, width: int) -> None:
    areas = {f"area{n}.op{m}": f"a rather long name of the area number {n}" for n in range(60) for m in range(5)}
    many = [
        Observation(
            requirement=f"{op}#status",
            operation=op,
            rule="status",
            outcome=Outcome.FAIL if n % 3 else Outcome.PASS,
            message="x" * 300,
            signature=f"s{n}",
            test="t",
        )
        for n, op in enumerate(areas)
    ]
    screen = render_terminal(make_report(many), areas, width).splitlines()
    assert len(screen) <= 40
    assert max(map(len, screen)) <= max(width, 60)


def test_what_a_server_sent_cannot_drive_the_terminal(report: Report, areas: dict[str, str]) -> None:
    nasty = replace(report.observations[-1], outcome=Outcome.FAIL, message="\x1b[2J\r\nFORGED\u202e", rule="a\nb")
    screen = render_terminal(replace(report, observations=(nasty,)), areas, 100)
    assert not {c for c in screen if not c.isprintable()} - {"\n"}
    assert not any(line.startswith("FORGED") for line in screen.splitlines())


def test_markdown_has_the_same_figures_and_the_reproduction(report: Report, areas: dict[str, str]) -> None:
    page = render_summary(report, areas)
    assert "| Projects | 2/2 | 3 | 1 |" in page
    assert "## 2 distinct failures" in page
    assert "curl -H" in page
    assert "pytest --seed 1" in page
    assert page.startswith("# ❌ ")


def test_markdown_shows_hostile_text_literally(make_report: MakeReport, areas: dict[str, str]) -> None:
    nasty = Observation(
        requirement="x#status",
        outcome=Outcome.FAIL,
        rule="status",
        message="<script>alert(1)</script> | `code` ![x](http://evil/) </details>\n# Title",
        script="```\n# out of the fence\n````",
        test="t",
    )
    page = render_summary(make_report([nasty]), areas)
    assert "<script" not in page
    assert "![x](" not in page
    assert page.count("</details>") == page.count("<details>") == 1
    assert "\n# Title" not in page
    inside = page.split("`````\n")
    assert "# out of the fence" in inside[1]


def test_a_clean_run_says_so(make_report: MakeReport, report: Report, areas: dict[str, str]) -> None:
    clean = make_report([o for o in report.observations if o.outcome is Outcome.PASS])
    assert "CONFORMANT: 3 requirements shown" in render_terminal(clean, areas, 80)
    assert "None." in render_summary(clean, areas)


def test_failures_that_read_the_same_are_one_line(make_report: MakeReport) -> None:
    ways = [
        Observation(
            requirement="LS-X-001",
            operation="tasks.list",
            rule="behaviour",
            outcome=Outcome.FAIL,
            message="Tasks are ordered.",
            signature=f"by {n}",
            test="t",
        )
        for n in range(4)
    ]
    lines = render_terminal(make_report(ways), {"tasks.list": "tasks"}, 200).splitlines()
    told = [line for line in lines if "Tasks are ordered." in line]
    assert len(told) == 1
    assert "(4 ways)" in told[0]


def test_the_place_of_the_report_is_told_whole_however_narrow_the_terminal_is(
    report: Report, areas: dict[str, str]
) -> None:
    where = "reports/20261128-150027-5d33"
    told = render_terminal(report, areas, 60, where=where).split()
    assert {f"{where}/summary.md,", f"{where}/conformance.json"} <= set(told)
