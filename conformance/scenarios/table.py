"""Which test shows which requirement: ``python -m conformance.scenarios.table`` writes the table anew."""

from __future__ import annotations

import re
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from conformance.contract import SPEC
from conformance.contract.tables.requirements import load_requirements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.contract.tables.requirements import Requirement

TABLE: Final = SPEC / "requirements" / "README.md"
FOLDER: Final = Path(__file__).resolve().parent
# test of which file -> in how many cases
Shown = dict[str, int]
_ROW: Final = re.compile(r"\| (LS-[A-Z]+-\d{3}) \|.*\| ([^|]*) \|$")
_HEAD: Final = """# Requirements and the tests that show them

Written by `python -m conformance.scenarios.table`; a test says if it is out of date.
"""


class _Claims:
    """Collects what tests say that they show."""

    def __init__(self) -> None:
        self.found: dict[str, Shown] = {}

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Each case of a test counts."""
        for item in items:
            name = f"{item.path.relative_to(FOLDER).as_posix()}::{getattr(item, 'originalname', item.name)}"
            for requirement in {str(i) for mark in item.iter_markers("requirement") for i in mark.args}:
                tests = self.found.setdefault(requirement, {})
                tests[name] = tests.get(name, 0) + 1


def claims() -> dict[str, Shown]:
    """The ids in the markers of all scenarios, as pytest collects them (many come from tables).

    Raises:
        RuntimeError: the scenarios can't be collected.
    """
    collected = _Claims()
    quietly = ["--collect-only", "-p", "no:terminal", "-p", "no:cacheprovider"]
    code = pytest.main([*quietly, str(FOLDER)], plugins=[collected])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"the scenarios can't be collected: pytest ended with {code}")
    return collected.found


def render(requirements: Mapping[str, Requirement], shown: Mapping[str, Shown]) -> str:
    """The table as Markdown, by area; sums first."""
    lines = [
        _HEAD,
        "| area | must | should | may | shown by tests | untested |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    by_area = sorted(requirements.values(), key=lambda r: r.area)
    areas = [(area, list(rows)) for area, rows in groupby(by_area, key=lambda r: r.area)]
    for area, rows in [*areas, ("**all**", list(requirements.values()))]:
        verbs = Counter(r.verb.value for r in rows)
        tested = sum(r.id in shown for r in rows)
        counts = (verbs["must"], verbs["should"], verbs["may"], tested, len(rows) - tested)
        lines.append(f"| {area} | {' | '.join(map(str, counts))} |")
    for area, rows in areas:
        lines += ["", f"## {area}", "", "| id | | what is asked | shown by |", "| --- | --- | --- | --- |"]
        lines += [f"| {r.id} | {r.called} | {_cell(r.statement)} | {_shown(r, shown.get(r.id, {}))} |" for r in rows]
    return "\n".join(lines) + "\n"


def _shown(requirement: Requirement, tests: Shown) -> str:
    if not tests:
        return f"(untested: {_cell(requirement.untested or 'nobody says why')})"
    return ", ".join(f"{name}{f' ({count} cases)' if count > 1 else ''}" for name, count in sorted(tests.items()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def shown_by(requirement: str, table: Path = TABLE) -> list[str]:
    """The tests that the written table names for a requirement."""
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    rows = (match for line in lines if (match := _ROW.match(line)))
    found = next((match[2] for match in rows if match[1] == requirement), "")
    return [] if found.startswith("(untested") or not found else found.split(", ")


def main() -> int:
    """Write the table."""
    TABLE.write_text(render(load_requirements(), claims()), encoding="utf-8")
    sys.stdout.write(f"{TABLE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
