"""Replays the requests that earlier deep runs found failing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.properties.campaigns.campaign import Campaign
from conformance.properties.campaigns.confirming import LAWS
from conformance.properties.campaigns.trial import Trial
from conformance.properties.judging.recording import nothing_to_do, observe

if TYPE_CHECKING:
    from conformance.contract import SchemaChecker
    from conformance.properties.campaigns.selection import CampaignOptions
    from conformance.properties.examples.model import Example
    from conformance.wire import Wire
    from conformance.world import World


def test_example(
    example: Example, whole_world: World, wire: Wire, schemas: SchemaChecker, options: CampaignOptions
) -> None:
    """The request that broke a rule once is answered as the rule asks."""
    if not options.policy.examples:
        nothing_to_do("no examples at this depth")
    operation = wire.contract[example.operation]
    with whole_world.restoring(operation.id), whole_world.scope():
        trial = Trial(operation, whole_world, wire, schemas, watch=example.rule in LAWS)
        Campaign(trial).run([example.case(wire.contract)])
    if all(o.requirement != example.key[0] for o in wire.recorder.failures()):
        observe(wire, operation, example.rule, holds=True)
