"""Selects tests: which run, in which order, on which shard, and with how much of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge.shards import split
from conformance.report.document.errors import ReportError
from conformance.run.ours import is_ours
from conformance.run.plan.costs import load_costs
from conformance.run.result.resuming import CannotResume, check_tests
from conformance.run.time_budget import weight_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.run.options import RunOptions
    from conformance.run.plan.costs import Costs
    from conformance.run.state import RunState


def select(items: list[pytest.Item], state: RunState, *, workers: int) -> None:
    """Destructive tests run last, and only where everything may be changed; a shard keeps its part.

    Args:
        items: what was collected; changed.
        state: of this process. What is planned is noted in it.
        workers: how many processes run tests side by side.
    """
    disposable = state.settings.embedded or state.settings.disposable
    items.sort(key=lambda item: is_ours(item) and item.get_closest_marker("destructive") is not None)
    ours = [item for item in items if is_ours(item)]
    for item in ours:
        hurts = [m for m in item.iter_markers("destructive") if not m.kwargs.get("spared")]
        if hurts and not disposable:
            item.add_marker(pytest.mark.skip(reason="may hurt the target: needs one that is disposable (--disposable)"))
    if state.options.shard is not None:
        state.whole = tuple(item.nodeid for item in ours)
        number, parts = state.options.shard
        mine = set(split(state.whole, parts, known_costs(state.options).seconds(state.whole))[number - 1])
        # no deselection in pytest's sense: nothing was left out by hand, other shards run the rest
        items[:] = [item for item in items if item.nodeid in mine or not is_ours(item)]
        ours = [item for item in items if is_ours(item)]
    if state.controller is not None:
        state.controller.collected.planned.whole = state.whole
        known = state.controller.collected.planned.claims
        state.controller.collected.planned.claims = {i.nodeid: known.get(i.nodeid) or claimed(i) for i in ours}
    if state.finished:
        _leave_out_finished(items, ours, state)
    _share_time([item for item in ours if item.nodeid not in state.finished], state, workers)


def _leave_out_finished(items: list[pytest.Item], ours: Sequence[pytest.Item], state: RunState) -> None:
    """Keep what is still to be done; no deselection in pytest's sense, since the result holds the rest, too."""
    try:
        check_tests(state.options.report_dir, state.finished, (item.nodeid for item in ours))
    except CannotResume as problem:
        raise pytest.UsageError(problem.render()) from None
    items[:] = [item for item in items if item.nodeid not in state.finished]


def _share_time(items: Sequence[pytest.Item], state: RunState, workers: int) -> None:
    """Divide the time of a deep run among its tests."""
    weights = {item.nodeid: weight for item in items if (weight := weight_of(item)) is not None}
    bounded = [item.nodeid for item in items if item.nodeid not in weights]
    costs = known_costs(state.options).seconds(bounded) if state.time_budget.seconds is not None else {}
    state.time_budget.share_out(weights, bounded, costs, workers=workers)


def known_costs(options: RunOptions) -> Costs:
    """Return what tests take, as far as it is known."""
    try:
        return load_costs(options.measured, depth=options.depth)
    except ReportError as problem:
        raise pytest.UsageError(f"--measured: {problem}") from None


def claimed(item: pytest.Item) -> tuple[str, ...]:
    """The requirement ids that a test says it shows."""
    return tuple(dict.fromkeys(str(i) for mark in item.iter_markers("requirement") for i in mark.args))
