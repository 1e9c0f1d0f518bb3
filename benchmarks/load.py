"""A very large result: what judging, writing, reading, rendering, comparing and merging it costs.

python -m benchmarks.load [--observations 100000] [--megabytes 50] [--json load.json]

Each step is a process of its own, so that its peak of memory is its own; the file that it reads is on disk.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from conformance.contract import load_contract
from conformance.judge.compare import compare
from conformance.judge.observation import Evidence, Observation, Outcome
from conformance.judge.plan import NodeResult, Plan
from conformance.report.catalogue import load_catalogue
from conformance.report.commands.diff import render_diff
from conformance.report.commands.verify import rejudge
from conformance.report.document import dump, load
from conformance.report.document.conclude import conclude
from conformance.report.document.header import Header, Statistics, TargetInfo
from conformance.report.inputs import load_basis
from conformance.report.renderings.html import render_html
from conformance.report.renderings.junit import render_junit
from conformance.report.renderings.summary import render_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAILING = 20
"""One observation in so many fails, with evidence."""
PER_TEST = 40


def observations(count: int, megabytes: int) -> Iterator[Observation]:
    """As many as asked for, over all operations and rules; the evidence of the failing ones adds up to the size."""
    operations = [operation.id for operation in load_contract()]
    body = "x" * (megabytes * 1_000_000 * FAILING // count)
    for n in range(count):
        operation, rule = operations[n % len(operations)], f"rule-{n // len(operations) % 40}"
        failed = n % FAILING == 0
        request_id = f"run-{n}"
        yield Observation(
            requirement=f"{operation}#{rule}",
            outcome=Outcome.FAIL if failed else Outcome.PASS,
            operation=operation,
            rule=rule,
            test=f"conformance/test_load.py::test_it[{n // PER_TEST}]",
            message=f"{operation} answered otherwise than {rule} asks." if failed else "",
            expected="200" if failed else "",
            got="500" if failed else "",
            signature=f"/results/{n % 7}: missing" if failed else "",
            evidence=Evidence(
                request={"method": "GET", "url": f"http://127.0.0.1/{n}", "headers": [], "body": ""},
                response={"status": 500, "headers": [], "body": f"{n}{body}"},
                elapsed=0.01,
                request_id=request_id,
                curl=f"curl http://127.0.0.1/{n}",
            )
            if failed
            else None,
        )


def write(path: Path, count: int, megabytes: int, run_id: str) -> None:
    """Conclude and write a run of this size."""
    seen = list(observations(count, megabytes))
    tests = sorted({o.test for o in seen})
    header = Header(
        suite="0.1.0",
        contract=load_contract().digest,
        target=TargetInfo(url="http://127.0.0.1", version="1.23.2"),
        seed=1,
        depth="gate",
        started="2026-05-01T10:00:00+00:00",
        finished="2026-05-01T10:05:00+00:00",
        run_id=run_id,
        reproduce="pytest",
        plan=Plan(requirements=tuple({o.requirement for o in seen}), tests=tuple(tests)),
    )
    results = [NodeResult(id=test, outcome="passed", duration=0.1) for test in tests]
    dump(
        conclude(
            header=header,
            observations=seen,
            results=results,
            statistics=Statistics(requests=count, seconds=300.0),
            basis=load_basis(edition="community"),
        ),
        path,
    )


def _steps(path: Path, other: Path, count: int, megabytes: int) -> dict[str, Callable[[], object]]:
    catalogue = load_catalogue()
    return {
        "conclude and write": lambda: write(path, count, megabytes, "run-1"),
        "the same, another run": lambda: write(other, count, megabytes, "run-2"),
        "read and check": lambda: load(path),
        "judge anew": lambda: rejudge(load(path)),
        "report.html": lambda: render_html(load(path), catalogue),
        "summary.md": lambda: render_summary(load(path), catalogue.areas_for("community")),
        "junit.xml": lambda: render_junit(load(path)),
        "diff": lambda: _diff(path, other),
    }


def _diff(path: Path, other: Path) -> str:
    before, after = load(path), load(other)
    return render_diff(before, after, compare(before.observations, after.observations))


def main() -> None:
    """Measure each step in a process of its own; print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--json", type=Path, default=Path("load.json"))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step is not None:
        _one(options)
        return
    with tempfile.TemporaryDirectory() as name:
        figures = [_measured(step, Path(name), options) for step in _steps(Path(), Path(), 1, 1)]
        size = (Path(name) / "one.json").stat().st_size / 1e6
    table = Table(
        "step", "seconds", "peak of memory, MB", title=f"{options.observations:,} observations, {size:.0f} MB"
    )
    for figure in figures:
        table.add_row(str(figure["step"]), f"{figure['seconds']:.1f}", f"{figure['megabytes']:.0f}")
    Console().print(table)
    options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _one(options: argparse.Namespace) -> None:
    one, other = options.folder / "one.json", options.folder / "other.json"
    step = _steps(one, other, options.observations, options.megabytes)[options.step]
    began = time.monotonic()
    step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    figure = {"step": options.step, "seconds": time.monotonic() - began, "megabytes": peak}
    sys.stdout.write(json.dumps(figure) + "\n")


def _measured(step: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    sizes = ["--observations", str(options.observations), "--megabytes", str(options.megabytes)]
    command = [sys.executable, "-m", "benchmarks.load", *sizes, "--step", step, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command line
    figure: dict[str, float] = json.loads(done.stdout)
    return figure


if __name__ == "__main__":
    main()
