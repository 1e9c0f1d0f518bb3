"""What the weather changed in a verdict: ``python -m tests.weather.table [NAME…]`` prints a table."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.contract import SPEC
from conformance.judge.observation import Outcome
from conformance.report.document import load
from conformance.target import embedded
from tests.weather.proxy import WEATHERS, WeatherProxy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.target.embedded import EmbeddedServer

TESTS: Final = (
    "conformance/scenarios/test_main_workflow.py",
    "conformance/scenarios/projects",
    "conformance/scenarios/tasks",
    "conformance/scenarios/annotations",
)
Judged = frozenset[tuple[str, str]]
"""Requirement and signature; an empty one for what held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run.

    Attributes:
        held: requirements that passed, and are broken nowhere.
        broken: with their signatures.
        errors: observations for which neither target nor suite is to blame.
    """

    weather: str
    exit_code: int
    seconds: float
    disturbed: int
    held: frozenset[str]
    broken: Judged
    errors: int

    def false_fails(self, fine: Row) -> list[str]:
        """What is broken in this weather only."""
        return sorted({f"{r} ({s})" for r, s in self.broken - fine.broken})

    def false_passes(self, fine: Row) -> list[str]:
        """What holds in this weather only."""
        return sorted(self.held & {requirement for requirement, _ in fine.broken})


def judge(server: EmbeddedServer, name: str, folder: Path, tests: Sequence[str] = TESTS) -> Row:
    """Run tests in one weather."""
    with WeatherProxy(server.url, WEATHERS[name]) as proxy:
        command = [
            sys.executable,
            *("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-c", str(SPEC.parent / "pyproject.toml")),
            *(f"--report-dir={folder}", f"--target={proxy.url}", f"--api-key={server.api_key}", "--disposable"),
            *("--callback-host=127.0.0.1", "--official-client=none", "--target-database=sqlite"),
        ]
        began = time.monotonic()
        done = subprocess.run([*command, *tests], cwd=SPEC.parent, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
    seen = load(folder / "conformance.json").observations
    broken = frozenset((o.requirement, o.signature or "") for o in seen if o.outcome is Outcome.FAIL)
    passed = {o.requirement for o in seen if o.outcome is Outcome.PASS}
    return Row(
        weather=name,
        exit_code=done.returncode,
        seconds=seconds,
        disturbed=proxy.disturbed,
        held=frozenset(passed - {requirement for requirement, _ in broken}),
        broken=broken,
        errors=sum(o.outcome is Outcome.ERROR for o in seen),
    )


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as Markdown; the first one is fine weather."""
    yield "| weather | exit | seconds | requests disturbed | held | false fails | false passes | errors |"
    yield "| --- | --: | --: | --: | --: | --- | --- | --: |"
    for row in rows:
        fails, passes = row.false_fails(rows[0]), row.false_passes(rows[0])
        yield (
            f"| {row.weather}: {WEATHERS[row.weather].says} | {row.exit_code} | {row.seconds:.0f} | {row.disturbed} | "
            f"{len(row.held)} | {'; '.join(fails) or 'none'} | {'; '.join(passes) or 'none'} | {row.errors} |"
        )


def main(arguments: list[str] | None = None) -> int:
    """Judge one real server in each weather."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weathers", nargs="*", choices=[*WEATHERS, []], help="default: all")
    given = parser.parse_args(arguments)
    names = list(dict.fromkeys(("fine", *(given.weathers or WEATHERS))))
    with embedded.start(embedded.EmbeddedSettings()) as server, tempfile.TemporaryDirectory() as folder:
        rows = [judge(server, name, Path(folder) / name) for name in names]
    sys.stdout.write("\n".join(table(rows)) + "\n")
    return int(any(row.false_fails(rows[0]) or row.false_passes(rows[0]) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
