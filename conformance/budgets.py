"""Waits until a target shows what it promised, within a named budget (``spec/budgets.yaml``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import tenacity

from conformance.wire import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.tables.budgets import Budget
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
        news = _News(started)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda seen: not until(seen) and not news.old(seen, span.still)),
            stop=tenacity.stop_after_delay(span.seconds),
            wait=tenacity.wait_exponential(multiplier=span.every, max=max(1.0, span.every)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        seen: T = retrying(look)
        self._recorder.timed(budget, time.monotonic() - started)
        return seen


class _News:
    """For how long what is seen has been the same."""

    def __init__(self, since: float) -> None:
        self._told: object = None
        self._since = since

    def old(self, seen: object, still: float | None) -> bool:
        """Return whether the value has been the same for so many seconds."""
        now, told = time.monotonic(), seen.content if isinstance(seen, Exchange) else seen
        if told != self._told:
            self._told, self._since = told, now
        return still is not None and now - self._since >= still
