"""Which operations a generated test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from conformance.contract.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation

T = TypeVar("T")


def applies(rule: str) -> Callable[[T], T]:
    """The test is about the operations that a rule of ``spec/rules.yaml`` applies to."""

    def choose(operation: Operation) -> bool:
        rules = load_rules()
        return rules.applies(rules[rule], operation)

    def mark(function: T) -> T:
        function.applies_to = choose  # type: ignore[attr-defined] # read by pytest_generate_tests
        return function

    return mark
