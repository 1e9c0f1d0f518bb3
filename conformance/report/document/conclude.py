"""Closes a report: from all that was observed, for a whole run as for parts that are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.judge.findings.condense import condense
from conformance.judge.floor import above_floor
from conformance.judge.plan import tally
from conformance.judge.verdict import judge
from conformance.report.document.report import finish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.judge.claims.basis import Basis
    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult
    from conformance.report.document.header import Header, Statistics
    from conformance.report.document.report import Report


def conclude(
    *,
    header: Header,
    observations: Iterable[Observation],
    results: Iterable[NodeResult],
    statistics: Statistics,
    basis: Basis | None,
) -> Report:
    """Condense, count, judge and seal.

    Args:
        header: what was judged, and how; its plan is what the observations are held against.
        observations: of all tests, as they came.
        results: what pytest said of each test.
        statistics: of the wire.
        basis: the rules of the verdict.
    """
    condensed = condense(observations)
    if header.plan.shard is None and not header.plan.deselected:
        condensed = condense(above_floor(condensed))
    tallied = tally(results, condensed)
    verdict = judge(condensed, results=tallied, plan=header.plan, basis=basis)
    return finish(
        header=header,
        observations=condensed,
        tests=tallied,
        statistics=statistics,
        verdict=verdict,
        basis=basis,
    )
