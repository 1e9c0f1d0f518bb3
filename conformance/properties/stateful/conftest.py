"""What histories and races share: how far they go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from conformance.properties.conftest import edition_of
from conformance.properties.stateful.families import families
from conformance.properties.stateful.pace import PACES
from conformance.properties.stateful.racing import races

if TYPE_CHECKING:
    from conformance.properties.stateful.pace import Pace


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per family of objects, and one per race, of the target's edition; ids are names of kinds."""
    edition = edition_of(metafunc.config)
    if "family" in metafunc.fixturenames:
        metafunc.parametrize(
            "family",
            [
                pytest.param(f, id=f.name, marks=[pytest.mark.destructive] if f.hazardous else [])
                for f in families(edition)
            ],
        )
    if "race" in metafunc.fixturenames:
        metafunc.parametrize("race", [pytest.param(r, id=r.name) for r in races(edition)])


@pytest.fixture(scope="session")
def pace(request: pytest.FixtureRequest) -> Pace:
    """How far they go (``--depth``)."""
    return PACES[request.config.getoption("depth")]


@pytest.fixture
def until(request: pytest.FixtureRequest, pace: Pace) -> float | None:
    """When the test has to come to its end, as monotonic seconds; None where it does by itself."""
    if pace.share is None:
        return None
    workers = int(getattr(request.config, "workerinput", {}).get("workercount", 1))
    budget = float(request.config.getoption("time_budget")) * pace.share * workers
    edition = edition_of(request.config)
    return time.monotonic() + budget / (len(families(edition)) + len(races(edition)))
