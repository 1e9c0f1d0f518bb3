"""Random requests, valid and invalid."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from conformance.properties.campaigns.campaign import Campaign
from conformance.properties.campaigns.selection import DEPTH_POLICIES, in_rounds
from conformance.properties.campaigns.trial import Trial
from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.judging.refusal import REFUSALS
from conformance.properties.registry import ANY, shows
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.campaigns.selection import CampaignOptions
    from conformance.properties.generation.adapter import GeneratedCase, Generator, Mode
    from conformance.wire import Wire
    from conformance.world import World


def can_break(operation: Operation) -> bool:
    """Return whether a random value can make the request invalid: a search in vain takes 20 s."""
    if operation.body is not None or operation.slots:
        return True
    return any(p.required or set(p.schema) - {"type"} or p.schema.get("type") != "string" for p in operation.parameters)


@pytest.mark.open_ended(1)
@shows(*REFUSALS, depth="gate", about=ANY, every_operation=True)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_fuzz(
    operation: Operation,
    mode: Mode,
    world: World,
    wire: Wire,
    generator: Generator,
    schemas: SchemaChecker,
    options: CampaignOptions,
) -> None:
    """Whatever is sent is answered as documented, and what breaks the contract is refused."""
    policy = options.policy
    cases: Iterator[GeneratedCase] = iter(())
    if mode == "positive" or can_break(operation):
        cases = in_rounds(generator, operation, mode, policy, pinned=world.requests[operation.id].pinned)
    first = next(cases, None)
    if first is None:
        nothing_to_do(f"nothing in it can be {'varied' if mode == 'positive' else 'broken'}")
    collector = options.collector(schemas, usual=DEPTH_POLICIES["gate"].fuzz)
    campaign = Campaign(Trial(operation, world, wire, schemas), time_slice=options.time_slice, collector=collector)
    campaign.run(itertools.chain([first], cases))
    if campaign.cut == 0:
        wire.recorder.note(UNREACHED, f"{operation.id}: none of the random {mode} cases was sent")
