"""Applies the evidence floor: a pass counts only for operations that answered a valid request. Pure.

A server that refuses everything refuses strangers, too; one that knows no address knows no deleted object. So a pass
counts only where a valid request to the same operation reached its success in the same run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.judge.observation import Observation

SUCCESS: Final = "success"
GREETING: Final = frozenset({"versions.get", "users.whoami"})
"""Operations that are asked before anything else: that they work says nothing of the others."""


def above_floor(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """The observations, with each pass that stands on nothing turned into what it is.

    It is ``blocked`` where the operation's success failed, and ``not-measured`` where nobody saw it.
    """
    seen = tuple(observations)
    works = {o.operation for o in seen if o.rule == SUCCESS and o.outcome is Outcome.PASS}
    fails = {o.operation for o in seen if o.rule == SUCCESS and o.outcome is Outcome.FAIL}
    return tuple(
        o if o.outcome is not Outcome.PASS or _stands(o, works) else _fallen(o, failed=o.operation in fails)
        for o in seen
    )


def _stands(observation: Observation, works: set[str | None]) -> bool:
    if observation.operation is None:
        return bool(works - GREETING)
    return observation.operation in works


def _fallen(observation: Observation, *, failed: bool) -> Observation:
    by = f"{observation.operation}#{SUCCESS}" if observation.operation else "nothing works"
    return replace(
        observation,
        outcome=Outcome.BLOCKED if failed else Outcome.NOT_MEASURED,
        message=f"It held, which shows nothing: no valid request to {observation.operation or 'anything'} succeeded.",
        signature="below the evidence floor",
        blocked_by=by if failed else None,
    )
