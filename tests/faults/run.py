"""The kill table: ``python -m tests.faults.run [ID…]`` runs faults in front of a real server, and says which are found.

Writes ``reports/faults/kills.json`` and ``kills.md``; ends with 1 where fewer than ``--least`` of a hundred are killed.
"""

from __future__ import annotations

import argparse
import fnmatch
import random
import sys
import time
from pathlib import Path

from conformance.contract import SPEC
from tests.faults.kills import Baseline, Kill
from tests.faults.lanes.choosing import MOST_SECONDS
from tests.faults.lanes.running import baseline, kills, whole_plan
from tests.faults.loading import load_catalogue
from tests.faults.table import figures, line, rate, write

FOLDER = SPEC.parent / "reports" / "faults"
ENTERPRISE = "/scenarios/enterprise/"
"""Tests that the server behind these faults owes nothing; those of ``tests.enterprise.faults`` have their own."""


def main(arguments: list[str] | None = None) -> int:
    """Choose, run, tell, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="ids of faults, areas, or patterns of ids; without any: all")
    parser.add_argument("--draw", type=int, help="so many of them, drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--lanes", type=int, default=2, help="servers side by side")
    parser.add_argument("--most", type=float, default=MOST_SECONDS, help="seconds of tests for one fault")
    parser.add_argument("--bare", action="store_true", help="take it that nothing is told without a fault")
    parser.add_argument("--only", default="", help="of the tests, those whose id has this in it")
    parser.add_argument("--least", type=float, default=95.0, help="of a hundred that have to be killed")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    faults = list(load_catalogue())
    if given.names:
        faults = [f for f in faults if any(f.area == n or fnmatch.fnmatch(f.id, n) for n in given.names)]
    if given.draw:
        faults = random.Random(given.seed).sample(faults, min(given.draw, len(faults)))
    if not faults:
        parser.error("no fault has such a name")
    began = time.monotonic()
    planned = [p for p in whole_plan() if given.only in p.id and ENTERPRISE not in p.id]
    before = Baseline() if given.bare else baseline(faults, planned, given.out, lanes=given.lanes)
    by_id = {f.id: f for f in faults}

    so_far = dict[str, Kill]()

    def tell(one: Kill) -> None:
        sys.stdout.write(f"{line(one)}\n")
        sys.stdout.flush()
        so_far[one.fault] = one  # written as it comes: the whole table takes an hour or more, and may be stopped
        write(list(so_far.values()), by_id, given.out, seconds=time.monotonic() - began)

    found = kills(faults, planned, before, given.out, lanes=given.lanes, most=given.most, tell=tell)
    write(found, by_id, given.out, seconds=time.monotonic() - began)
    sys.stdout.write(f"{figures(found)}\n{given.out / 'kills.md'}\n")
    return 0 if 100 * rate(found) >= given.least else 1


if __name__ == "__main__":
    sys.exit(main())
