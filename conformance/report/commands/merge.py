"""Merges the parts of one sharded run, which must all be there, and judges the whole anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.errors import InputError
from conformance.judge.plan import Plan, plan_digest, tally
from conformance.judge.shards import parse_shard
from conformance.report.document.conclude import conclude
from conformance.report.document.header import Statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.document import Report


class MergeError(InputError):
    """Reports that are not the parts of one run; the message names what differs."""

    code = "merge"


# Options of a report that say what happened in its part.
_LISTS = ("left", "unreached", "examples")


def lock(report: Report) -> dict[str, Any]:
    """Return what has to be equal, so that parts belong together."""
    header = report.header
    return {
        "suite": header.suite,
        "contract": header.contract,
        "product": header.target.product,
        "version": header.target.version,
        "edition": header.target.edition,
        "seed": header.seed,
        "depth": header.depth,
        "selection": header.args,
        "plan": header.plan.whole,
        "profiles and deviations": report.basis.to_json(),
    }


def merge(reports: Sequence[Report]) -> Report:
    """One report of all parts, the same (but for times and places) as that of an unsharded run.

    Raises:
        MergeError: no report; other locks; a part twice or missing; tests that are in two parts or in none.
    """
    if not reports:
        raise MergeError("There is nothing to merge.")
    # a part in which no server got ready does not know what it announces
    announced = next((r.basis.announced for r in reports if r.basis.announced is not None), None)
    reports = [
        r if r.basis.announced is not None else replace(r, basis=replace(r.basis, announced=announced)) for r in reports
    ]
    first = lock(reports[0])
    for other in reports[1:]:
        for what, value in lock(other).items():
            if value != first[what]:
                shown = f": {first[what]} and {value}" if isinstance(value, (str, int)) else ""
                raise MergeError(f"The reports are not parts of one run: they differ in {what}{shown}.")
    _complete(reports)
    ordered = sorted(reports, key=lambda r: parse_shard(r.header.plan.shard or "1/1"))
    plan = Plan(
        requirements=tuple(i for r in ordered for i in r.header.plan.requirements),
        tests=tuple(i for r in ordered for i in r.header.plan.tests),
        whole=first["plan"],
        deselected=max(r.header.plan.deselected for r in ordered),
    )
    if len(plan.tests) != sum(len(r.header.plan.tests) for r in ordered):
        raise MergeError("A test is in two of the parts.")
    if plan_digest(plan.tests) != plan.whole:
        raise MergeError("The parts together are not the whole plan: tests are missing.")
    for r in ordered:
        if tally(r.tests, r.observations) != r.tests:
            raise MergeError(f"Part {r.header.plan.shard}: its observations are not the ones that its tests made.")
    header = ordered[0].header
    return conclude(
        header=replace(
            header,
            plan=plan,
            target=replace(header.target, url=", ".join(sorted({r.header.target.url for r in ordered}))),
            started=min(r.header.started for r in ordered),
            finished=max(r.header.finished for r in ordered),
            options={
                **header.options,
                "refused": sum(r.header.options.get("refused", 0) for r in ordered),
                **{name: [what for r in ordered for what in r.header.options.get(name, [])] for name in _LISTS},
            },
            reproduce="\n".join(dict.fromkeys(r.header.reproduce for r in ordered)),
        ),
        observations=(o for r in ordered for o in r.observations),
        results=(t for r in ordered for t in r.tests),
        statistics=Statistics.together(r.statistics for r in ordered),
        basis=ordered[0].basis,
    )


def _complete(reports: Sequence[Report]) -> None:
    """Whether each part is there exactly once."""
    shards = [r.header.plan.shard for r in reports]
    if None in shards:
        if len(reports) > 1:
            raise MergeError("One of the reports is of a whole run; only parts (--shard) can be merged.")
        return
    numbers = [parse_shard(s) for s in shards if s]
    totals = {of for _, of in numbers}
    if len(totals) > 1:
        raise MergeError(f"The parts are of different splits: {', '.join(sorted(filter(None, shards)))}.")
    of = totals.pop()
    there = Counter(n for n, _ in numbers)
    twice = sorted(n for n, times in there.items() if times > 1)
    missing = sorted(set(range(1, of + 1)) - set(there))
    if twice:
        raise MergeError(f"Part {twice[0]}/{of} is there twice.")
    if missing:
        raise MergeError(f"Parts are missing: {', '.join(f'{n}/{of}' for n in missing)}.")
