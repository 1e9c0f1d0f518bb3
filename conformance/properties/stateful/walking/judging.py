"""Holds each answer of a history against the model, and keeps which rules it was the first to break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.properties.judging.recording import observe
from conformance.properties.stateful.model.laws import judge

if TYPE_CHECKING:
    from conformance.properties.stateful.model.laws import Claim
    from conformance.properties.stateful.model.objects import Model
    from conformance.properties.stateful.model.steps import Step
    from conformance.wire import Exchange, Wire

Key = tuple[str, str]
"""Requirement and signature: what makes two failures the same."""


class Judging:
    """Judges the answers of one history; observations go to the wire's present recorder.

    Args:
        model: what is known before each answer.
        wire: has the recorder.
    """

    def __init__(self, model: Model, wire: Wire) -> None:
        self._model = model
        self._wire = wire
        self._known: set[Key] = set()

    def judge(self, step: Step, exchange: Exchange) -> dict[Key, int | None]:
        """Record what an answer shows.

        Returns:
            The rules that it broke, for the first time in this history, with the thing that each is about besides
            those that the step names.
        """
        claims = list(judge(step, exchange, self._model))
        for claim in claims:
            self._record(claim, exchange)
        about = {(f"{c.operation}#{c.rule}", c.signature): c.about for c in claims if not c.holds}
        failures = {(o.requirement, o.signature) for o in self._wire.recorder.failures()}
        new = failures - self._known
        self._known |= failures
        return {key: about.get(key) for key in sorted(new)}

    def _record(self, claim: Claim, exchange: Exchange) -> None:
        observe(
            self._wire,
            self._wire.contract[claim.operation],
            claim.rule,
            holds=claim.holds,
            message=claim.message,
            expected=claim.expected,
            got=claim.got,
            signature=claim.signature,
            exchange=exchange,
            verb=claim.verb,
        )
