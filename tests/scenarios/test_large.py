"""Exports that are too big for the memory are read one item at a time, and nothing broken passes."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.readers import Unreadable, read_large

if TYPE_CHECKING:
    from pathlib import Path

LISTS: list[list[Any]] = [[], [1], [12, 345], [{"a": "ü]"}, {"b": [1, {"c": "],["}]}], ["x" * 50, None, True]]


def written(folder: Path, text: str) -> Path:
    path = folder / "list.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
@pytest.mark.parametrize("indent", [None, 2])
def test_all_items_come_in_order(tmp_path: Path, piece: int, indent: int | None) -> None:
    for items in LISTS:
        path = written(tmp_path, json.dumps(items, indent=indent))
        assert list(read_large(path, piece=piece)) == items


@pytest.mark.parametrize("piece", [1, 1000])
@pytest.mark.parametrize("text", ["", "{}", "[1, 2", '[{"a": 1}', '[{"a": ', "[1] 2", "[1][2]", "[1 2]", "[1] x"])
def test_what_is_no_list_is_unreadable(tmp_path: Path, text: str, piece: int) -> None:
    with pytest.raises(Unreadable):
        list(read_large(written(tmp_path, text), piece=piece))


def test_only_a_piece_is_in_memory(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps([{"n": n, "text": "x" * 1000} for n in range(5000)]))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_large(path, piece=10_000)) == 5000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 5
