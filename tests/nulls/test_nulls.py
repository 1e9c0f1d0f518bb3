"""A run against servers that know nothing: nothing passes, it ends soon, and says what is going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.errors import ExitCode
from tests.nulls.table import judge

if TYPE_CHECKING:
    from pathlib import Path

ANSWERED = ("versions.get", "users.whoami")
SOON = 180


@pytest.mark.parametrize("name", ["404-html", "200-object", "401"])
def test_what_is_no_label_studio_is_not_judged(tmp_path: Path, name: str) -> None:
    row = judge(name, greets=False, folder=tmp_path / "r")
    assert (row.exit_code, row.passed, row.tracebacks) == (6, frozenset(), 0)
    assert len(row.said) < 40


@pytest.mark.long
@pytest.mark.parametrize("name", ["404-json", "201-id", "500-text"])
def test_what_only_greets_passes_nothing_and_the_run_stops_early(tmp_path: Path, name: str) -> None:
    row = judge(name, greets=True, folder=tmp_path / "r")
    assert row.exit_code in {1, 7}
    assert row.seconds < SOON
    assert [r for r in row.passed if not r.startswith(ANSWERED)] == []
    assert row.tracebacks == 0
    assert any("nothing works" in line for line in row.said)


@pytest.mark.long
def test_a_brake_that_only_greetings_get_past_ends_the_run(tmp_path: Path) -> None:
    row = judge("429", greets=True, folder=tmp_path / "r")
    assert row.exit_code == ExitCode.TARGET_UNUSABLE
    assert row.seconds < SOON
    assert [r for r in row.passed if not r.startswith(ANSWERED)] == []
    assert row.tracebacks == 0
