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
from conformance.errors import ExitCode
from conformance.judge.observation import Outcome
from conformance.report.document import load
from conformance.run.result.writing import ReportUnwritable
from conformance.target import embedded
from tests.weather.disk import give_room, small_disk
from tests.weather.proxy import WEATHERS, WeatherProxy
from tests.weather.within import WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.target.embedded import EmbeddedServer

TESTS: Final = (
    "conformance/scenarios/test_main_workflow.py",
    "conformance/scenarios/projects",
    "conformance/scenarios/tasks",
    "conformance/scenarios/annotations",
)
DISK: Final = "disk"
SMALL: Final = "600k"
"""Of the reports of these tests, about the half."""
SAYS: Final = (
    {name: weather.says for name, weather in WEATHERS.items()}
    | WITHIN
    | {DISK: "the disk of the reports is full half-way; with more room, the run is resumed"}
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
    if name == DISK:
        return _judge_on_a_small_disk(server, folder, tests)
    within, met = name in WITHIN, folder.with_suffix(".met")
    # without lasting connections, so that names are looked up
    plugin = ("-p", "tests.weather.within", f"--weather-within={name}", f"--weather-count={met}", "--keep-alive=false")
    extra = plugin if within else ()
    with WeatherProxy(server.url, WEATHERS["fine" if within else name]) as proxy:
        # by name, so that there is one to resolve
        url = proxy.url.replace("127.0.0.1", "localhost") if within else proxy.url
        began = time.monotonic()
        done = _run(server, url, f"--report-dir={folder}", *extra, *tests)
        seconds = time.monotonic() - began
    disturbed = int(met.read_text(encoding="utf-8")) if within else proxy.disturbed
    return _row(name, folder, done, seconds=seconds, disturbed=disturbed)


def _judge_on_a_small_disk(server: EmbeddedServer, folder: Path, tests: Sequence[str]) -> Row:
    """Fill the disk, and go on with more room; it counts as met if the first run said what was the matter."""
    began = time.monotonic()
    with small_disk(folder, SMALL):
        stopped = _run(server, server.url, f"--report-dir={folder}", *tests)
        give_room(folder)
        done = _run(server, server.url, f"--resume={folder}", *tests)
        told = stopped.returncode == ExitCode.INTERNAL and ReportUnwritable.code in stopped.stdout
        return _row(DISK, folder, done, seconds=time.monotonic() - began, disturbed=int(told))


def _run(server: EmbeddedServer, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        *("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-c", str(SPEC.parent / "pyproject.toml")),
        *(f"--target={url}", f"--api-key={server.api_key}", "--disposable"),
        *("--callback-host=127.0.0.1", "--official-client=none", "--target-database=sqlite"),
    ]
    return subprocess.run([*command, *options], cwd=SPEC.parent, capture_output=True, text=True, check=False)


def _row(name: str, folder: Path, done: subprocess.CompletedProcess[str], *, seconds: float, disturbed: int) -> Row:
    seen = load(folder / "conformance.json").observations
    broken = frozenset((o.requirement, o.signature or "") for o in seen if o.outcome is Outcome.FAIL)
    passed = {o.requirement for o in seen if o.outcome is Outcome.PASS}
    return Row(
        weather=name,
        exit_code=done.returncode,
        seconds=seconds,
        disturbed=disturbed,
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
            f"| {row.weather}: {SAYS[row.weather]} | {row.exit_code} | {row.seconds:.0f} | {row.disturbed} | "
            f"{len(row.held)} | {'; '.join(fails) or 'none'} | {'; '.join(passes) or 'none'} | {row.errors} |"
        )


def main(arguments: list[str] | None = None) -> int:
    """Judge one real server in each weather."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weathers", nargs="*", choices=[*SAYS, []], help="default: all")
    given = parser.parse_args(arguments)
    names = list(dict.fromkeys(("fine", *(given.weathers or SAYS))))
    with embedded.start(embedded.EmbeddedSettings()) as server, tempfile.TemporaryDirectory() as folder:
        rows = [judge(server, name, Path(folder) / name) for name in names]
    sys.stdout.write("\n".join(table(rows)) + "\n")
    return int(any(row.false_fails(rows[0]) or row.false_passes(rows[0]) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
