"""Histories of each family of objects, and creations that race with the deletion of what they are made in."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.properties.recording import making, nothing_to_do
from conformance.properties.stateful.confirming import RULES, Histories
from conformance.properties.stateful.racing import RULE, Racing

if TYPE_CHECKING:
    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.pace import Pace
    from conformance.properties.stateful.racing import Race
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.contract_rules(*RULES, RULE)


def test_stateful(family: Family, whole_world: World, wire: Wire, seed: int, pace: Pace, until: float | None) -> None:
    """Whatever is made, changed and deleted in whatever order: what is there can be had, and what is gone can't."""
    if not pace.histories:
        nothing_to_do("no histories at this depth")
    from conformance.properties.stateful.machine import explore  # noqa: PLC0415 - takes 2.5 s; not for runs without

    def enough() -> bool:
        return until is not None and time.monotonic() >= until

    with making(wire, wire.contract[family.maker], "stays"):
        for service in family.services():
            whole_world.resolve(service)
    histories = Histories(family, whole_world, wire)
    for number in range(pace.histories):
        if enough():
            break
        chosen = f"{seed}:{family.name}:{number}"
        histories.walk(
            partial(explore, family, seed=chosen, steps=pace.steps * max(2, len(family.kinds)), enough=enough)
        )
    histories.settle()


def test_create_while_deleting(race: Race, whole_world: World, wire: Wire, pace: Pace, until: float | None) -> None:
    """While its parent is being deleted, an object is made or refused, and never left behind."""
    if not pace.rounds:
        nothing_to_do("no races at this depth")
    racing = Racing(race, whole_world, wire)
    for number in range(pace.rounds):
        if racing.run() or (number and until is not None and time.monotonic() >= until):
            break
