"""The catalogue is large, and says what can be done."""

from __future__ import annotations

from collections import Counter

from conformance.contract import Edition, load_contract
from tests.faults.loading import load_catalogue
from tests.faults.problems import problem_of

AT_LEAST = 240
KINDS = 40


def test_there_are_many_of_many_kinds() -> None:
    faults = load_catalogue()
    assert len(faults) >= AT_LEAST
    kinds = {(f.does, f.given.get("how") or f.given.get("as_") or f.given.get("whom")) for f in faults}
    assert len(kinds) >= KINDS


def test_each_area_of_the_contract_has_some() -> None:
    contract = load_contract()
    areas = {contract.areas[o.id] for o in contract.of(Edition.COMMUNITY)}
    met = Counter(contract.areas[name] for f in load_catalogue() for name in f.operations)
    assert sorted(areas - set(met)) == []


def test_each_operation_has_one_but_those_of_storages_that_are_alike() -> None:
    met = {name for f in load_catalogue() for name in f.operations}
    missing = {o.id for o in load_contract().of(Edition.COMMUNITY)} - met
    assert sorted(name for name in missing if "_storage." not in name) == []


def test_each_entry_can_be_done_and_says_what_is_noticed() -> None:
    problems = {f.id: problem for f in load_catalogue() if (problem := problem_of(f))}
    assert problems == {}
    assert [f.id for f in load_catalogue() if not f.effect.endswith(".")] == []
