"""Many nights on one page: what became of each requirement, and what a reader sees of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance import cli
from conformance.errors import ExitCode
from conformance.judge.findings.impact import impact_of
from conformance.judge.observation import Outcome
from conformance.report.catalogue import Catalogue, load_catalogue
from conformance.report.document import dump, load
from conformance.report.history import night_of, render_history
from conformance.report.history.charts import line_chart
from conformance.report.history.night import Cell
from conformance.report.history.trends import Trend, courses
from tests.report.samples import HEADER, broken, ok

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.report.history import Night
    from tests.report.conftest import MakeReport

STATES = {
    "+": Cell(outcome=Outcome.PASS),
    "-": Cell(outcome=Outcome.FAIL, message="broken", impact=impact_of(broken("projects.get"))),
    "a": Cell(outcome=Outcome.FAIL, accepted=True, message="known"),
    "?": Cell(outcome=Outcome.NOT_MEASURED),
    " ": None,
}


@pytest.fixture
def night(make_report: MakeReport) -> Night:
    return night_of(make_report([ok("projects.get")]))


def nights(night: Night, strip: str) -> list[Night]:
    return [
        replace(
            night,
            when=f"2026-05-{day:02}T03:00:00+00:00",
            run_id=f"run-{day}",
            cells={"projects.get#status": cell} if (cell := STATES[state]) else {},
        )
        for day, state in enumerate(strip, start=1)
    ]


@pytest.mark.parametrize(
    ("strip", "trend", "since"),
    [
        ("++--", Trend.BROKEN, 2),
        ("--++", Trend.MENDED, 2),
        ("----", Trend.BROKEN, 0),
        ("+?-", Trend.BROKEN, 2),
        ("-+-+", Trend.FLICKERS, 3),
        ("-+-?", Trend.LOST, 3),
        ("+- ", Trend.LOST, 2),
        ("--aa", Trend.MENDED, 2),
    ],
)
def test_what_became_of_a_requirement(night: Night, strip: str, trend: Trend, since: int) -> None:
    (course,) = courses(nights(night, strip))
    assert (course.trend, course.since) == (trend, since)


@pytest.mark.parametrize("strip", ["+++", "aaa", "?a+", "   "])
def test_what_was_never_broken_is_not_listed(night: Night, strip: str) -> None:
    assert courses(nights(night, strip)) == []


def test_a_result_is_reduced_to_what_is_shown(make_report: MakeReport) -> None:
    night = night_of(make_report([ok("projects.create"), broken("projects.get")]))
    assert (night.count("pass"), night.count("fail"), night.version) == (1, 1, "1.23.2")
    assert night.cells["projects.get#status"].message == "projects.get answered 500 to valid input."


def test_a_line_has_a_gap_where_a_night_has_no_value() -> None:
    drawn = line_chart([1, 2, None, 4], ["a", "b", "<c>", "d"], unit="ms")
    lines = re.findall(r'<polyline points="([^"]*)"', drawn)
    assert [len(line.split()) for line in lines] == [2, 1]
    heights = [float(y) for y in re.findall(r'cy="([0-9.]+)"', drawn)]
    assert heights == sorted(heights, reverse=True)
    assert 'aria-label="last: 4 ms"' in drawn
    assert "<c>" not in line_chart([1, 2, 3], ["a", "b", "<c>"])


def written(folder: Path, make_report: MakeReport, days: Sequence[str]) -> Path:
    for day, state in enumerate(days, start=1):
        observed = [ok("projects.create"), broken("projects.get") if state == "-" else ok("projects.get", "status")]
        header = replace(HEADER, finished=f"2026-05-{day:02}T03:00:00+00:00", run_id=f"run-{day}")
        dump(make_report(observed, header=header), folder / f"night-{day}" / "conformance.json")
    return folder


def test_the_page_of_a_folder(tmp_path: Path, make_report: MakeReport) -> None:
    out = tmp_path / "history.html"
    assert cli.main(["history", str(written(tmp_path, make_report, "++--")), "--out", str(out)]) == ExitCode.OK
    page = out.read_text()
    assert "4 nights of label-studio (community) at embedded" in page
    assert '<td class="t-broken">broken</td><td>2026-05-03' in page
    assert page.count('class="s-fail"') == 2
    assert page.count("<svg") == 12
    assert "http://" not in re.sub(r"<code>.*?</code>", "", page)


def test_the_order_is_that_of_time_and_a_night_counts_once(tmp_path: Path, make_report: MakeReport) -> None:
    folder = written(tmp_path, make_report, "-+")
    first, second = (night_of_file(folder, day) for day in (1, 2))
    page = render_history([second, first, second], load_catalogue())
    assert "2 nights" in page
    assert '<td class="t-mended">mended</td><td>2026-05-02' in page


def night_of_file(folder: Path, day: int) -> Night:
    return night_of(load(folder / f"night-{day}" / "conformance.json"))


def test_nothing_that_a_server_said_becomes_markup(night: Night) -> None:
    cell = replace(STATES["-"] or Cell(outcome=Outcome.FAIL), message="<script>alert(1)</script>")
    hostile = replace(night, version="<b>1.0</b>", cells={"projects.get#status": cell})
    page = render_history([hostile], Catalogue())
    assert "<script>alert" not in page
    assert "<b>1.0" not in page


def test_a_folder_without_results_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["history", str(tmp_path)]) == ExitCode.USAGE
    assert "there is no conformance.json in it" in capsys.readouterr().err
