"""The catalogue is large, and says what can be done."""

from __future__ import annotations

import inspect
from collections import Counter

from conformance.contract import Edition, load_contract
from tests.faults.loading import Fault, functions, load_catalogue
from tests.faults.rooms.answers import HOWS
from tests.faults.rooms.making import TAUGHT

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


def _problem(fault: Fault) -> str:
    """What of its arguments the function can't be called with; empty if nothing."""
    acting = functions()[fault.does]
    known = inspect.signature(TAUGHT.get(fault.does, acting)).parameters
    named = {n: p for n, p in known.items() if p.kind is p.KEYWORD_ONLY}
    missing = {n for n, p in named.items() if p.default is p.empty} - set(fault.given)
    rest = {k: v for k, v in fault.given.items() if k not in named}
    if missing or (rest and not any(p.kind is p.VAR_KEYWORD for p in known.values())):
        return f"missing {missing}, too many {rest}"
    if fault.does in {"shows", "keeps", "export_json"}:
        inspect.signature(HOWS[fault.given["how"]]).bind(**rest)
    return ""


def test_each_entry_can_be_done_and_says_what_is_noticed() -> None:
    problems = {f.id: problem for f in load_catalogue() if (problem := _problem(f))}
    assert problems == {}
    assert [f.id for f in load_catalogue() if not f.effect.endswith(".")] == []
