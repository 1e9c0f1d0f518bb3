"""Waiting for what a target promised, within a named budget."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import tenacity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.budgets import Budget
    from conformance.wire.checking.recorder import Recorder

T = TypeVar("T")  # Python 3.11 has no inline type parameters


class Eventually:
    """``eventually(look, until=done, budget="export ready")``: polls, and keeps the measured latency."""

    def __init__(self, recorder: Recorder, budgets: Mapping[str, Budget]) -> None:
        self._recorder = recorder
        self._budgets = budgets

    def __call__(self, look: Callable[[], T], *, until: Callable[[T], bool], budget: str) -> T:
        """Look until the condition holds or the budget is used up.

        Args:
            look: asks the target.
            until: does what was seen suffice?
            budget: a name of ``spec/budgets.yaml``.

        Returns:
            What was seen last, whether it suffices or not: the caller's check says what is wrong with it.
        """
        span = self._budgets[budget]
        started = time.monotonic()
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda seen: not until(seen)),
            stop=tenacity.stop_after_delay(span.seconds),
            wait=tenacity.wait_exponential(multiplier=span.every, max=max(1.0, span.every)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        seen: T = retrying(look)
        self._recorder.timed(budget, time.monotonic() - started)
        return seen
