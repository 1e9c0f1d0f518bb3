"""How what came differs from what was expected."""

from __future__ import annotations

import json

import pytest

from conformance.judge.findings.difference import difference


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        ("a text that drifts by a mark é", "a text that drifts by a mark e", "text"),
        ("one task is there", "the answer was 404", ""),
        ('"a"', '"b"', "text"),
        ('{"text": "a", "id": 1}', '{"text": "b", "id": 1}', "text"),
        ('{"total": 3}', '{"total": 2}', "number total"),
        ('{"counts": {"total": 3}}', '{"counts": {"total": 2}}', "number total"),
        ('{"done": true}', '{"done": false}', "flag done"),
        ('{"meta": {"a": 1}, "b": 2}', '{"b": 2}', "missing meta"),
        ('[{"title": "x"}]', '[{"title": "y"}]', "text"),
        ("[1, 2]", "[1]", "less"),
        ("[1, 2]", "[]", "less"),
        ("[1, 2]", "[1, 1, 2, 2]", "more"),
        ("[1, 2]", "[1, 2, 3]", ""),
        ("[1, 2]", "[3]", ""),
        ("[[7, 8], [9]]", "[[7], []]", "less"),
        ("[3, 3, 1]", "[2, 2, 0]", "less"),
        ("[3, 1]", "[6, 2]", "more"),
        ("[3, 1]", "[2, 2]", ""),
        ("[404, 404]", "[200, 200]", ""),
        ("3", "2", ""),
        ("3", '"3"', ""),
        ("status 404", "GET /api/tasks/1 → 200", ""),
        ("same", "same", ""),
        ("", "x", ""),
    ],
)
def test_the_kind_of_difference(expected: str, got: str, kind: str) -> None:
    assert difference(expected, got) == kind


def test_what_is_nested_too_deep_tells_nothing() -> None:
    deep = "[" * 100_000
    assert difference(deep, json.dumps({"a": 1})) == ""
