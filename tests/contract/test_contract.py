"""What spec/openapi.yaml promises, and what the loader makes of it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from openapi_spec_validator import validate

from conformance.contract import SPEC, ContractError, Edition, load_contract
from conformance.contract.canonical import canonical_text
from conformance.contract.load import load_from
from conformance.contract.reading import parse_yaml

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = load_contract()


def test_it_holds_exactly_the_published_operations() -> None:
    assert len(CONTRACT) == 400
    assert len(CONTRACT.of(Edition.COMMUNITY)) == 165
    assert len(CONTRACT.of(Edition.ENTERPRISE)) == 235


def test_it_is_valid_openapi() -> None:
    assert CONTRACT.document["openapi"].startswith("3.1")
    validate(dict(CONTRACT.document))


def test_it_is_canonical() -> None:
    text = (SPEC / "openapi.yaml").read_text(encoding="utf-8")
    assert text == canonical_text(parse_yaml(text)), "run canonical_text over it: see spec/README.md"


def test_each_operation_reads_well() -> None:
    tags = {t["name"] for t in CONTRACT.document["tags"]}
    for operation in CONTRACT:
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", operation.id), operation.id
        assert operation.area in tags
        assert operation.summary, operation.id
        assert len(operation.summary) <= 100, operation.summary
        assert operation.success or operation.responses, f"{operation.id} documents no response"
        assert all(p.name.lower() != "authorization" for p in operation.parameters), operation.id


def test_each_path_parameter_is_declared_and_each_declared_one_is_in_the_path() -> None:
    for operation in CONTRACT:
        declared = [p.name for p in operation.parameters if p.location == "path"]
        assert sorted(declared) == sorted(operation.slots), operation.id


def test_a_concrete_path_finds_its_operation() -> None:
    for operation in CONTRACT:
        concrete = operation.fill(dict.fromkeys(operation.slots, "7"))
        matched = CONTRACT.match(operation.method, concrete)
        assert matched is not None, operation
        assert matched[0].path.count("{") <= len(operation.slots)
        assert matched[0].id == operation.id, (operation, matched[0])


@pytest.mark.parametrize("path", ["/api/nothing", "/api/projects/1", "//api/projects/", "/api/projects/1/2/"])
def test_a_path_that_is_not_in_the_contract_finds_none(path: str) -> None:
    assert CONTRACT.match("GET", path) is None


def test_loading_it_a_second_time_is_fast() -> None:
    load_contract()
    load_from.cache_clear()
    started = time.process_time()
    load_contract()
    assert time.process_time() - started < 1.0


def test_a_changed_file_never_meets_an_old_cache_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LS_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "openapi.yaml"
    template = "openapi: 3.1.0\ninfo: {{version: '{}', title: t}}\npaths: {{}}\n"
    for version in ("1", "2"):
        path.write_text(template.format(version))
        load_from.cache_clear()
        assert load_contract(path).version == version
    load_from.cache_clear()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "no valid YAML"),
        ("[]", "`paths` is missing"),
        ("paths: {/a: {get: {tags: [a]}}}", "GET /a"),
    ],
)
def test_a_broken_contract_is_explained(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    with pytest.raises(ContractError, match=re.escape(said)):
        load_contract(path)
