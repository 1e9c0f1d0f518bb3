"""What the ledger learns is on disk at once, and can be read after the run was killed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.contract.tables.resources import load_resources
from conformance.wire import Ledger
from conformance.wire.safety.journal import FOLDER, Journal, JournalError, read_journals

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20260501-100000-ab12"


def journal(folder: Path, *, name: str = "main", run_id: str = RUN, target: str = "http://t") -> Journal:
    return Journal(folder / FOLDER / f"{name}.jsonl", run_id=run_id, target=target)


def left(folder: Path) -> list[tuple[str, str]]:
    return [(r.kind, r.identity) for r in read_journals(folder, RUN).left]


def test_each_object_is_on_disk_before_anything_else_happens(tmp_path: Path) -> None:
    ledger = Ledger(load_resources(), journal=journal(tmp_path))
    ledger.add("project", 1, created="2026-05-01T10:00:00Z")
    ledger.add("task", 7, ("project", "1"))
    found = read_journals(tmp_path, RUN)
    assert found.target == "http://t"
    assert [(r.kind, r.identity, r.parent, r.created) for r in found.left] == [
        ("project", "1", None, "2026-05-01T10:00:00Z"),
        ("task", "7", ("project", "1"), ""),
    ]


def test_what_was_removed_is_not_left_and_neither_is_what_hung_on_it(tmp_path: Path) -> None:
    ledger = Ledger(load_resources(), journal=journal(tmp_path))
    ledger.add("project", 1)
    ledger.add("task", 7, ("project", "1"))
    ledger.add("annotation", 9, ("task", "7"))
    ledger.add("project", 2)
    ledger.remove("project", 1)
    ledger.remove("project", 1)
    assert left(tmp_path) == [("project", "2")]


def test_the_journals_of_all_workers_count(tmp_path: Path) -> None:
    for number, name in enumerate(("gw0", "gw1")):
        journal(tmp_path, name=name).made("project", str(number), None, None)
    assert left(tmp_path) == [("project", "0"), ("project", "1")]


def test_a_run_that_created_nothing_writes_nothing(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.gone("project", "1")
    written.close()
    assert list(tmp_path.iterdir()) == []
    assert read_journals(tmp_path, RUN).left == ()


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.made("project", "1", None, None)
    path = tmp_path / FOLDER / "main.jsonl"
    path.write_text(path.read_text() + '{"made": "project", "id', encoding="utf-8")
    assert left(tmp_path) == [("project", "1")]


@pytest.mark.parametrize(
    "text",
    [json.dumps({"run": "another", "target": "http://t"}) + "\n", "[]\n", "hello\n", '{"made": "project"}\n', "\xff\n"],
)
def test_other_files_are_no_journals(tmp_path: Path, text: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "main.jsonl").write_text(text, encoding="latin-1")
    with pytest.raises(JournalError, match=r"main\.jsonl"):
        read_journals(tmp_path, RUN)


def test_journals_of_two_targets_are_refused(tmp_path: Path) -> None:
    for name, target in (("gw0", "http://a"), ("gw1", "http://b")):
        journal(tmp_path, name=name, target=target).made("project", "1", None, None)
    with pytest.raises(JournalError, match="several targets"):
        read_journals(tmp_path, RUN)
