"""The rules as data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC, ContractError, load_contract
from conformance.contract.tables.rules import GROUPS, load_rules
from conformance.judge.observation import Aspect, Impact
from conformance.properties import test_coverage, test_enterprise, test_fuzz, test_success, test_writing
from conformance.properties.judging.recording import Check
from conformance.properties.registry import ANY, EVERY_RESPONSE, READABLE, binding_of, bindings, checked_by, shows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.properties.conftest import Bench


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
    for check in (test_success.test_success, test_coverage.test_coverage, test_fuzz.test_fuzz):
        binding = binding_of(check)
        assert binding is not None
        assert all(binding.is_about(o) for o in load_contract())
    assert "enterprise_operation" in test_enterprise.test_probe.__code__.co_varnames


def test_each_rule_is_checked_somewhere() -> None:
    assert [rule for rule in load_rules().rules if not list(checked_by(rule))] == []
    writing = "conformance/properties/test_writing.py"
    tests = ("test_read_back", "test_read_back_empty", "test_read_back_longest", "test_read_back_rich")
    assert list(checked_by("read-back")) == [f"{writing}::{name}" for name in tests]
    assert "conformance/properties/test_coverage.py::test_coverage" in checked_by("refuses-query")
    assert list(checked_by("status")) == ["conformance/wire/checking/checks.py (every response)"]


def test_what_the_wire_checks_is_what_it_records() -> None:
    folder = SPEC.parent / "conformance" / "wire" / "checking"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("checks.py", "bodies.py"))
    assert set(re.findall(r"operation,\s+\"([a-z-]+)\"", text)) - {"success", READABLE} == set(EVERY_RESPONSE)


def test_each_generated_test_is_bound_to_rules() -> None:
    folder = SPEC.parent / "conformance" / "properties"
    written = {
        f"{path.relative_to(SPEC.parent).as_posix()}::{name}"
        for path in folder.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    # an example names its rule itself
    assert written - {b.test for b in bindings()} == {"conformance/properties/test_examples.py::test_example"}


def test_a_test_fails_for_the_rules_that_it_is_bound_to() -> None:
    def marked(check: object) -> tuple[str, ...]:
        return next(m.args for m in check.pytestmark if m.name == "contract_rules")  # type: ignore[attr-defined]

    assert marked(test_writing.test_delete) == ("gone", "delete-again", "spares")
    assert marked(test_coverage.test_coverage) == ANY


def test_nothing_is_bound_to_a_rule_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="walks-on-water"):
        shows("walks-on-water")


def test_a_test_records_only_rules_that_it_is_bound_to(bench: Callable[..., Bench]) -> None:
    made = bench()
    check = Check(made.wire, load_contract()["projects.create"], ("read-back",))
    with pytest.raises(ValueError, match="bound to read-back"):
        check(rule="gone", holds=True)
