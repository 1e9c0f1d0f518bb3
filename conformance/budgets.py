"""Consistency budgets: how long a target may take until something that it promised can be seen."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import tenacity

from conformance.contract.load import SPEC, ContractError, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from conformance.wire.recorder import Recorder

T = TypeVar("T")  # Python 3.11 has no inline type parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A named span: ``seconds`` at most, asked every ``every`` seconds at first, then more slowly."""

    name: str
    seconds: float
    every: float
    why: str


@lru_cache(maxsize=2)
def load_budgets(path: Path = SPEC / "budgets.yaml") -> Mapping[str, Budget]:
    """Read ``spec/budgets.yaml``.

    Raises:
        ContractError: an entry is incomplete.
    """
    found = {}
    for name, entry in parse_yaml(path.read_text(encoding="utf-8")).items():
        try:
            found[name] = Budget(
                name=name,
                seconds=float(entry["seconds"]),
                every=float(entry.get("every", 0.1)),
                why=entry["why"],
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise ContractError(f"{path}: {name}: {problem!r}") from problem
    return found


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
