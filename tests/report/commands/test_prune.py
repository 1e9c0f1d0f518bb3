"""What no run shows any more is left out of a file of accepted deviations, and the rest stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.cli import main
from conformance.contract.reading import parse_yaml
from conformance.errors import ExitCode, InputError
from conformance.judge.deviations import read_deviations
from conformance.judge.observation import Observation, Outcome
from conformance.report.commands.prune import prune, pruned_text
from conformance.report.document import dump
from tests.report.making import make

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """# What is known.
product: label-studio
versions: '>=1'
deviations:
# the first
- rule: status
  operations: [a.get]
  signature: HTTP 206
  reason: It sends a part.   # as it is written
- rule: status
  operations: [a.get, b.get]
  signature: HTTP 207
  reason: Several at once.
- rule: status
  operations: [c.get]
  signature: HTTP 208
  reason: Nobody asked.
- rule: status
  operations: [a.get]
  signature: HTTP 209
  intermittent: true
  reason: It comes and goes.
- requirement: LS-A-001
  signature: HTTP 210
  reason: It was so.
"""
FILE = read_deviations(parse_yaml(TEXT), "known.yaml")


def seen(operation: str, signature: str = "", requirement: str = "") -> Observation:
    return Observation(
        requirement=requirement or f"{operation}#status",
        outcome=Outcome.FAIL if signature else Outcome.PASS,
        operation=operation,
        rule="behaviour" if requirement else "status",
        signature=signature,
    )


def signatures(text: str) -> list[str]:
    return [entry["signature"] for entry in parse_yaml(text)["deviations"]]


def test_what_no_run_shows_is_left_out_and_the_rest_stays_letter_by_letter() -> None:
    gate = [seen("a.get", "HTTP 206"), seen("b.get"), seen("a.get", requirement="LS-A-001")]
    deep = [seen("a.get"), seen("b.get", "HTTP 207")]
    found = prune(FILE.deviations, [gate, deep])
    text = pruned_text(TEXT, FILE, found)
    assert signatures(text) == ["HTTP 206", "HTTP 207", "HTTP 208", "HTTP 209"]
    assert parse_yaml(text)["deviations"][1]["operations"] == ["b.get"]
    assert "# the first\n- rule: status\n" in text
    assert "It sends a part.   # as it is written\n" in text
    assert [entry.signature for entry in found.gone] == ["HTTP 210"]


def test_nothing_goes_on_the_word_of_a_run_that_did_not_ask() -> None:
    found = prune(FILE.deviations, [[seen("d.get")]])
    assert found.gone == ()
    assert prune(FILE.deviations, []).gone == ()


def test_a_file_that_is_written_otherwise_is_refused() -> None:
    flow = TEXT.replace("- rule", "  - rule")
    with pytest.raises(InputError, match="beginning of a line"):
        pruned_text(flow, FILE, prune(FILE.deviations, []))


def test_several_results_are_for_pruning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "conformance.json"
    dump(make(), report)
    assert main(["accept", str(report), str(report)]) == ExitCode.USAGE
    assert "--prune" in capsys.readouterr().err
    known = tmp_path / "known.yaml"
    known.write_text(TEXT, encoding="utf-8")
    assert main(["accept", str(report), str(report), "--prune", str(known)]) == 0
    told = capsys.readouterr()
    assert "entries kept" in told.err
    assert set(signatures(told.out)) <= set(signatures(TEXT))
