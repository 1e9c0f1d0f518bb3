"""Rich objects are rich, and what changed around a write is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition, load_contract
from conformance.contract.tables.requests.rich import load_rich
from conformance.contract.tables.resources import load_resources
from conformance.world.rich.neighbourhood import ANY, Facts, brief, changes

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = sorted({e["kind"] for e in load_rich()["objects"]} - {"draft", "file"})


def properties(kind: str, *, changed: bool = False) -> Mapping[str, Any]:
    """What the contract lets a client of Community set of a kind when it is created, or change afterwards."""
    contract, create = load_contract(), load_resources().kinds[kind].create or ""
    update = f"{create.removesuffix('create')}update"
    there = changed and any(o.id == update for o in contract.of(Edition.COMMUNITY))
    body = contract[update if there else create].body
    schema: Any = body.content["application/json"].schema if body else {}
    while "$ref" in schema:
        schema = contract.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return {n: s for n, s in schema["properties"].items() if s.get("x-edition") != "enterprise"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_writable_field_is_set_or_it_is_said_why_not(kind: str) -> None:
    named = {field for e in load_rich()["objects"] if e["kind"] == kind for field in e["json"]}
    left_out = set(load_rich()["left_out"].get(kind, {}))
    assert set(properties(kind)) - named - left_out == set()
    assert not named & left_out
    assert left_out <= {*properties(kind), *properties(kind, changed=True)}


def test_no_object_is_like_another() -> None:
    bodies = [repr(e.get("json", e.get("files"))) for e in load_rich()["objects"]]
    assert len(set(bodies)) == len(bodies)


BEFORE: Facts = {
    ("tasks.get", "task", "1", "meta"): {"a": 1},
    ("tasks.list", "task", "1", "meta"): {"a": 1},
    ("tasks.list", "task", "2", "meta"): None,
    ("tasks.list", "task", ANY, "listed"): ["1", "2"],
}


def test_what_changed_is_told_and_what_was_named_is_not() -> None:
    after = {**BEFORE, ("tasks.get", "task", "1", "meta"): 2, ("tasks.list", "task", "1", "meta"): 2}
    assert [str(c) for c in changes(BEFORE, after)] == [
        "task 1.meta in tasks.get: {'a': 1} → 2",
        "task 1.meta in tasks.list: {'a': 1} → 2",
    ]
    assert brief(changes(BEFORE, after)) == ["task 1.meta in tasks.get: {'a': 1} → 2"]
    assert changes(BEFORE, after, but=[("task", 1, "meta")]) == []
    assert changes(BEFORE, after, but=[("task", 1, ANY)]) == []
    assert len(changes(BEFORE, after, but=[("task", 2, "meta"), ("project", 1, "meta"), ("task", 1, "data")])) == 2


def test_what_has_gone_or_come_is_a_change() -> None:
    fewer = {fact: value for fact, value in BEFORE.items() if fact[2] != "2"}
    assert [c.fact[2] for c in changes(BEFORE, fewer)] == ["2"]
    assert [c.fact for c in changes({}, {("r", "task", "3", "id"): 3})] == [("r", "task", "3", "id")]
