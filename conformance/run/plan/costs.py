"""Knows the costs of tests: seconds, requests, objects; measured, or those shipped with the suite."""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.report.document import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.judge.plan import NodeResult

SHIPPED = Path(__file__).with_name("costs.json")
NEAR = ("gate", "quick")
"""Depths whose figures stand in where those of the depth in question are not shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one test takes.

    Attributes:
        seconds: set-up and tear-down included.
        requests: that it sends.
        created: kind -> objects that it makes on the target.
    """

    seconds: float
    requests: float
    created: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What is known of tests: each one by itself, or by the mean of those of the same function.

    Attributes:
        exact: by test, from results of earlier runs.
        usual: by function, as shipped.
        source: where the shipped figures come from, for a person.
    """

    exact: Mapping[str, Cost] = field(default_factory=dict)
    usual: Mapping[str, Cost] = field(default_factory=dict)
    source: str = ""

    def of(self, test: str) -> Cost | None:
        """The cost of a test; None where neither it nor its function was ever measured."""
        return self.exact.get(test) or self.usual.get(function_of(test))

    def seconds(self, tests: Iterable[str]) -> dict[str, float]:
        """Seconds of the tests that something is known of."""
        return {test: cost.seconds for test in tests if (cost := self.of(test)) is not None}


def function_of(test: str) -> str:
    """A node id without its parameters."""
    return test.partition("[")[0]


def load_costs(measured: Iterable[Path] = (), *, depth: str = NEAR[0], shipped: Path = SHIPPED) -> Costs:
    """Return what was measured, over what the suite ships.

    Args:
        measured: results of earlier runs (``conformance.json``).
        depth: of the run to come; chooses among the shipped figures.
        shipped: file of the shipped figures.

    Raises:
        ReportError: a file is no result.
    """
    exact: dict[str, Cost] = {}
    for path in measured:
        exact |= {t.id: _cost([t]) for t in load(path).tests if t.outcome != "skipped"}
    data = json.loads(shipped.read_text(encoding="utf-8"))
    near = next((d for d in (depth, *NEAR) if d in data["depths"]), "")
    figures: dict[str, Any] = {}
    for known in (*reversed(NEAR), near):  # of a test that was never measured at this depth, those of another
        figures |= data["depths"].get(known, {})
    usual = {name: Cost(seconds=s, requests=r, created=c) for name, (s, r, c) in figures.items()}
    return Costs(exact=exact, usual=usual, source=f"{data['target']}, depth {near}")


def _cost(tests: list[NodeResult]) -> Cost:
    """The mean of several."""
    created: Counter[str] = Counter()
    for t in tests:
        created.update(t.created)
    return Cost(
        seconds=round(statistics.fmean(t.duration for t in tests), 3),
        requests=round(statistics.fmean(t.requests for t in tests), 1),
        created={kind: round(n / len(tests), 2) for kind, n in sorted(created.items())},
    )


def summarised(reports: Iterable[Path]) -> dict[str, Any]:
    """The content of ``costs.json`` from complete runs, one per depth."""
    depths: dict[str, Any] = {}
    target = ""
    for path in reports:
        report = load(path)
        target = f"{report.header.target.product} {report.header.target.version}"
        groups: dict[str, list[NodeResult]] = defaultdict(list)
        for t in report.tests:
            groups[function_of(t.id)].append(t)
        # a function of which every test is skipped costs nothing at this depth
        costs = {
            name: _cost([t for t in tests if t.outcome != "skipped"] or tests) for name, tests in sorted(groups.items())
        }
        depths[report.header.depth] = {n: [c.seconds, c.requests, dict(c.created)] for n, c in costs.items()}
    about = "function -> mean of its tests: seconds, requests, objects made"
    return {"about": about, "target": target, "depths": depths}


def _write(paths: list[str]) -> None:
    """Write the shipped figures anew: ``python -m conformance.run.plan.costs quick.json gate.json``.

    Figures of a depth that no result is of stay as they are.
    """
    data = summarised(map(Path, paths))
    data["depths"] = json.loads(SHIPPED.read_text(encoding="utf-8"))["depths"] | data["depths"]
    lines = []
    for depth, functions in data.pop("depths").items():
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in functions.items())
        lines.append(f"{json.dumps(depth)}: {{\n{rows}\n}}")
    head = json.dumps(data, indent=0)[1:-1].strip()
    SHIPPED.write_text("{\n" + head + ',\n"depths": {\n' + ",\n".join(lines) + "\n}\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _write(sys.argv[1:])
