"""A result that is dated anew is a result: it is sealed, and history takes it for a night of its server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from conformance.cli import main
from conformance.report.document import dump, load
from tests.faults.nights import ADDRESS, dated
from tests.report.making import make

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)


def test_a_result_of_another_night_says_the_same(tmp_path: Path) -> None:
    report = make()
    path = dump(dated(report, NIGHT), tmp_path / "night.json")
    again = load(path)
    assert again.header.target.url == ADDRESS
    assert (again.header.started, again.header.finished) == ("2026-11-01T02:30:00+00:00", "2026-11-01T02:34:05+00:00")
    assert again.observations == report.observations
    assert again.end.verdict == report.end.verdict


def test_many_nights_are_one_page(tmp_path: Path) -> None:
    nights = [NIGHT + timedelta(days=n) for n in range(3)]
    paths = [dump(dated(make(), night), tmp_path / f"{night:%d}.json") for night in nights]
    assert main(["history", *map(str, paths), "--out", str(tmp_path / "history.html")]) == 0
    page = (tmp_path / "history.html").read_text(encoding="utf-8")
    assert "3 nights" in page
    assert all(f"{night:%Y-%m-%d}" in page for night in nights)
