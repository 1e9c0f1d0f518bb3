"""One command: this suite's gate and ``st run`` on the same server for the same time, and the harness's own cost.

python -m benchmarks.run [--only suite|st|harness] [--workers 2] [--json benchmark.json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.competitor import st_run
from benchmarks.harness import harness_cost
from conformance.contract import Edition, load_contract


def suite_run(workers: int, depth: str) -> dict[str, Any]:
    """The generated tests at a depth, as a user runs them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        amount = ["-n", str(workers), "--depth", depth]
        own = ["conformance/properties", "-q", f"--report-dir={folder}"]
        command = [sys.executable, "-m", "pytest", *own, *amount]
        started = time.monotonic()
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own command line
        wall = time.monotonic() - started
        report = json.loads((folder / "conformance.json").read_text(encoding="utf-8"))
    generated = report["header"]["options"]["generated"]
    seen = report["observations"]
    community = {operation.id for operation in load_contract().of(Edition.COMMUNITY)}
    reached = {o["operation"] for o in seen if o["rule"] == "success" and o["outcome"] == "pass"} & community
    distinct = {(o.get("operation"), o["rule"], o.get("signature", "")) for o in seen if o["outcome"] == "fail"}
    statistics = report["statistics"]
    testing = sum(test["duration"] for test in report["tests"])
    return {
        "seconds": wall,
        # what the session does not know of, before it begins and after its end, is added
        "seconds to the first result, at most": wall - statistics["seconds"] + statistics["first"],
        "requests": statistics["requests"],
        "requests/s": statistics["requests"] / wall,
        "operations with a documented 2xx": len(reached),
        "share of 2xx": statistics["statuses"].get("2xx", 0) / max(1, statistics["requests"]),
        "share of 2xx, positive cases": generated["positive-2xx"] / max(1, generated["positive"]),
        "failures": len(distinct),
        "server idle, share of test time": 1 - statistics["waiting"] / max(1.0, testing),
    }


def main() -> None:
    """Run what was asked for; print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["suite", "st", "harness"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--depth", default="gate")
    parser.add_argument("--time", type=float, default=300.0, help="seconds for st run where the suite is not run")
    parser.add_argument("--json", type=Path, default=Path("benchmark.json"))
    options = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    if options.only in {None, "harness"}:
        results["harness"] = harness_cost()
    if options.only in {None, "suite"}:
        results["this suite"] = suite_run(options.workers, options.depth)
    if options.only in {None, "st"}:
        results["st run"] = st_run(results.get("this suite", {}).get("seconds", options.time))
    options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    table = Table("", *results)
    for row in dict.fromkeys(name for figures in results.values() for name in figures):
        table.add_row(row, *(_shown(figures.get(row)) for figures in results.values()))
    Console(width=110).print(table)


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
