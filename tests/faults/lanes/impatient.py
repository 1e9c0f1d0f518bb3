"""A plugin of pytest: what a fault has lost does not come later, so nobody waits for it as long as usual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import conformance.fixtures
import conformance.scenarios.steps
from conformance.contract.tables.budgets import load_budgets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.tables.budgets import Budget

SHORT: Final = 6.0


def budgets() -> Mapping[str, Budget]:
    """The budgets, cut short."""
    return {name: replace(budget, seconds=min(budget.seconds, SHORT)) for name, budget in load_budgets().items()}


def pytest_configure(config: pytest.Config) -> None:
    """For the whole session."""
    del config
    patched = pytest.MonkeyPatch()
    patched.setattr(conformance.fixtures, "load_budgets", budgets)
    patched.setattr(conformance.scenarios.steps, "load_budgets", budgets)
