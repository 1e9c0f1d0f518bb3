"""What fails on a real Label Studio fails again by its script, on a server that has never heard of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.report.document import load
from conformance.target import embedded
from tests.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded
# Four that are known to fail on the embedded version: counters, types, a session of a second account, a race.
FAILING = (
    "test_predictions.py::test_a_prediction_is_deleted",
    "tasks/test_tasks.py::test_each_project_numbers_its_own_tasks",
    "people/test_users.py::test_a_refused_update_changes_nothing",
    "people/test_credentials.py::test_the_legacy_token_that_is_shown_is_the_account_s",
)


def test_scripts_of_real_failures_show_them_on_a_fresh_server(tmp_path: Path) -> None:
    run_suite(f"--report-dir={tmp_path}/r", *(f"conformance/scenarios/{test}" for test in FAILING), timeout=300)
    failed = {o.test for o in load(tmp_path / "r" / "conformance.json").observations if o.script}
    assert failed, "none of these fails any more: name others"
    scripts = sorted((tmp_path / "r" / "scripts").iterdir())
    with embedded.start(embedded.EmbeddedSettings()) as server:
        environment = {
            "LABEL_STUDIO_URL": server.url,
            "LABEL_STUDIO_API_KEY": server.api_key,
            "PATH": os.environ["PATH"],
        }
        for script in scripts:
            done = subprocess.run(
                [sys.executable, "-I", str(script)],
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stderr) == (1, ""), f"{script.name}: {done.stdout}"
            assert server.api_key not in script.read_text(encoding="utf-8")
    assert len(scripts) >= len(failed)
