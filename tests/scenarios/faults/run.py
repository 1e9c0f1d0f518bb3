"""For how many requirements is a fault found? ``python -m tests.scenarios.faults.run`` measures, for an hour.

Runs all scenarios once as they are and once with each fault, and writes ``found.json``: requirement -> faults that
turned its check red although it is green without (``"the real server"`` where it is red without one).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

from conformance.contract import SPEC
from tests.scenarios.faults.plugin import NAMES

FOUND: Final = Path(__file__).with_name("found.json")
REAL: Final = "the real server"
# They take minutes and show nothing about faults that smaller ones do not.
SLOW: Final = "not hundred_thousand and not large_export"
RED: Final = frozenset({"fail", "warn"})


def outcomes(fault: str | None, arguments: list[str], folder: Path) -> dict[str, set[str]]:
    """Requirement -> outcomes that it had in a run with a fault."""
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.scenarios.faults.plugin",
        f"--report-dir={folder}", "-k", SLOW, *([f"--fault={fault}"] if fault else []), *arguments,
    ]  # fmt: skip
    subprocess.run(command, cwd=SPEC.parent, capture_output=True, check=False, timeout=3600)
    found: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "observations.jsonl").read_text(encoding="utf-8").splitlines():
        seen = json.loads(line)
        if seen["requirement"].startswith("LS-"):
            found[seen["requirement"]].add(seen["outcome"])
    return found


def measure(faults: list[str], arguments: list[str]) -> dict[str, list[str]]:
    """Requirement -> names of the faults that its check finds."""
    found: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="ls-conformance-faults-") as folder:
        before = outcomes(None, arguments, Path(folder, "none"))
        for requirement, seen in before.items():
            found[requirement] = [REAL] if seen & RED else []
        for fault in faults:
            for requirement, seen in outcomes(fault, arguments, Path(folder, fault)).items():
                if seen & RED and not before[requirement] & RED:
                    found[requirement].append(fault)
            sys.stdout.write(f"{fault}: {sum(bool(f) for f in found.values())} of {len(found)} found so far\n")
            sys.stdout.flush()
    return dict(found)


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", action="append", choices=NAMES)
    parser.add_argument("--out", type=Path, default=FOUND)
    parser.add_argument("--add", action="store_true", help="keep what the file knows already")
    given, rest = parser.parse_known_args()
    found = measure(given.fault or NAMES, rest or ["-n", "2", "conformance/scenarios"])
    if given.add and given.out.exists():
        for requirement, faults in json.loads(given.out.read_text(encoding="utf-8")).items():
            found[requirement] = list(dict.fromkeys([*faults, *found.get(requirement, [])]))
    text = json.dumps({k: sorted(v) for k, v in sorted(found.items())}, indent=0)
    given.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
