"""All of ``spec/`` is read in one room, by one reader that tells what is wrong and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC, ContractError, load_contract
from conformance.contract.reading import read_json, read_table
from conformance.contract.tables.budgets import load_budgets
from conformance.contract.tables.requests.prepared import load_requests
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.rules import load_rules
from conformance.judge.claims.profiles import ProfileError
from conformance.judge.deviations import DeviationError
from conformance.properties.examples.store import load_examples
from conformance.report.inputs import load_deviations, load_profiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READERS = {
    "openapi": load_contract,
    "resources": load_resources,
    "requests": load_requests,
    "rules": load_rules,
    "budgets": load_budgets,
    "profiles": load_profiles,
}


def _deviations(path: Path) -> object:
    return load_deviations([path], product="label-studio", edition="community", version="1.0", shipped=False)


@pytest.mark.parametrize("content", [b"a: [", b"a: \xff"])
@pytest.mark.parametrize("read", [*READERS.values(), _deviations], ids=[*READERS, "deviations"])
def test_what_is_no_yaml_is_told_with_its_file(tmp_path: Path, read: Callable[..., object], content: bytes) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises((ContractError, ProfileError, DeviationError), match=r"broken\.yaml: no valid YAML"):
        read(path)


@pytest.mark.parametrize("read", [*READERS.values(), _deviations], ids=[*READERS, "deviations"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, read: Callable[..., object]) -> None:
    with pytest.raises((ContractError, ProfileError, DeviationError), match=r"absent\.yaml: can't be read"):
        read(tmp_path / "absent.yaml")


def test_folders_are_read_by_the_same_reader(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ContractError, match=r"broken\.yaml: no valid YAML"):
        load_requirements(tmp_path)
    with pytest.raises(ContractError, match=r"broken\.json: no valid JSON"):
        load_examples(tmp_path)


def test_a_table_names_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "table.yaml"
    path.write_text("[1]")
    with pytest.raises(ContractError, match="expected a mapping, got list"):
        read_table(path)
    path.write_text("a: 1")
    with pytest.raises(ContractError, match="missing: b"):
        read_table(path, "a", "b")
    with pytest.raises(ContractError, match="no valid JSON"):
        read_json(path)


def test_nothing_outside_contract_reads_spec() -> None:
    package = SPEC.parent / "conformance"
    reading = re.compile(r"\b(safe_load|parse_yaml|yaml\.load)\(|\bSPEC\s*/[^\n]*\.(yaml|json)\b")
    found = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if package / "contract" not in path.parents and reading.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
