"""The parts of a real run, merged, are the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.cli import main
from conformance.report.document import load
from tests.run.whole.judging import TESTS, judge, told

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.target import embedded

pytestmark = pytest.mark.embedded


def test_merged_is_unsharded(server: embedded.EmbeddedServer, tmp_path: Path) -> None:
    whole = load(judge(server, tmp_path / "whole"))
    assert len(whole.tests) > len(TESTS)
    measured = f"--measured={tmp_path / 'whole' / 'conformance.json'}"
    parts = [judge(server, tmp_path / f"part-{n}", f"--shard={n}/2", measured) for n in (1, 2)]
    assert all(0 < len(load(part).tests) < len(whole.tests) for part in parts)
    out = tmp_path / "merged" / "conformance.json"
    code = main(["merge", *map(str, parts), "--out", str(out)])
    merged = load(out)
    assert code == whole.end.verdict["exit_code"]
    assert merged.end.verdict == whole.end.verdict
    assert told(merged) == told(whole)
    assert merged.header.plan.tests == whole.header.plan.tests
    assert merged.basis == whole.basis
    assert merged.basis.announced
