"""A deep run as a person starts it: it ends in time, says what it did not reach, and what it found is replayed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge.observation import Outcome
from tests.properties.enterprise.judging import judged
from tests.properties.responder.server import Responder

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 45
# The result has to be written, and a request that is on its way comes to its end.
AFTER = 10.0


def picky(server: Responder) -> Any:
    """It fails on what the gate does not send."""

    def answer(operation: Any, answer: Any) -> Any:
        if operation.id != "tasks.create" or answer[0] != 201:
            return answer
        overlap = json.loads(server.requests[-1][2]).get("overlap")
        return (500, {"detail": "odd"}) if isinstance(overlap, int) and overlap not in {0, 1} else answer

    return answer


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_deep_finds_is_replayed_by_the_gate(tmp_path: Path, workers: str) -> None:
    examples = tmp_path / "examples"
    chosen = "tasks.create-positive or test_example"
    tests = ("conformance/properties/test_fuzz.py", "conformance/properties/test_examples.py", "-k", chosen)
    with Responder() as server:
        server.answer = picky(server)
        kept = f"--examples={examples}"
        code, report = judged(server, tmp_path / "gate", *tests, kept)
        assert code == 7, "the gate finds nothing by itself"
        deep = ("--depth=deep", f"--time-budget={BUDGET}", "-n", workers)
        code, report = judged(server, tmp_path / "deep", *tests, kept, *deep)
        assert report.statistics.seconds < BUDGET + AFTER
        assert code == 1
        (name,) = [n for n in report.header.options["examples"] if "valid-never-fails" in n]
        operation, identity = name.split(" ")
        code, report = judged(server, tmp_path / "again", *tests, kept)
        assert code == 1
        test = f"conformance/properties/test_examples.py::test_example[{operation}-{identity}]"
        assert {t.outcome for t in report.tests if t.id == test} == {"failed"}
        again = [o for o in report.observations if o.outcome is Outcome.FAIL and o.test == test]
        assert {o.requirement for o in again} == {"tasks.create#valid-never-fails"}
        server.answer = None
        code, report = judged(server, tmp_path / "mended", *tests, kept)
        assert code == 7
        assert {t.outcome for t in report.tests if t.id == test} == {"passed"}


def test_what_was_not_reached_is_told(tmp_path: Path) -> None:
    tests = (
        "conformance/properties/test_coverage.py",
        "conformance/properties/test_success.py",
        "-k",
        "views or tasks",
    )
    with Responder() as server:
        _, report = judged(
            server, tmp_path / "short", *tests, f"--examples={tmp_path}", "--depth=deep", "--time-budget=6"
        )
    assert report.statistics.seconds < 6 + AFTER
    unreached = report.header.options["unreached"]
    cut = [line for line in unreached if "covering cases were sent" in line]
    assert cut
    begun = {t.id for t in report.tests if t.outcome != "skipped"}
    assert not {line.removesuffix(" was not begun") for line in unreached} & begun
    summary = (tmp_path / "short" / "summary.md").read_text(encoding="utf-8")
    assert "### Not reached within the time budget" in summary
