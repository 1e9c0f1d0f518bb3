"""Confirms a failure in a fresh world: alone, or after the requests before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Observation, Outcome
from conformance.properties.judging.breaches import CHANGES_NOTHING, KEEPS_READERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.properties.campaigns.trial import Key, Sent, Trial
    from conformance.run.time_budget import TimeSlice

# A breach of these is found by a replay in the first place, so it is confirmed already.
LAWS = (CHANGES_NOTHING, KEEPS_READERS)
# A failure that needs more than so many requests before it is not looked into any further.
BEFORE = 100


def confirm(
    trial: Trial, sent: Sequence[Sent], first: Mapping[Key, int], *, time_slice: TimeSlice
) -> dict[str, str | None]:
    """Requirements whose failure comes back: alone (None), or after the cases before it (their script).

    Args:
        trial: sends again.
        sent: all cases, in order.
        first: each failure, and the index of the case that showed it first.
        time_slice: the time that there is.
    """
    confirmed: dict[str, str | None] = {}
    earliest = _earliest(first)
    for index in sorted(set(earliest.values())):
        if time_slice.over():
            break
        wanted = {r for r, i in earliest.items() if i == index}
        missing = wanted - replay(trial, [sent[index]])[0]
        confirmed |= dict.fromkeys(wanted - missing)
        if missing and index and not time_slice.over():
            failed, script = replay(trial, sent[max(0, index - BEFORE) : index + 1])
            confirmed |= dict.fromkeys(missing & failed, script)
    return confirmed


def replay(trial: Trial, cases: Sequence[Sent]) -> tuple[set[str], str]:
    """Send cases in a world of their own; returns the requirements that failed, and the steps."""
    lines: list[str] = []
    with trial.wire.recorder.aside() as seen, trial.world.scope():
        for one in cases:
            again = trial.send(one.case)
            if again is not None and (again.succeeded or one is cases[-1]):
                lines.append(trial.wire.evidence(again.exchange).curl)
    trial.wire.recorder.statistics.generated["confirmations"] += len(cases)
    return {o.requirement for o in seen.failures()}, "\n".join(lines)


def settled(observation: Observation, confirmed: Mapping[str, str | None], first: Mapping[Key, int]) -> Observation:
    """A failure that did not come back is shown apart."""
    known = {requirement for requirement, _ in first}
    if observation.outcome is not Outcome.FAIL or observation.requirement not in known:
        return observation
    if observation.requirement in confirmed:
        return replace(observation, script=confirmed[observation.requirement] or observation.script)
    return replace(
        observation,
        outcome=Outcome.FLAKY,
        hint="It did not recur with fresh objects, neither alone nor after the requests before it.",
    )


def _earliest(first: Mapping[Key, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (requirement, _), index in first.items():
        found[requirement] = min(index, found.get(requirement, index))
    return found
