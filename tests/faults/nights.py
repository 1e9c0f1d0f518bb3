"""A month of nights of one server, made of real runs: ``python -m tests.faults.nights [--out FOLDER]``.

A server is judged at one release, then at the next one, then with one fault in front of it. Each run stands for the
nights between two changes: its result is dated anew, and called by one address. ``ls-conformance history`` makes the
page of them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.cli import main as ls_conformance
from conformance.contract import SPEC
from conformance.report.commands.verify import rejudge
from conformance.report.document import dump, finish, load
from conformance.target.embedded import EmbeddedSettings, start
from tests.faults.lanes.proxy import Proxy
from tests.faults.loading import load_catalogue
from tests.suite import run_suite

if TYPE_CHECKING:
    from conformance.report.document import Report

FOLDER: Final = SPEC.parent / "reports" / "nights"
FAULT: Final = "annotations-list-result-null"
ADDRESS: Final = "https://labels.example.com"
FIRST: Final = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
NIGHTS: Final = (("1.23.0", "", 12), ("1.23.2", "", 8), ("1.23.2", FAULT, 3), ("1.23.2", "", 5))
"""Release, fault, and for how many nights."""
TESTS: Final = tuple(
    f"conformance/scenarios/{name}" for name in ("test_main_workflow.py", "tasks", "annotations", "test_predictions.py")
)


def judged(release: str, fault: str, folder: Path, tests: tuple[str, ...]) -> Report:
    """Judge a release, with a fault in front of it or none; returns the result."""
    faults = [f for f in load_catalogue() if f.id == fault]
    settings = EmbeddedSettings(version=release)
    with start(settings) as server, Proxy(server.url, key=server.api_key, faults=faults) as front:
        target = ("--target", front.url, "--api-key", server.api_key, "--disposable", "--callback-host=127.0.0.1")
        done = run_suite("-n", "2", f"--report-dir={folder}", *target, *tests)
        assert (folder / "conformance.json").exists(), done.stdout + done.stderr
        return load(folder / "conformance.json")


def dated(report: Report, night: datetime) -> Report:
    """The result as of another night, of the server by its one address, sealed anew."""
    header = report.header
    took = datetime.fromisoformat(header.finished) - datetime.fromisoformat(header.started)
    return finish(
        header=replace(
            header,
            target=replace(header.target, url=ADDRESS),
            started=night.isoformat(),
            finished=(night + took).isoformat(),
            run_id=f"{night:%Y%m%d-%H%M%S}-0000",
        ),
        observations=report.observations,
        tests=report.tests,
        statistics=report.statistics,
        verdict=rejudge(report),
        basis=report.basis,
    )


def main(arguments: list[str] | None = None) -> int:
    """Judge, date, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("tests", nargs="*", help="default: the main workflow, tasks, annotations and predictions")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    known: dict[tuple[str, str], Report] = {}
    with tempfile.TemporaryDirectory(prefix="ls-conformance-nights-") as folder:
        night, results = FIRST, []
        for release, fault, count in NIGHTS:
            runs = Path(folder) / f"{release}{fault}"
            if (release, fault) not in known:
                known[release, fault] = judged(release, fault, runs, tuple(given.tests) or TESTS)
            for _ in range(count):
                path = Path(folder) / f"{night:%Y-%m-%d}.json"
                dump(dated(known[release, fault], night), path)
                results.append(str(path))
                night += timedelta(days=1)
        return ls_conformance(["history", *results, "--out", str(given.out / "history.html")])


if __name__ == "__main__":
    sys.exit(main())
