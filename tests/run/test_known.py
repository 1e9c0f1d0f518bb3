from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge.deviations import DeviationError, read_deviations
from conformance.report.inputs import Selection, select_deviations
from conformance.run.result.known import known_lines
from conformance.target.settings import TargetSettings

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = "deviations: [{requirement: LS-TASK-001, signature: x, reason: known}]\n"
LS = {"product": "label-studio", "edition": "community"}


def write(path: Path, text: str) -> Path:
    path.write_text(text + ENTRY, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path / "any.yaml", "product: label-studio\nversions: '>=1.23,<1.24'\n"),
        write(tmp_path / "pg.yaml", "product: label-studio\nversions: '>=1.23,<1.24'\ndatabase: postgresql\n"),
    ]


@pytest.mark.parametrize(
    ("database", "applied", "left_out"),
    [
        ("sqlite", ["any.yaml"], ["pg.yaml"]),
        ("postgresql", ["any.yaml", "pg.yaml"], []),
        ("", ["any.yaml", "pg.yaml"], []),
    ],
)
def test_what_differs_on_a_database_applies_there(
    files: list[Path], database: str, applied: list[str], left_out: list[str]
) -> None:
    found = select_deviations(files, **LS, version="1.23.2", database=database, shipped=False)
    assert [d.source for d in found.applied] == applied
    assert [f.source for f in found.left_out] == left_out


def test_where_nobody_knows_the_database_what_is_not_seen_needs_nobody(files: list[Path]) -> None:
    guessed = select_deviations(files, **LS, version="1.23.2", shipped=False)
    known = select_deviations(files, **LS, version="1.23.2", database="postgresql", shipped=False)
    assert [d.intermittent for d in guessed.applied] == [False, True]
    assert [d.intermittent for d in known.applied] == [False, False]


def test_a_strange_key_at_the_top_is_named() -> None:
    with pytest.raises(DeviationError, match="database"):
        read_deviations({"product": "x", "versions": ">1", "databases": "y"}, "f")


@pytest.mark.parametrize(
    ("version", "claimed", "said"),
    [
        ("1.23.2", None, []),
        ("1.23.2", "1.20.0", ["--target-version says 1.20.0, the server says 1.23.2"]),
        ("1.24.0", None, ["which is newer than that", "0 apply, 1 for >=1.23,<1.24 in any.yaml, 1 for"]),
        ("1.15.0", None, ["which is older than that", "ls-conformance accept"]),
        ("", None, ["this server says no version", "0 apply"]),
    ],
)
def test_a_version_that_is_not_the_contracts_is_told(
    files: list[Path], version: str, claimed: str | None, said: list[str]
) -> None:
    known = select_deviations(files, **LS, version=version, shipped=False)
    lines = known_lines({"version": version}, TargetSettings(url="http://x", version=claimed), known)
    text = "\n".join(lines)
    assert bool(lines) == bool(said)
    assert [part for part in said if part not in text] == []


def test_that_a_file_is_about_another_database_is_no_news(files: list[Path]) -> None:
    known = select_deviations(files, **LS, version="1.23.2", database="sqlite", shipped=False)
    assert known_lines({"version": "1.23.2", "database": "sqlite"}, TargetSettings(), known) == []
    assert known_lines({"version": "1.23.2"}, TargetSettings(), Selection()) == []
