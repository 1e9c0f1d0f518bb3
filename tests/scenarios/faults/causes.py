"""How many causes does a single fault have? ``python -m tests.scenarios.faults.causes`` measures, for some minutes.

Each fault is put into one operation of the embedded server; the scenarios of an area run, and what the report says is
to be fixed is counted, less what is broken without the fault. Writes ``causes.json``: the fault, and the operations
that its causes name, the first one first.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.judge.findings.causes import findings
from conformance.judge.verdict import red
from conformance.report.document import load
from tests.suite import run_suite

if TYPE_CHECKING:
    from conformance.report.document import Report

RECORD: Final = Path(__file__).with_name("causes.json")
TASKS, ANNOTATIONS = "conformance/scenarios/tasks", "conformance/scenarios/annotations"
PROJECTS, VIEWS = "conformance/scenarios/projects", "conformance/scenarios/data_manager/test_data_manager.py"
EXPORTS, HOOKS = "conformance/scenarios/exports/test_snapshots.py", "conformance/scenarios/webhooks"
PEOPLE = "conformance/scenarios/people"
SINGLE: Final = (
    ("texts-drift", "tasks.get", TASKS),
    ("breaks-after-0", "tasks.get", TASKS),
    ("figures-drift", "tasks.get", TASKS),
    ("writes-forgotten", "tasks.update", TASKS),
    ("writes-forgotten", "tasks.delete", TASKS),
    ("lists-short", "tasks.list", TASKS),
    ("lists-double", "tasks.list", TASKS),
    ("accepts-everything", "tasks.create", TASKS),
    ("fails-when-refusing", "tasks.create", TASKS),
    ("writes-forgotten", "annotations.update", ANNOTATIONS),
    ("writes-forgotten", "annotations.delete", ANNOTATIONS),
    ("texts-drift", "annotations.get", ANNOTATIONS),
    ("truths-flip", "annotations.get", ANNOTATIONS),
    ("breaks-after-0", "annotations.update", ANNOTATIONS),
    ("writes-forgotten", "projects.update", PROJECTS),
    ("writes-forgotten", "projects.delete", PROJECTS),
    ("lists-short", "projects.list", PROJECTS),
    ("truths-flip", "projects.get", PROJECTS),
    ("writes-forgotten", "views.update", VIEWS),
    ("writes-forgotten", "actions.create", VIEWS),
    ("lists-empty", "projects.exports.list", EXPORTS),
    ("refuses-everything", "projects.exports.create", EXPORTS),
)
"""Fault, the operation that has it, and the scenarios that meet it."""


def run(area: str, folder: Path, *options: str) -> Report:
    """Run the scenarios of an area."""
    how = ["-n", "0", "-p", "tests.scenarios.faults.plugin", f"--report-dir={folder}"]
    run_suite(*how, *options, *area.split(), timeout=900)
    return load(folder / "conformance.json")


def kinds(report: Report) -> set[tuple[str, str]]:
    """What is red, as requirement and signature."""
    return {(o.requirement, o.signature) for o in red(report.observations, report.basis)}


def places(report: Report, before: set[tuple[str, str]]) -> list[str]:
    """What the causes name of which something was not broken before, the first one first."""
    bad = red(report.observations, report.basis)
    new = [o for o in bad if (o.requirement, o.signature) not in before]
    return [finding.place for finding in findings(report.observations, among=new, results=report.tests)]


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, nargs="*", help="positions of the faults to measure; the others are kept")
    parser.add_argument("--keep", type=Path, help="a folder for the reports")
    given = parser.parse_args()
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    before: dict[str, set[tuple[str, str]]] = {}
    with tempfile.TemporaryDirectory(prefix="ls-conformance-causes-") as name:
        for number, (fault, operation, area) in enumerate(SINGLE):
            if given.only is not None and number not in given.only:
                continue
            reports = given.keep or Path(name)
            if area not in before:
                before[area] = kinds(run(area, reports / area.replace("/", "-")))
            report = run(area, reports / f"{fault}-{operation}", f"--fault={fault}", f"--at={operation}")
            known[f"{fault} at {operation}"] = named = places(report, before[area])
            sys.stdout.write(f"{fault} at {operation}: {len(named)}, {named[:4]}\n")
            sys.stdout.flush()
            RECORD.write_text(json.dumps(known, indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
