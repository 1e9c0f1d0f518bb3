"""Reports to try forms on: of samples, of parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from conformance.judge.observation import Observation, Outcome
from conformance.judge.plan import NodeResult, Plan, plan_digest, tally
from conformance.judge.shards import split
from conformance.judge.verdict import judge
from conformance.report.document import finish
from conformance.report.inputs import load_basis
from tests.report.samples import HEADER, SAMPLE, STATISTICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.judge.claims.basis import Basis
    from conformance.report.document import Report
    from conformance.report.document.header import Header


TESTS = tuple(sorted({o.test for o in SAMPLE}))


BASIS = load_basis(edition="community", day=date(2026, 5, 1))


def make(
    observations: Sequence[Observation] = SAMPLE,
    *,
    tests: Sequence[str] | None = None,
    shard: str | None = None,
    whole: Sequence[str] | None = None,
    basis: Basis = BASIS,
    header: Header = HEADER,
) -> Report:
    ids = TESTS if tests is None else tests
    mine = [o for o in observations if o.test in ids]
    failed = {o.test for o in mine if o.outcome is Outcome.FAIL}
    results = tally([NodeResult(id=i, outcome="failed" if i in failed else "passed", duration=0.5) for i in ids], mine)
    plan = Plan(
        requirements=tuple(o.requirement for o in mine),
        tests=tuple(ids),
        shard=shard,
        whole=plan_digest(whole if whole is not None else ids),
    )
    return finish(
        header=replace(header, plan=plan),
        observations=mine,
        tests=results,
        statistics=STATISTICS,
        basis=basis,
        verdict=judge(mine, results=results, plan=plan, basis=basis),
    )


def parts(observations: Sequence[Observation], tests: Sequence[str], count: int) -> list[Report]:
    return [
        make(observations, tests=members, shard=f"{n}/{count}", whole=tests)
        for n, members in enumerate(split(tests, count), start=1)
    ]
