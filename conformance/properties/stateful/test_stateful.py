"""Histories of each family of objects, and creations that race with the deletion of what they are made in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.outcomes import LeftAlone
from conformance.properties.judging.recording import prerequisites
from conformance.properties.registry import shows
from conformance.properties.stateful.histories import RULES, Histories
from conformance.properties.stateful.racing import RULE, Racing
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.policy import HistoryPolicy
    from conformance.properties.stateful.racing import Race
    from conformance.run.time_budget import TimeSlice
    from conformance.wire import Wire
    from conformance.world import World


@pytest.mark.open_ended(12)
@shows(*RULES, depth="gate")
def test_stateful(
    family: Family, whole_world: World, wire: Wire, seed: int, history_policy: HistoryPolicy, time_slice: TimeSlice
) -> None:
    """Whatever is made, changed and deleted in whatever order: what is there can be had, and what is gone can't."""
    from conformance.properties.stateful.machine import explore  # noqa: PLC0415 - takes 2.5 s; not for runs without

    with prerequisites(wire, wire.contract[family.maker], "stays"):
        for service in family.services():
            whole_world.resolve(service)
    histories = Histories(family, whole_world, wire)
    for number in range(history_policy.histories):
        if time_slice.sent():
            wire.recorder.note(
                UNREACHED, f"{family.name}: {number} of {history_policy.histories} histories were gone through"
            )
            break
        chosen = f"{seed}:{family.name}:{number}"
        histories.walk(
            partial(
                explore,
                family,
                seed=chosen,
                steps=history_policy.steps * max(2, len(family.kinds)),
                enough=time_slice.sent,
            )
        )
    histories.settle()


@pytest.mark.open_ended(4)
@shows(RULE, about=RULES, depth="gate")
def test_create_while_deleting(
    race: Race, whole_world: World, wire: Wire, history_policy: HistoryPolicy, time_slice: TimeSlice
) -> None:
    """While its parent is being deleted, an object is made or refused, and never left behind."""
    if wire.lock is not None and race.ancestor.delete in wire.resources.alone:
        raise LeftAlone(f"A {race.ancestor.name} is deleted beside nothing else on a server that is not ours.")
    racing = Racing(race, whole_world, wire)
    for number in range(history_policy.rounds):
        if time_slice.sent():
            wire.recorder.note(UNREACHED, f"{race.name}: {number} of {history_policy.rounds} races were run")
            break
        if racing.run():
            break
