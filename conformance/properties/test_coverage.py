"""Covering cases: each enum value, limit, type and property of every operation, right and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.properties.campaigns.campaign import Campaign
from conformance.properties.campaigns.confirming import LAWS
from conformance.properties.campaigns.selection import in_turn
from conformance.properties.campaigns.trial import Trial
from conformance.properties.judging.refusal import REFUSALS
from conformance.properties.registry import ANY, shows
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.campaigns.selection import CampaignOptions
    from conformance.properties.generation.adapter import Generator
    from conformance.wire import Wire
    from conformance.world import World


@pytest.mark.open_ended(2)
@shows(*REFUSALS, *LAWS, "accepts-valid", about=ANY, every_operation=True)
def test_coverage(
    operation: Operation,
    world: World,
    wire: Wire,
    generator: Generator,
    schemas: SchemaChecker,
    options: CampaignOptions,
) -> None:
    """Whatever is sent is answered as documented, and what breaks the contract is refused."""
    pinned = world.requests[operation.id].pinned
    cases, usual = in_turn(generator.coverage(operation), options.policy, pinned=pinned)
    collector = options.collector(schemas, usual=usual)
    trial = Trial(operation, world, wire, schemas, watch=options.policy.watch)
    campaign = Campaign(trial, time_slice=options.time_slice, collector=collector)
    campaign.run(cases)
    if campaign.cut is not None:
        wire.recorder.note(UNREACHED, f"{operation.id}: {campaign.cut} of {len(cases)} covering cases were sent")
