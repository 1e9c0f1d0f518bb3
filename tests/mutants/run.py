"""The table of mutants: ``python -m tests.mutants.run [PYTEST ARGUMENTS]`` measures, and writes ``reports/mutants/``.

Without arguments: the tests that show main workflows, and the generated ones of each operation. What an earlier run
found is kept, and only what nobody noticed is tried again; ``--anew`` forgets it. Tests run in lanes, each with a
server of its own; tests of the same operation stay together, so that no lane tries what another one has noticed.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.contract import SPEC
from tests.mutants.table import Table, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER: Final = SPEC.parent / "reports" / "mutants"
USUAL: Final = (
    "conformance/scenarios/test_main_workflow.py",
    "conformance/scenarios/agree",
    "conformance/scenarios/projects",
    "conformance/scenarios/tasks",
    "conformance/scenarios/annotations",
    "conformance/scenarios/test_predictions.py",
    "conformance/scenarios/people",
    "conformance/scenarios/keys",
    "conformance/properties/test_success.py",
    "conformance/properties/test_writing.py",
    "conformance/properties/test_listing.py",
    "conformance/properties/test_each_field.py",
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--lanes", type=int, default=2, help="servers side by side")
    parser.add_argument("--minutes", type=float, help="stop then, and keep what was found")
    parser.add_argument("--anew", action="store_true", help="forget what was found before")
    parser.add_argument("--only-table", action="store_true", help="write the page of what was measured before")
    given, rest = parser.parse_known_args(arguments)
    kept = given.out / "mutants.json"
    if given.anew:
        kept.unlink(missing_ok=True)
    if not given.only_table:
        _measure(kept, rest or USUAL, given.lanes, given.minutes)
    table = Table.read(kept)
    page = given.out / "mutants.md"
    page.write_text(markdown(table), encoding="utf-8")
    sys.stdout.write(f"{table.share():.1%} of {len(table.noticed)} noticed\n{page}\n")
    return 0


def _measure(kept: Path, tests: Sequence[str], lanes: int, minutes: float | None) -> None:
    """Run the tests with mutants, and keep what all lanes found."""
    with tempfile.TemporaryDirectory(prefix="ls-conformance-mutants-") as folder:
        parts = [Path(folder, f"lane-{number}.json") for number in range(lanes)]
        running = []
        before = Table.read(kept)
        before.unusable = 0  # told of the tests of this run
        for number, part in enumerate(parts):
            before.write(part)
            how = ["-n", "0", "-p", "tests.mutants.plugin", f"--mutants={part}", f"--mutants-lane={number}/{lanes}"]
            command = [sys.executable, "-m", "pytest", *how, f"--report-dir={folder}/report-{number}", *tests]
            running.append(subprocess.Popen(command, cwd=SPEC.parent))
        until = None if minutes is None else time.monotonic() + 60 * minutes
        for lane in running:
            try:
                lane.wait(None if until is None else max(until - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                lane.send_signal(signal.SIGINT)
                lane.wait()
        Table.merged([Table.read(part) for part in parts]).write(kept)


if __name__ == "__main__":
    sys.exit(main())
