"""Implements ``--plan``: shows what a run would do, and sends nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.report.figures import clock, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.run.plan.costs import Cost, Costs

START = 8.0
"""Seconds until the first request: collecting, and starting the embedded server meanwhile."""

UNKNOWN = 0.5
"""Seconds of a test where no test was ever measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTest:
    """One test of the plan; ``skipped`` if this target is not offered it."""

    id: str
    skipped: bool = False


def render_plan(head: Sequence[str], tests: Sequence[PlannedTest], costs: Costs, *, workers: int, keeps: bool) -> str:
    """The plan, by module.

    Args:
        head: lines on the target and the options.
        tests: all that would run.
        costs: what is known of them.
        workers: how many run at once; at least 1.
        keeps: whether the target outlives the run, so that what is created has to be removed from it.

    Returns:
        Plain text, without a final newline.
    """
    run = [t for t in tests if not t.skipped]
    if not run:
        return "\n".join([*head, "", "Nothing is selected: such a run would end as not measured (exit code 7)."])
    modules: dict[str, list[PlannedTest]] = defaultdict(list)
    for test in run:
        modules[test.id.partition("::")[0].removeprefix("conformance/").removesuffix(".py")].append(test)
    width = max([len(m) for m in modules] + [len("total")])
    lines = ["Nothing was sent to the target; this is what a run would do.", "", *head, ""]
    lines.append(f"{'':<{width}}  {'tests':>6}  {'requests':>9}  {'time':>12}")
    for module, members in sorted(modules.items()):
        lines.append(_line(module, members, costs, width))
    lines.append(_line("total", run, costs, width))
    known = [c for c in (costs.of(t.id) for t in run) if c is not None]
    seconds = sum(c.seconds for c in known) + _missing(len(run) - len(known), known)
    lines += ["", f"about {clock(START + seconds / workers)} with {count(workers, 'worker')}"]
    if exact := sum(t.id in costs.exact for t in run):
        lines.append(f"{count(exact, 'test')} as measured by --measured")
    if exact < len(run) and costs.source:
        lines.append(f"other figures: means of {costs.source}, on two cores")
    if len(known) < len(run):
        lines.append(f"{count(len(run) - len(known), 'test')} never measured: counted as the mean of the others")
    if skipped := len(tests) - len(run):
        lines.append(f"{count(skipped, 'test')} skipped: they may hurt the target (--disposable runs them)")
    lines += ["", *_created(known, keeps=keeps)]
    return "\n".join(lines)


def _missing(number: int, known: Sequence[Cost]) -> float:
    return number * (sum(c.seconds for c in known) / len(known) if known else UNKNOWN)


def _line(name: str, tests: Sequence[PlannedTest], costs: Costs, width: int) -> str:
    known = [c for c in (costs.of(t.id) for t in tests) if c is not None]
    if not known:
        return f"{name:<{width}}  {len(tests):>6,}  {'?':>9}  {'?':>12}"
    requests, seconds = sum(c.requests for c in known), sum(c.seconds for c in known)
    return f"{name:<{width}}  {len(tests):>6,}  {round(requests):>9,}  {clock(seconds):>12}"


def _created(known: Sequence[Cost], *, keeps: bool) -> list[str]:
    made: dict[str, float] = defaultdict(float)
    for cost in known:
        for kind, number in cost.created.items():
            made[kind] += number
    if not made:
        return ["What it would create was never measured."]
    kinds = ", ".join(
        f"{round(n):,} {kind.replace('_', ' ')}"
        for kind, n in sorted(made.items(), key=lambda item: -item[1])
        if round(n)
    )
    after = (
        "and removes them again; what others made is not changed and not deleted"
        if keeps
        else "on a server of its own, which is thrown away"
    )
    return [f"creates about: {kinds}", f"  {after}"]
