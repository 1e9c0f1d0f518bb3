"""The table of mutants: ``python -m tests.mutants.run [PYTEST ARGUMENTS]`` measures, and writes ``reports/mutants/``.

Without arguments: the tests that show main workflows, and the generated ones of each operation. What an earlier run
found is kept, and only what nobody noticed is tried again; ``--anew`` forgets it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from conformance.contract import SPEC
from tests.mutants.table import Table, markdown

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
    parser.add_argument("--anew", action="store_true", help="forget what was found before")
    parser.add_argument("--only-table", action="store_true", help="write the page of what was measured before")
    given, rest = parser.parse_known_args(arguments)
    kept = given.out / "mutants.json"
    if given.anew:
        kept.unlink(missing_ok=True)
    if not given.only_table:
        with tempfile.TemporaryDirectory(prefix="ls-conformance-mutants-") as folder:
            command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "tests.mutants.plugin", f"--mutants={kept}"]
            subprocess.run([*command, f"--report-dir={folder}", *(rest or USUAL)], cwd=SPEC.parent, check=False)
    table = Table.read(kept)
    page = given.out / "mutants.md"
    page.write_text(markdown(table), encoding="utf-8")
    sys.stdout.write(f"{table.share():.1%} of {len(table.noticed)} noticed\n{page}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
