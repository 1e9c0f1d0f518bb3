"""Reports what the wire noticed on the way once per run instead of once per test. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.judge.observation import Observation

Key = tuple[str, str, str, str]


def condense(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Put incidental observations of the same thing together, and order all.

    A broken serializer shows in every test that reads the object: a thousand copies of one exchange say no more than
    the smallest of them, and none where a test is about that very thing.

    Condensing the parts of a run, and then all of them together, gives the same as condensing the whole.
    """
    seen = tuple(observations)
    own = [o for o in seen if not o.incidental]
    known = {o.key for o in own}
    noticed: dict[Key, Observation] = {}
    for observation in seen:
        key = observation.key
        if observation.incidental and key not in known:
            noticed[key] = _together(noticed[key], observation) if key in noticed else observation
    return tuple(sorted([*own, *noticed.values()], key=_order))


def _order(observation: Observation) -> tuple[str, str, Key]:
    return (observation.requirement, observation.test, observation.key)


def _together(one: Observation, other: Observation) -> Observation:
    """Both as one: of failures the one that is shortest to reproduce, of passes one with evidence."""
    better = min(
        one, other, key=lambda o: (_length(o) if o.outcome is not Outcome.PASS else o.evidence is None, o.test)
    )
    return replace(better, count=one.count + other.count)


def _length(observation: Observation) -> int:
    return len(observation.evidence.curl) if observation.evidence else 1 << 30
