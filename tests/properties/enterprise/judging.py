"""Runs against the responder, in processes of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.contract import SPEC
from conformance.report.document import load
from tests.properties.responder.server import KEY, Responder
from tests.suite import run_suite

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from conformance.report.document import Report


def pytest_run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_"))}
    own = ("-c", str(SPEC.parent / "pyproject.toml"))
    return run_suite(*own, *arguments, timeout=100, environment=clean | environment)


def judged(server: Responder, folder: Path, *arguments: str) -> tuple[int, Report]:
    done = pytest_run(
        f"--target={server.url}", f"--api-key={KEY}", "--disposable", f"--report-dir={folder}", *arguments
    )
    assert (folder / "conformance.json").exists(), done.stdout + done.stderr
    return done.returncode, load(folder / "conformance.json")
