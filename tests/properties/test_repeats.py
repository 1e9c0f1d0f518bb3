"""A run repeats: the same seed sends the same requests, and workers side by side find what one alone finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import SPEC, load_contract
from conformance.properties import test_coverage, test_fuzz, test_success
from conformance.properties.registry import binding_of
from conformance.report.document import load
from tests.properties.conftest import AnyService
from tests.properties.enterprise.checks import CHECKS, ROLES
from tests.properties.recording import VARIABLE
from tests.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.report.document import Report
    from tests.properties.conftest import Bench

# What is another one in each run, as it stands in requests: the run's id, keys, passwords and addresses.
ANOTHER = re.compile(
    r"\d{8}-\d{6}-[0-9a-f]{4}(-gw\d)?|throwaway-[\w.-]+|(?<=password=)[^&]*|(?<=csrfmiddlewaretoken=)[^&]*"
    r"|(?<=token=)[^&]*|eyJ[\w.-]+|\b[0-9a-f]{40}\b|127\.0\.0\.1:\d+|/tmp/[\w./-]+"
)
SELECTED = "views.update or views.list or predictions.create or tokens.rotate"


def same(requests: Iterator[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [tuple(ANOTHER.sub("…", part) for part in request) for request in requests]


def test_the_same_seed_sends_the_same_requests(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    def sent() -> list[tuple[str, ...]]:
        made = bench(services=AnyService)
        for operation in tuple(load_contract())[7::20]:
            for check in (*CHECKS, test_success.test_success, test_coverage.test_coverage):
                binding = binding_of(check)
                if binding is None or binding.is_about(operation):
                    made.run(check, operation.id, roles=ROLES, **generated)
            for mode in ("positive", "negative"):
                made.run(test_fuzz.test_fuzz, operation.id, mode=mode, **generated)
        return same((m, t, c.decode(errors="backslashreplace")) for m, t, c in made.responder.requests)

    first, second = sent(), sent()
    assert len(first) > 500
    assert first == second


def test_another_seed_sends_others(generated: dict[str, Any]) -> None:
    other = type(generated["generator"])(load_contract(), 2)
    operation = load_contract()["tasks.create"]
    cases = [[str(c.body) for c in g.fuzz(operation, "positive", 3)] for g in (generated["generator"], other)]
    assert cases[0] != cases[1]


PRINT_CASES = """
import hashlib
from conformance.contract import load_contract
from conformance.properties.generation.adapter import Generator
contract = load_contract()
generator = Generator(contract, 1)
some = list(contract)[::40]
cases = [repr(c) for o in some for m in ("positive", "negative") for c in generator.fuzz(o, m, 30)]
print(len(cases), hashlib.sha256("".join(cases).encode("utf-8", "backslashreplace")).hexdigest())
"""


def test_random_cases_do_not_depend_on_what_else_is_loaded() -> None:
    """Nor on the order of sets in a process: each has another one."""
    others = "import pkgutil, importlib, conformance.scenarios as s\n"
    others += (
        "for m in pkgutil.walk_packages(s.__path__, 'conformance.scenarios.'):\n    importlib.import_module(m.name)\n"
    )

    def printed(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=SPEC.parent, capture_output=True, text=True, timeout=200, check=True
        )
        return done.stdout

    alone = printed(PRINT_CASES)
    assert int(alone.split()[0]) > 100
    assert printed(others + PRINT_CASES) == alone


def judged(folder: Path, *arguments: str) -> tuple[Report, list[tuple[str, ...]]]:
    """A run on a fresh embedded server: its result, and what it sent."""
    record = folder.with_suffix(".jsonl")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_T"))}
    run_suite(
        *("-p", "tests.properties.recording", f"--report-dir={folder}", "conformance/properties", "-k", SELECTED),
        *arguments,
        timeout=500,
        environment={**clean, VARIABLE: str(record)},
    )
    lines = record.read_text(encoding="utf-8").splitlines()
    return load(folder / "conformance.json"), same(tuple(json.loads(line)) for line in lines)


def outcomes(report: Report) -> tuple[dict[str, str], set[tuple[str, str, str]]]:
    tests = {test.id: test.outcome for test in report.tests}
    found = {(o.requirement, o.outcome.value, ANOTHER.sub("…", o.signature)) for o in report.observations}
    return tests, found


@pytest.mark.embedded
def test_runs_on_a_real_server_repeat(tmp_path: Path) -> None:
    first, sent = judged(tmp_path / "first")
    second, again = judged(tmp_path / "second")
    assert len(sent) > 200
    assert sent == again
    assert outcomes(first) == outcomes(second)
    parallel, _ = judged(tmp_path / "parallel", "-n", "2")
    assert outcomes(first) == outcomes(parallel)
