"""A run of the suite against the stand-in, as a person starts it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.contract import SPEC
from conformance.judge.deviations import acceptance
from conformance.judge.observation import Outcome
from conformance.report.document import load
from tests.enterprise.accepted import write_accepted
from tests.enterprise.standin import SERVICES
from tests.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.judge.observation import Observation
    from conformance.report.document import Report
    from tests.enterprise.standin import StandIn

OURS = ("LABEL_STUDIO_", "LS_CONFORMANCE_")


def options(server: StandIn, folder: Path) -> list[str]:
    """What a run is told of the stand-in."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        f"--target={server.url}",
        f"--api-key={server.api_key}",
        "--edition=enterprise",
        "--disposable",
        "--callback-host=127.0.0.1",
        f"--local-files={server.document_root}",
        f"--services={SERVICES}",
        f"--roles=other={server.other_key}",
        "--target-database=sqlite",
        f"--report-dir={folder}",
        *(f"--deviations={path}" for path in write_accepted(folder)),
    ]


def judge(server: StandIn, folder: Path, *tests: str) -> Report:
    """Run tests against it; returns the report.

    Raises:
        AssertionError: there is none.
    """
    own = ["-c", str(SPEC.parent / "pyproject.toml"), *options(server, folder)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    done = run_suite(*own, *tests, environment=clean)
    path = folder / "conformance.json"
    assert path.exists(), done.stdout + done.stderr
    return load(path)


def findings(report: Report) -> list[str]:
    """What is red and not accepted."""
    accepted = report.basis.deviations if report.basis else ()
    return [_line(o) for o in report.observations if o.outcome is Outcome.FAIL and not acceptance(o, accepted)]


def _line(o: Observation) -> str:
    return f"{o.requirement}: {o.message} [{o.signature}]"


def reached(report: Report) -> set[str]:
    """The operations that a valid request got a documented success from."""
    return {str(o.operation) for o in report.observations if o.rule == "success" and o.outcome is Outcome.PASS}
