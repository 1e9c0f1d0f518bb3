"""Lawful differences one by one: ``python -m tests.enterprise.differences [NAME…]`` prints what a run says of each.

Each is judged by a part of the Enterprise plan that is drawn anew for it: what takes about ``--seconds`` on one worker.
Nothing may be found: what differs lawfully is right.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.contract import Edition, load_contract
from tests.enterprise.faults import NOWHERE
from tests.enterprise.judging import findings, judge
from tests.enterprise.lawful import LAWFUL, SLOWER
from tests.enterprise.standin import StandIn
from tests.faults.lanes.choosing import NEVER
from tests.faults.lanes.running import whole_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.target.embedded.server import EmbeddedServer
    from tests.faults.lanes.choosing import Planned

SECONDS: Final = 240.0
WRITTEN: Final = "/scenarios/enterprise/"
SHARE: Final = 0.5
"""Of the seconds, for scenarios; the others are for generated tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a run said of one difference.

    Attributes:
        written: of the tests, those that are scenarios.
    """

    difference: str
    tests: int
    written: int
    requests: int
    seconds: float
    findings: tuple[str, ...]


def drawn(planned: Sequence[Planned], *, seconds: float, name: str) -> list[str]:
    """A part of the plan: scenarios of Enterprise, and generated tests that reach an operation of it.

    Args:
        planned: all tests.
        seconds: that they may take together, as measured.
        name: of the draw.
    """
    owed = {o.id for o in load_contract().of(Edition.ENTERPRISE)}
    near = [p for p in planned if (WRITTEN in p.id or p.operations & owed) and not any(word in p.id for word in NEVER)]
    chosen = set[str]()
    for share, part in (
        (SHARE, [p for p in near if WRITTEN in p.id]),
        (1 - SHARE, [p for p in near if WRITTEN not in p.id]),
    ):
        left = share * seconds
        for p in random.Random(name).sample(part, len(part)):
            if p.seconds <= left:
                chosen.add(p.id)
                left -= p.seconds
    return [p.id for p in planned if p.id in chosen]


def judged(
    community: EmbeddedServer, difference: str, planned: Sequence[Planned], folder: Path, *, seconds: float, seed: int
) -> Row:
    """Judge the stand-in with one difference."""
    tests = drawn(planned, seconds=seconds / (SLOWER if difference == "slower" else 1), name=f"{seed} {difference}")
    with StandIn(community, lawful=[difference]) as standing:
        report = judge(standing, folder, "-n", "1", *tests)
    return Row(
        difference=difference,
        tests=len(report.tests),
        written=sum(WRITTEN in test.id for test in report.tests),
        requests=report.statistics.requests,
        seconds=report.statistics.seconds,
        findings=tuple(findings(report)),
    )


def line(row: Row) -> str:
    """A row as Markdown."""
    told = "; ".join(row.findings).replace("|", "\\|") or "none"
    return f"| {row.difference} | {row.tests} ({row.written}) | {row.requests} | {row.seconds:.0f} | {told} |"


def main(arguments: list[str] | None = None) -> int:
    """Judge each; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*LAWFUL, []], help="default: all")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of tests for each, as measured without it")
    parser.add_argument("--seed", type=int, default=1, help="of the draws")
    parser.add_argument("--out", type=Path, help="folder for the reports; default: none is kept")
    given = parser.parse_args(arguments)
    planned = whole_plan(*NOWHERE)
    sys.stdout.write(
        "| difference | tests (scenarios) | requests | seconds | findings |\n| --- | --: | --: | --: | --- |\n"
    )
    found = 0
    with StandIn() as server, tempfile.TemporaryDirectory(prefix="differences-") as folder:
        for name in given.names or LAWFUL:
            place = (given.out or Path(folder)) / name
            row = judged(server.community, name, planned, place, seconds=given.seconds, seed=given.seed)
            sys.stdout.write(f"{line(row)}\n")
            sys.stdout.flush()
            found += len(row.findings)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
