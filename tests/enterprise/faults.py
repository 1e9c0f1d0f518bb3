"""The kill table of Enterprise: ``python -m tests.enterprise.faults [ID…]`` runs single faults before the stand-in.

Writes ``reports/faults/enterprise/kills.json`` and ``kills.md``; ends with 1 where fewer than ``--least`` of a hundred
are killed. The catalogue is ``catalogue/*.yaml``; what faults do is in ``tests/faults/rooms``.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from conformance.contract import SPEC
from tests.enterprise.accepted import write_accepted
from tests.enterprise.standin import SERVICES, StandIn
from tests.faults.kills import Baseline, Kill, Told
from tests.faults.lanes.lane import Lane, Server
from tests.faults.lanes.running import baseline, kills, whole_plan
from tests.faults.loading import load_catalogue
from tests.faults.table import figures, line, rate, write

CATALOGUE = Path(__file__).with_name("catalogue")
FOLDER = SPEC.parent / "reports" / "faults" / "enterprise"
NOWHERE = ("--target=http://127.0.0.1:9", "--api-key=none", "--edition=enterprise")
MOST_SECONDS = 12.0


class EnterpriseLane(Lane):
    """A lane with a stand-in behind it."""

    def begin(self, logs: Path) -> Server:
        """Start the stand-in, and say what its real server is known for."""
        logs.mkdir(parents=True, exist_ok=True)
        self._accepted = write_accepted(Path(tempfile.mkdtemp(prefix="accepted-", dir=logs)))
        self._standing = StandIn()
        self._standing.start()
        return self._standing

    def options(self) -> tuple[str, ...]:
        """What a run is told of the stand-in; the key of another organisation is a new one after each reset."""
        return (
            "--edition=enterprise",
            f"--services={SERVICES}",
            f"--roles=other={self._standing.other_key}",
            "--target-database=sqlite",
            *(f"--deviations={path}" for path in self._accepted),
        )


def main(arguments: list[str] | None = None) -> int:
    """Choose, run, tell, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="ids of faults, areas, or patterns of ids; without any: all")
    parser.add_argument("--draw", type=int, help="so many of them, drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--lanes", type=int, default=2, help="servers side by side")
    parser.add_argument("--most", type=float, default=MOST_SECONDS, help="seconds of tests for one fault")
    parser.add_argument("--bare", action="store_true", help="take it that nothing is told without a fault")
    parser.add_argument("--least", type=float, default=95.0, help="of a hundred that have to be killed")
    parser.add_argument("--add", action="store_true", help="go on with what an earlier run began")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    catalogue = load_catalogue(CATALOGUE)
    by_id = {f.id: f for f in catalogue}
    faults = [
        f for f in catalogue if not given.names or any(f.area == n or fnmatch.fnmatch(f.id, n) for n in given.names)
    ]
    if given.draw:
        faults = random.Random(given.seed).sample(faults, min(given.draw, len(faults)))
    if not faults:
        parser.error("no fault has such a name")
    known, seconds = _known(given.out) if given.add else ([], 0.0)
    # a fault that was taken out of the catalogue, or named otherwise, is in no table
    found = {k.fault: k for k in known if k.fault in by_id}
    faults = [f for f in faults if f.id not in found]
    began = time.monotonic() - seconds

    def tell(one: Kill) -> None:
        """Keep what was found so far: a run may be ended, and a fault that no test noticed is tried again."""
        found[one.fault] = one
        write(list(found.values()), by_id, given.out, seconds=time.monotonic() - began, before="the stand-in")
        sys.stdout.write(f"{line(one)}\n")
        sys.stdout.flush()

    planned = whole_plan(*NOWHERE)
    lanes: dict[str, Any] = {"lanes": given.lanes, "lane": EnterpriseLane}
    before = Baseline() if given.bare else baseline(faults, planned, given.out, **lanes)
    kills(faults, planned, before, given.out, most=given.most, tell=tell, **lanes)
    told = list(found.values())
    sys.stdout.write(f"{figures(told)}\n{given.out / 'kills.md'}\n")
    return 0 if 100 * rate(told) >= given.least else 1


def _known(folder: Path) -> tuple[list[Kill], float]:
    """What an earlier run found, and how long it took."""
    path = folder / "kills.json"
    if not path.exists():
        return [], 0.0
    content = json.loads(path.read_text(encoding="utf-8"))
    return [_kill(entry) for entry in content["kills"]], float(content["seconds"])


def _kill(entry: dict[str, Any]) -> Kill:
    lists: dict[str, Any] = {
        name: tuple(Told(**told) for told in entry[name]) for name in ("about", "beside", "warned")
    }
    return Kill(**{k: v for k, v in entry.items() if k not in {"killed", "why_not", *lists}}, **lists)


if __name__ == "__main__":
    sys.exit(main())
