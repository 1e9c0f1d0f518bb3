"""The rules as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract import ContractError, load_contract
from conformance.properties import test_coverage, test_enterprise, test_success
from conformance.properties.rules import first_of_path, load_rules


def test_every_requirement_has_a_rule_and_an_operation() -> None:
    compiled = list(load_rules().compiled(load_contract()))
    ids = [f"{operation.id}#{rule.id}" for operation, rule in compiled]
    assert len(ids) == len(set(ids))
    assert len(ids) > 400 * 7
    assert {"projects.create#read-back", "tasks.list#pages", "versions.get#status"} <= set(ids)
    assert "projects.list#read-back" not in ids


def test_one_operation_speaks_for_each_path() -> None:
    contract = load_contract()
    speaking = [o for o in contract if first_of_path(o)]
    assert len(speaking) == len({o.path for o in contract})


def test_every_rule_has_a_source_and_a_sentence() -> None:
    for rule in load_rules().rules.values():
        assert rule.statement.endswith(".")
        assert rule.source


def test_a_rule_about_an_operation_that_is_not_there_is_refused(tmp_path: Path) -> None:
    text = Path(load_rules.__wrapped__.__defaults__[0]).read_text(encoding="utf-8")  # type: ignore[index]
    broken = tmp_path / "rules.yaml"
    broken.write_text(text.replace("  tasks.list: {at:", "  tasks.lst: {at:"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"tasks\.lst"):
        load_rules(broken)


def test_generated_tests_are_about_all_operations() -> None:
    assert not hasattr(test_success.test_success, "applies_to")
    assert not hasattr(test_coverage.test_coverage, "applies_to")
    assert "enterprise_operation" in test_enterprise.test_probe.__code__.co_varnames
