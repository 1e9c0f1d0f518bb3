"""The reusable action's own step, run as the runner would."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from conformance.contract import SPEC

if TYPE_CHECKING:
    from pathlib import Path

ROOT = SPEC.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
KEY = "0123456789abcdef0123456789abcdef01234567"


def judge(tmp_path: Path, **inputs: str) -> tuple[int, str, str]:
    """Run the step with inputs; returns its exit code, its outputs and what it printed."""
    step = next(s for s in ACTION["runs"]["steps"] if s.get("id") == "judge")
    program = tmp_path / "runner" / "ls-conformance" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    values = {name: given["default"] for name, given in ACTION["inputs"].items()} | inputs
    output, summary = tmp_path / "output", tmp_path / "summary"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_T"))},
        "ACTION": str(ROOT),
        "TARGET": values["target"],
        "LABEL_STUDIO_API_KEY": values["api-key"],
        "ARGS": values["args"],
        "REPORT": str(tmp_path / values["report-dir"]),
        "FAIL": values["fail"],
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    assert set(step["env"]) <= set(environment)
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, output.read_text(encoding="utf-8"), done.stdout + done.stderr


@pytest.mark.parametrize("fail", ["true", "false"])
def test_a_target_that_cannot_be_judged_always_fails(tmp_path: Path, fail: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    code, output, said = judge(tmp_path, target=url, fail=fail, **{"api-key": KEY})
    assert code == 6, said
    assert "exit-code=6" in output


def test_options_are_handed_on(tmp_path: Path) -> None:
    code, output, said = judge(tmp_path, args="--plan -k whoami")
    assert code == 0, said
    assert "exit-code=0" in output
    assert "Nothing was sent" in said
