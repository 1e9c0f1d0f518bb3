"""For how many requirements is a fault found? ``python -m tests.scenarios.faults.run`` measures, for half an hour.

Runs all scenarios once as they are; then, fault by fault, those that show requirements which no fault was found for
yet. Writes ``found.json``: requirement -> the fault that turned its check red although it is green without, or
``"the real server"`` where it is red without one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.scenarios.faults.plugin import NAMES
from tests.suite import run_suite

FOUND: Final = Path(__file__).with_name("found.json")
REAL: Final = "the real server"
# They take minutes and show nothing about faults that smaller ones do not.
SLOW: Final = "not hundred_thousand and not large_export"
RED: Final = frozenset({"fail", "warn"})
# The ones that find most come first, so that the others have little to do.
FIRST: Final = ("texts-drift", "accepts-everything", "writes-forgotten", "figures-drift", "lists-short", "truths-flip")


@dataclass(slots=True)
class Run:
    """What one run showed: requirement -> outcomes, and -> tests."""

    outcomes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, folder: Path) -> Run:
        """From a report's folder."""
        run = cls()
        path = folder / "observations.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            seen = json.loads(line)
            if seen["requirement"].startswith("LS-"):
                run.outcomes[seen["requirement"]].add(seen["outcome"])
                run.tests[seen["requirement"]].add(seen["test"])
        return run


def scenarios(folder: Path, arguments: list[str], *options: str) -> Run:
    """Run scenarios."""
    how = ["-p", "tests.scenarios.faults.plugin", f"--report-dir={folder}", "-k", SLOW]
    run_suite(*how, *options, *arguments, timeout=3600)
    return Run.read(folder)


def measure(faults: list[str], arguments: list[str], before: Run, folder: Path) -> dict[str, str]:
    """Requirement -> the first fault that its check finds."""
    found = {requirement: REAL for requirement, seen in before.outcomes.items() if seen & RED}
    for fault in faults:
        missing = [r for r, seen in before.outcomes.items() if r not in found and "pass" in seen]
        only = folder / "only.txt"
        only.write_text("\n".join(sorted({test for r in missing for test in before.tests[r]})), encoding="utf-8")
        run = scenarios(folder / fault, arguments, f"--fault={fault}", f"--only={only}")
        new = [r for r in missing if run.outcomes.get(r, set()) & RED]
        found |= dict.fromkeys(new, fault)
        sys.stdout.write(f"{fault}: {len(new)} of {len(missing)}; {len(found)} of {len(before.outcomes)} so far\n")
        sys.stdout.flush()
    return found


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", action="append", choices=NAMES)
    parser.add_argument("--out", type=Path, default=FOUND)
    parser.add_argument("--before", type=Path, help="a report's folder of a run without faults; else one is made")
    parser.add_argument("--add", action="store_true", help="keep what the file knows, and look at the rest only")
    given, rest = parser.parse_known_args()
    arguments = rest or ["-n", "2", "conformance/scenarios"]
    faults = given.fault or [*FIRST, *(name for name in NAMES if name not in FIRST)]
    with tempfile.TemporaryDirectory(prefix="ls-conformance-faults-") as name:
        folder = Path(name)
        before = Run.read(given.before) if given.before else scenarios(folder / "none", arguments)
        known = json.loads(given.out.read_text(encoding="utf-8")) if given.add else {}
        for requirement in known:
            before.outcomes.pop(requirement, None)
        found = known | measure(faults, arguments, before, folder)
    given.out.write_text(json.dumps(dict(sorted(found.items())), indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
