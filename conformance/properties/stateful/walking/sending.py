"""Sends the steps of a history."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.properties.stateful.model.laws import names_gone
from conformance.wire import RefusedByGuard

if TYPE_CHECKING:
    from conformance.properties.stateful.model.objects import Model
    from conformance.properties.stateful.model.steps import Step
    from conformance.wire import Exchange, Wire
    from conformance.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A step that left.

    Attributes:
        body: the JSON body with identities in it; None where there was none.
        on_gone: it names something that must not be there.
    """

    exchange: Exchange
    body: Any
    on_gone: bool


def send(step: Step, model: Model, world: World, wire: Wire) -> Sent | None:
    """Send one step; None where the guard refused it.

    Args:
        step: what to send.
        model: has the identities that the step refers to.
        world: resolves what is no thing of the history: names, facts of peers.
        wire: what to send through.

    Raises:
        KeyError: it names a thing that this history has not made.
    """
    gone = names_gone(step, model)
    arguments = step.arguments(model, world)
    # the wire takes an HTML 404 for a missing route: of what is gone, the model is the better judge
    with wire.unchecked() if gone else nullcontext():
        try:
            exchange = wire.call(step.operation.id, expect=None, **arguments)
        except RefusedByGuard:
            return None  # the wire recorded it
    return Sent(exchange=exchange, body=arguments.get("json"), on_gone=gone)
