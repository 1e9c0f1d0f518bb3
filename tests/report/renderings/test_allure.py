"""Allure results: cases with areas and requirement ids, steps with attachments."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.judge.deviations import read_deviations
from conformance.report.catalogue import load_catalogue
from conformance.report.renderings.allure import write_allure
from tests.report.making import BASIS, TESTS, make
from tests.report.samples import broken

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.document import Report


def allure(report: Report, folder: Path) -> dict[str, dict[str, Any]]:
    write_allure(report, folder, load_catalogue())
    return {r["fullName"]: r for r in (json.loads(p.read_text("utf-8")) for p in folder.glob("*-result.json"))}


def label(result: dict[str, Any], name: str) -> set[str]:
    return {entry["value"] for entry in result["labels"] if entry["name"] == name}


def test_allure_results_have_areas_requirements_steps_and_attachments(tmp_path: Path) -> None:
    results = allure(make(), tmp_path)
    assert set(results) == set(TESTS)
    case = results["t::tasks.list"]
    assert (case["status"], label(case, "epic"), label(case, "severity")) == ("failed", {"tasks"}, {"critical"})
    assert label(case, "tag") == {"tasks.list#status", "tasks.list#response-schema"}
    step = next(s for s in case["steps"] if s["name"].startswith("tasks.list#status: fail"))
    assert {p["name"]: p["value"] for p in step["parameters"]}["expected"] == "a documented 2xx"
    attached = {a["name"]: (tmp_path / a["source"]).read_text("utf-8") for a in step["attachments"]}
    assert "GET http://127.0.0.1:8080/api/projects/1/" in attached["exchange"]
    assert "content-type: application/json" in attached["exchange"]
    assert attached["curl"].startswith("curl -H")
    assert results["t::projects.create"]["status"] == "passed"
    assert label(results["t::export"], "story") == {"LS-EXPORT-007", "LS-EXPORT-008"}
    assert "Verdict=deviations" in (tmp_path / "environment.properties").read_text("utf-8")


def test_allure_results_replace_older_ones_and_leave_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    allure(make(), tmp_path)
    first = sorted(p.name for p in tmp_path.iterdir())
    allure(make(), tmp_path)
    assert len(first) == len(list(tmp_path.iterdir()))
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_allure_shows_an_accepted_deviation_as_known(tmp_path: Path) -> None:
    entry = {"requirement": "tasks.list#status", "signature": "500", "reason": "Known."}
    file = read_deviations({"product": "label-studio", "versions": ">=1", "deviations": [entry]}, "d.yaml")
    report = make([broken("tasks.list")], tests=["t::tasks.list"], basis=replace(BASIS, deviations=file.deviations))
    case = allure(report, tmp_path)["t::tasks.list"]
    assert (case["status"], case["statusDetails"]["message"]) == ("skipped", "accepted: Known.")
    assert case["statusDetails"]["known"] is True
