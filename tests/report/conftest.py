"""Sample reports, made as a run makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from conformance.judge.claims.basis import Basis
from tests.report import making
from tests.report.samples import AREAS, HEADER, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.judge.observation import Observation
    from conformance.report.document import Report
    from conformance.report.document.header import Header


class MakeReport(Protocol):
    def __call__(self, observations: Sequence[Observation] = ..., *, header: Header = ...) -> Report: ...


@pytest.fixture
def make_report() -> MakeReport:
    """Makes a sealed report from observations, as the plugin does at the end of a run."""

    def make(observations: Sequence[Observation] = SAMPLE, *, header: Header = HEADER) -> Report:
        ids = sorted({o.test for o in observations})
        return making.make(observations, tests=ids, basis=Basis(), header=header)

    return make


@pytest.fixture
def areas() -> dict[str, str]:
    """Which operation belongs to which area."""
    return dict(AREAS)


@pytest.fixture
def report(make_report: MakeReport) -> Report:
    """The sample run: some passes, failures with two causes, a warning, a blocked check."""
    return make_report()
