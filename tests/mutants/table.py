"""What was noticed, and by what: per operation, and the list of what nobody notices."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from tests.mutants.forking import Mutant
from tests.mutants.mutating import Way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BY_SCHEMA: Final = "schema"
BY_CLIENT: Final = "client"
BY_SCENARIO: Final = "scenario"
BY_RULE: Final = "rule"
_BY: Final = (BY_SCENARIO, BY_RULE, BY_SCHEMA, BY_CLIENT)


@dataclass(frozen=True, slots=True)
class Noticed:
    """Who noticed a mutant."""

    how: str
    requirement: str

    @classmethod
    def by(cls, seen: Sequence[tuple[str, str, str]]) -> Self:
        """The most telling of what was told: a requirement that somebody wrote, a rule, the schema."""
        found = [(_how(requirement), requirement) for requirement, _, _ in seen]
        return cls(*min(found, key=lambda one: _BY.index(one[0])))


def _how(requirement: str) -> str:
    rule = requirement.rpartition("#")[2]
    if requirement.startswith("LS-"):
        return BY_SCENARIO
    return {"response-schema": BY_SCHEMA, "official-client-reads": BY_CLIENT}.get(rule, BY_RULE)


@dataclass(slots=True)
class Table:
    """What became of each mutant.

    Attributes:
        noticed: by whom; None where nobody did so far.
        tests: how many tests met it.
        unusable: tests that tell something else on their recording than on the server.
    """

    noticed: dict[Mutant, Noticed | None] = field(default_factory=dict)
    tests: dict[Mutant, int] = field(default_factory=lambda: defaultdict(int))
    unusable: int = 0

    def share(self) -> float:
        """The share that somebody noticed."""
        return sum(n is not None for n in self.noticed.values()) / len(self.noticed) if self.noticed else 0.0

    def is_open(self, mutant: Mutant, most: int) -> bool:
        """Nobody noticed it yet, and not too many looked."""
        return self.noticed.get(mutant) is None and self.tests[mutant] < most

    def tries(self, mutant: Mutant) -> int:
        """How many tests met it."""
        return self.tests[mutant]

    def add(self, mutant: Mutant, noticed: Noticed | None) -> None:
        """Keep what one more test said."""
        self.tests[mutant] += 1
        self.noticed[mutant] = noticed

    @classmethod
    def merged(cls, tables: Sequence[Self]) -> Self:
        """What several found that began with the same: whoever noticed counts, and the one that looked most often."""
        whole = cls(unusable=sum(table.unusable for table in tables))
        for table in tables:
            for mutant, noticed in table.noticed.items():
                whole.noticed[mutant] = whole.noticed.get(mutant) or noticed
                whole.tests[mutant] = max(whole.tests[mutant], table.tests[mutant])
        return whole

    def write(self, path: Path) -> None:
        """Keep it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [
            [m.operation, list(m.place), m.way.value, self.tests[m], *((n.how, n.requirement) if n else (None, None))]
            for m, n in self.noticed.items()
        ]
        path.write_text(json.dumps({"unusable": self.unusable, "mutants": rows}), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The one that was kept; an empty one where none was."""
        table = cls()
        if path.exists():
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            table.unusable = kept["unusable"]
            for operation, place, way, tests, how, requirement in kept["mutants"]:
                mutant = Mutant(operation, tuple(place), Way(way))
                table.noticed[mutant] = Noticed(how, requirement) if how else None
                table.tests[mutant] = tests
        return table


def markdown(table: Table) -> str:
    """The table for people: per operation and way the share that was noticed, by whom, and what nobody noticed."""
    operations: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in table.noticed:
        operations[mutant.operation].append(mutant)
    lines = [
        "# Answers with one property changed",
        "",
        f"{table.share():.1%} of {len(table.noticed)} mutants were noticed.",
        f"{table.unusable} tests could not be run on a recording: what they saw did not come from the server alone.",
        "",
        f"| operation | mutants | {' | '.join(Way)} | {BY_SCENARIO} | {BY_RULE} | {BY_SCHEMA} | {BY_CLIENT} |",
        "| --- | --: |" + " --: |" * (len(Way) + 4),
    ]
    for operation, mutants in sorted(operations.items()):
        ways = (_share([table.noticed[m] for m in mutants if m.way is way]) for way in Way)
        by = (sum(n is not None and n.how == how for m in mutants for n in [table.noticed[m]]) for how in _BY)
        lines.append(f"| {operation} | {len(mutants)} | {' | '.join(ways)} | {' | '.join(map(str, by))} |")
    lines += ["", "## What nobody noticed", "", "| operation | property | ways |", "| --- | --- | --- |"]
    left: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mutant, noticed in table.noticed.items():
        if noticed is None:
            left[mutant.operation, ".".join(mutant.place) or "(the list)"].append(mutant.way.value)
    lines += [f"| {operation} | {place} | {', '.join(ways)} |" for (operation, place), ways in sorted(left.items())]
    return "\n".join(lines) + "\n"


def _share(found: Sequence[Noticed | None]) -> str:
    return f"{sum(n is not None for n in found) / len(found):.0%}" if found else ""
