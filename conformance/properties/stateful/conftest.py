"""What histories and races share: how far they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.contract.tables.resources import load_resources
from conformance.properties.conftest import edition_of
from conformance.properties.stateful.families import families
from conformance.properties.stateful.policy import HISTORY_POLICIES
from conformance.properties.stateful.racing import races

if TYPE_CHECKING:
    from conformance.properties.stateful.policy import HistoryPolicy


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per family of objects, and one per race, of the target's edition; ids are names of kinds."""
    resources = load_resources(edition=edition_of(metafunc.config))
    if "family" in metafunc.fixturenames:
        metafunc.parametrize(
            "family",
            [
                pytest.param(f, id=f.name, marks=[pytest.mark.destructive] if f.hazardous else [])
                for f in families(resources)
            ],
        )
    if "race" in metafunc.fixturenames:
        metafunc.parametrize("race", [pytest.param(r, id=r.name) for r in races(resources)])


@pytest.fixture(scope="session")
def history_policy(request: pytest.FixtureRequest) -> HistoryPolicy:
    """How far they go (``--depth``)."""
    return HISTORY_POLICIES[request.config.getoption("depth")]
