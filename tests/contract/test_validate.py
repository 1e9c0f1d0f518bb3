"""What the schema checker says of an instance, and where."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Contract, Edition, SchemaChecker

DOCUMENT: dict[str, Any] = {
    "paths": {},
    "components": {
        "schemas": {
            "Task": {
                "type": "object",
                "required": ["id", "agreement", "when"],
                "properties": {
                    "id": {"type": "integer"},
                    "agreement": {"type": "number", "x-edition": "enterprise"},
                    "when": {"type": ["string", "null"], "format": "date-time"},
                    "next": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Task"}]},
                },
            },
            "Weights": {
                "type": "object",
                "properties": {"items": {"type": "array", "prefixItems": [{"type": "string"}]}},
                "patternProperties": {"^x-": {"type": "string"}},
                "additionalProperties": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Task"}]},
            },
            "Tasks": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}},
            "Owned": {
                "type": "object",
                "required": ["owner"],
                "properties": {"id": {"type": "integer"}, "count": {"type": "integer"}, "name": {"type": "string"}},
            },
            "Seen": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "count": {"type": "string"}, "kind": {"enum": ["seen"]}},
            },
            "Either": {
                "anyOf": [{"$ref": "#/components/schemas/Owned"}, {"$ref": "#/components/schemas/Seen"}],
            },
        }
    },
}
TASK = "#/components/schemas/Task"
TASKS = "#/components/schemas/Tasks"
GOOD = {"id": 1, "agreement": 0.5, "when": "2026-05-01T12:00:00.123Z"}


def checker(edition: Edition = Edition.ENTERPRISE) -> SchemaChecker:
    return SchemaChecker(Contract(version="1", digest="0", document=DOCUMENT, operations={}), edition)


def signatures(pointer: str, instance: object, edition: Edition = Edition.ENTERPRISE) -> list[str]:
    return [v.signature for v in checker(edition).violations(pointer, instance)]


def test_a_good_instance_breaks_nothing() -> None:
    assert signatures(TASKS, [GOOD, {**GOOD, "when": None, "next": GOOD}]) == []


@pytest.mark.parametrize(
    ("change", "signature"),
    [
        ({"id": "1"}, "type at /id"),
        ({"id": True}, "type at /id"),
        ({"when": "yesterday"}, "format at /when"),
        ({"when": "2026-05-01"}, "format at /when"),
        ({"next": {**GOOD, "id": None}}, "type at /next/id"),
    ],
)
def test_each_violation_says_where(change: dict[str, Any], signature: str) -> None:
    assert signatures(TASK, GOOD | change) == [signature]


def test_the_same_violation_in_a_list_is_one() -> None:
    assert signatures(TASKS, [{**GOOD, "id": None}] * 50) == ["type at /*/id"]


def test_the_same_violation_in_a_map_is_one() -> None:
    bad = {"any": {**GOOD, "id": None}, "other/name": {**GOOD, "id": "1"}, "x-1": 1, "x-2": 2, "items": [0]}
    found = checker().violations("#/components/schemas/Weights", bad)
    assert sorted(v.signature for v in found) == ["type at /*", "type at /*/id", "type at /items/*"]
    assert {v.instance for v in found} >= {"/any/id", "/items/0"}, "the evidence keeps the names"


def test_community_owes_no_enterprise_property_but_may_not_break_it_either() -> None:
    without = {k: v for k, v in GOOD.items() if k != "agreement"}
    assert signatures(TASK, without, Edition.ENTERPRISE) == ["required 'agreement' at /"]
    assert signatures(TASK, without, Edition.COMMUNITY) == []
    assert signatures(TASK, {**GOOD, "agreement": "high"}, Edition.COMMUNITY) == ["type at /agreement"]
    assert signatures(TASK, {"agreement": 1}, Edition.COMMUNITY) == [
        "required 'id' at /",
        "required 'when' at /",
    ]


def test_an_answer_with_some_of_the_fields_owes_none_of_the_others_and_breaks_none_that_it_has() -> None:
    def partial(instance: object) -> list[str]:
        return [v.signature for v in checker().violations(TASKS, instance, partial=True)]

    assert partial([{}, {"id": 1}, {"next": {"id": 2}}]) == []
    assert partial([{"id": "one"}]) == ["type at /*/id"]


@pytest.mark.parametrize(
    ("instance", "signature"),
    [
        ({"id": "1", "count": 1}, ["type at /id"]),
        ({"count": 1}, ["type at /count"]),
        ({"id": "1", "count": 1.5}, ["type at /count", "type at /id"]),
        ({"id": "1", "count": 1, "kind": "other"}, ["enum at /kind", "type at /count", "type at /id"]),
    ],
    ids=["another alternative allows one", "it allows all", "it allows none", "a value tells which was meant"],
)
def test_what_another_alternative_allows_is_not_why_none_fits(instance: object, signature: list[str]) -> None:
    assert sorted(signatures("#/components/schemas/Either", instance)) == signature
