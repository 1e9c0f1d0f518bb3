"""Each requirement's check finds a fault: as measured (``found.json``), and shown again for some."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.contract.tables.requirements import load_requirements
from conformance.scenarios.table import shown_by
from tests.scenarios.faults.plugin import NAMES
from tests.scenarios.faults.run import FOUND, REAL, measure, scenarios

if TYPE_CHECKING:
    from pathlib import Path

MEASURED: dict[str, str] = json.loads(FOUND.read_text(encoding="utf-8"))
# Requirements whose check was never seen to be green on a server, so that a fault could turn it red.
WHY_NOT = {
    "LS-ANNOTATION-026": "the embedded version has no such route",
    "LS-ANNOTATION-027": "the embedded version has no such route",
    "LS-TASK-029": "the embedded version has no such route",
    "LS-KEY-043": "of the Enterprise edition",
    "LS-KEY-044": "of the Enterprise edition",
    "LS-WEBHOOK-010": "blocked by LS-WEBHOOK-009 on the embedded version",
    "LS-KEYS-020": "no answer makes a server ask somebody; one that does is found in test_addresses.py",
    "LS-IMPORT-027": "takes minutes with each fault; the check is that of LS-IMPORT-026",
    "LS-EXPORT-043": "takes minutes with each fault; its reader has self-tests (test_large.py)",
}


def test_a_fault_was_found_by_the_check_of_every_requirement() -> None:
    # faults of what only an Enterprise server does are those of the stand-in (tests/enterprise)
    shown = {i for i, r in load_requirements().items() if shown_by(i) and not r.file.startswith("enterprise/")}
    assert sorted(shown - set(MEASURED) - set(WHY_NOT)) == [], "python -m tests.scenarios.faults.run --add"


def test_what_was_measured_is_there() -> None:
    assert set(MEASURED) <= set(load_requirements())
    assert set(MEASURED.values()) <= {*NAMES, REAL}
    assert not set(MEASURED) & set(WHY_NOT)


@pytest.mark.embedded
@pytest.mark.long
def test_the_faults_are_found_again(tmp_path: Path) -> None:
    """A slice of the measurement, in a minute or two: three faults, the scenarios of predictions and of views."""
    files = [f"conformance/scenarios/{name}" for name in ("test_predictions.py", "data_manager/test_data_manager.py")]
    faults = ["texts-drift", "accepts-everything", "writes-forgotten"]
    before = scenarios(tmp_path / "none", files)
    found = measure(faults, files, before, tmp_path)
    known = {i: fault for i, fault in MEASURED.items() if i in before.outcomes and fault in {*faults, REAL}}
    assert known == {i: found.get(i) for i in known}
    assert {*faults} <= set(known.values()), "a fault of the slice that finds nothing would show nothing"
