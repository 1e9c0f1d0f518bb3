"""What a run says of servers that know nothing: ``python -m tests.nulls.table [NAME…]`` prints a table.

Each server is judged twice at the depth ``quick``: as it is, and (``+``) answering what a run asks first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.contract import SPEC
from conformance.judge.observation import Outcome, Verb
from conformance.report.document import load
from tests.nulls.server import KEY, NULLS, NullServer
from tests.suite import PYTEST

MOST: Final = 300
"""Seconds after which a run is stopped from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run.

    Attributes:
        passed: requirements that a server must keep, and that passed.
        errors: observations for which nobody but the suite is to blame.
        tracebacks: how many the terminal showed.
        said: lines of the last screen (or of the only one).
    """

    exit_code: int
    seconds: float
    requests: int
    passed: frozenset[str]
    errors: int
    tracebacks: int
    said: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The line that says how it ended."""
        marks = ("CONFORMANT", "DEVIATIONS", "NOT MEASURED", "can't be judged", "target", "LOST")
        return next((line for line in self.said if any(mark in line for mark in marks)), self.said[-1])


def judge(name: str, *, greets: bool, folder: Path, arguments: tuple[str, ...] = ("--depth", "quick")) -> Row:
    """Judge a null server in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_T"))}
    with NullServer(NULLS[name], greets=greets) as server:
        own = ["-c", str(SPEC.parent / "pyproject.toml"), f"--report-dir={folder}"]
        target = [f"--target={server.url}", f"--api-key={KEY}", "--disposable"]
        command = [*PYTEST, *own, *target, *arguments]
        began = time.monotonic()
        with (folder.parent / f"{folder.name}.txt").open("w+", encoding="utf-8") as out:
            try:
                code = subprocess.run(
                    command, cwd=SPEC.parent, env=clean, stdout=out, stderr=out, timeout=MOST, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                code = -1
            seconds = time.monotonic() - began
            out.seek(0)
            text = out.read()
        asked = len(server.asked)
    result = folder / "conformance.json"
    seen = load(result).observations if result.exists() else ()
    good = {o.requirement for o in seen if o.outcome is Outcome.PASS and o.verb is Verb.MUST}
    return Row(
        exit_code=code,
        seconds=seconds,
        requests=asked,
        passed=frozenset(good),
        errors=sum(o.outcome is Outcome.ERROR for o in seen),
        tracebacks=text.count("Traceback (most recent call last)") + text.count("\nE   "),
        said=tuple(line for line in text.splitlines() if line.strip()),
    )


def main(names: list[str]) -> None:
    """Write a row per server and variant."""
    write = sys.stdout.write
    write("| server | exit | seconds | requests | musts passed | errors | tracebacks | says |\n")
    write("| --- | --: | --: | --: | --: | --: | --: | --- |\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(os.environ.get("NULLS_KEEP", scratch))
        for name in names or NULLS:
            for greets in (False, True):
                kind = f"{name}{'+' * greets}"
                row = judge(name, greets=greets, folder=folder / kind)
                write(
                    f"| {kind} | {row.exit_code} | {row.seconds:.0f} | {row.requests} | {len(row.passed)} "
                    f"| {row.errors} | {row.tracebacks} | {row.verdict[:150]} |\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
