"""The rules as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract import SPEC, ContractError, load_contract
from conformance.contract.rules import GROUPS, load_rules
from conformance.judge.observation import Aspect, Impact
from conformance.properties import test_coverage, test_enterprise, test_success


def test_every_requirement_has_a_rule_and_an_operation() -> None:
    compiled = list(load_rules().compiled(load_contract()))
    ids = [f"{operation.id}#{rule.id}" for operation, rule in compiled]
    assert len(ids) == len(set(ids))
    assert len(ids) > 400 * 7
    assert {"projects.create#read-back", "tasks.list#pages", "versions.get#status"} <= set(ids)
    assert "projects.list#read-back" not in ids


def test_one_operation_speaks_for_each_path() -> None:
    contract = load_contract()
    speaking = [o for o in contract if load_rules().first_of_path(o)]
    assert len(speaking) == len({o.path for o in contract})


def test_every_rule_has_a_source_and_a_sentence() -> None:
    for rule in load_rules().rules.values():
        assert rule.statement.endswith(".")
        assert rule.source


def test_every_rule_has_an_aspect_that_says_what_a_breach_is() -> None:
    rules = load_rules()
    assert {r.aspect for r in rules.rules.values()} == set(Aspect)
    for name, rule in rules.rules.items():
        if name.endswith(("-anonymous", "-key")):
            assert (rule.aspect, rule.impact) == (Aspect.SECURE, Impact.OPEN_DOOR)
    assert rules["refuses-body"].aspect is Aspect.STRICT
    assert rules["create-while-deleting"].aspect is Aspect.ROBUST
    assert (rules["keeps"].aspect, rules["keeps"].impact) == (Aspect.INTEROPERABLE, Impact.DATA_LOSS)


def test_each_group_of_operations_is_used_and_holds_some_and_not_all() -> None:
    rules, operations = load_rules(), list(load_contract())
    assert {r.applies for r in rules.rules.values()} == set(GROUPS)
    for name, belongs in GROUPS.items():
        found = sum(belongs(rules, o) for o in operations)
        assert found == len(operations) if name == "all" else 0 < found < len(operations), name


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ("applies: body,", "applies: bodies,", r"rules\.refuses-body: no group of operations 'bodies'"),
        ("aspect: robust,", "aspect: sturdy,", r"rules\.answered: .*'sturdy'"),
        ("impact: outage,", "impact: tears,", r"rules\.answered: .*'tears'"),
        ("verb: must, applies: all, aspect", "applies: all, aspect", r"rules\.offered: .*verb"),
        ("volatile:", "flighty:", "missing: volatile"),
        ("{kind: file, at: /*}", "{kind: file}", r"lists\.files\.list: .*at"),
    ],
)
def test_a_wrong_entry_is_told_with_its_file_and_name(tmp_path: Path, was: str, is_now: str, said: str) -> None:
    text = (SPEC / "rules.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "rules.yaml"
    broken.write_text(text.replace(was, is_now, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=rf"rules\.yaml: {said}"):
        load_rules(broken)


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
