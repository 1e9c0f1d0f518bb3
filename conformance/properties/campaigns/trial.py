"""Tries one generated case: binds it to real objects, sends and judges it, and compares the readers."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from conformance.judge.observation import Outcome
from conformance.properties.campaigns.placing import place_of
from conformance.properties.examples.answer import key_of
from conformance.properties.generation.binding import bind
from conformance.properties.generation.mending import mend
from conformance.properties.judging.answers import judge_case
from conformance.properties.judging.breaches import breaches, signature_of
from conformance.properties.judging.effects import Readers
from conformance.properties.judging.recording import prerequisites
from conformance.wire import RefusedByGuard
from conformance.wire.checking.deeds import MOST

if TYPE_CHECKING:
    from conformance.contract import Operation, SchemaChecker
    from conformance.judge.observation import Observation
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.properties.judging.effects import View
    from conformance.wire import Exchange, Wire
    from conformance.wire.messages import RawRequest
    from conformance.world import World

FAILS = "valid-never-fails"
Key: TypeAlias = tuple[str, str]
"""Requirement and answer: one way to break a rule."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A case as it was generated, and whether it was answered with 2xx: all that is kept of thousands."""

    case: GeneratedCase
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A case as it was generated, and what came of it once it was bound."""

    case: GeneratedCase
    exchange: Exchange

    @property
    def succeeded(self) -> bool:
        """A 2xx."""
        return self.exchange.succeeded


@dataclass(frozen=True, slots=True)
class Tried:
    """A case with a look before and after it; there are none where nobody looks, or where it could not be sent."""

    before: View | None
    answered: Answered | None
    after: View | None


class Trial:
    """Binds, sends and judges single cases of one operation.

    Args:
        operation: what to call.
        world: where real objects come from.
        wire: what to send through.
        schemas: validates against the contract, independently of Schemathesis.
        watch: look also at what a write did to those who read; it costs a request per reader and look.
    """

    def __init__(
        self, operation: Operation, world: World, wire: Wire, schemas: SchemaChecker, *, watch: bool = False
    ) -> None:
        self.operation = operation
        self.world = world
        self.wire = wire
        self._schemas = schemas
        self._role = world.requests[operation.id].role
        self._readers = Readers(operation, world, wire) if watch and not operation.reads() else None
        if self._role == "throwaway":
            with prerequisites(wire, operation, "success"):
                _ = world.account

    def send(self, original: GeneratedCase) -> Answered | None:
        """Send one case, judged; None where it could not be sent."""
        case = _copy(original)
        with prerequisites(self.wire, self.operation, "success"):
            bind(case, self.world, self.wire)
        mend(case, self._schemas)
        try:
            request = case.serialise(self.wire.base_url)
        except ValueError:
            request = None
        body = self.operation.body
        # an empty list in a form is no body at all: a valid case must not be sent as a broken one
        if request is None or (case.mode == "positive" and body and body.required and not request.content):
            self.wire.recorder.statistics.generated["unsendable"] += 1
            return None
        try:
            exchange = self._exchange(case, replace(request, deed=case.deed, spoiled=case.mode == "negative"))
        except RefusedByGuard:
            return None  # the wire recorded it
        judge_case(case, request, exchange, wire=self.wire, schemas=self._schemas, generated=original)
        return Answered(original, exchange)

    def _exchange(self, case: GeneratedCase, request: RawRequest) -> Exchange:
        """Send the request of a bound case; where the server breaks on a valid one, find out on which part of it."""
        values = {name: str(value) for name, value in case.path.items()}
        with self.wire.recorder.aside() as seen, self.wire.key_at_risk():
            exchange = self.wire.send(request, operation=self.operation, role=self._role, path_values=values)
        self.world.note(exchange)
        place = ""
        if exchange.server_error and case.mode == "positive":
            place = place_of(case, self._breaks)
        for o in seen.observations:
            known = o.rule == FAILS and o.outcome is Outcome.FAIL and place
            self.wire.recorder.observe(_at(o, exchange.status, case.deed, place) if known else o)
        return exchange

    def _breaks(self, case: GeneratedCase) -> bool:
        """Return whether the server fails on a bound case; nothing is recorded."""
        try:
            request = replace(case.serialise(self.wire.base_url), deed=case.deed)
        except ValueError:
            return False
        values = {name: str(value) for name, value in case.path.items()}
        with self.wire.recorder.aside(), self.wire.key_at_risk():
            exchange = self.wire.send(request, operation=self.operation, role=self._role, path_values=values)
        self.world.note(exchange)
        return exchange.server_error

    def look(self) -> View | None:
        """Return what those who read show now; None where nobody looks."""
        if self._readers is None or not self._readers:
            return None
        with prerequisites(self.wire, self.operation, "success"):
            self.world.request(self.operation.id)  # what binding needs is there before anybody looks
        return self._readers.look()

    def observed(self, case: GeneratedCase) -> Tried:
        """Send a case, with a look before and after it."""
        with prerequisites(self.wire, self.operation, "success"):
            bind(_copy(case), self.world, self.wire)  # what it names is there before anybody looks
        before = self.look()
        answered = self.send(case)
        return Tried(before, answered, self.look())

    def alone(self, case: GeneratedCase) -> frozenset[Key]:
        """Return what fails if a case is sent alone in a fresh world: requirements and answers."""
        with self.wire.recorder.aside() as seen, self.world.scope():
            tried = self.observed(case)
        keys = {key_of(o) for o in seen.failures()}
        if tried.before is not None and tried.answered is not None and tried.after is not None:
            for rule, reader, _ in breaches(tried.before, tried.after, succeeded=tried.answered.succeeded):
                keys.add(self.key_of(rule, reader, tried.answered.exchange, tried.after))
        self.wire.recorder.statistics.generated["confirmations"] += 1
        return frozenset(keys)

    def key_of(self, rule: str, reader: str, write: Exchange, after: View) -> Key:
        """Requirement and signature of a broken law, as :func:`blamed` records them."""
        return f"{self.operation.id}#{rule}", signature_of(rule, write, after.exchanges[reader])


def _at(observation: Observation, status: int, deed: str, place: str) -> Observation:
    """A failure on a valid request, with the part that it is about."""
    message = observation.message.replace(deed, place)
    return replace(observation, signature=f"HTTP {status}: {place[:MOST]}", message=message)


def _copy(case: GeneratedCase) -> GeneratedCase:
    """Binding changes a case in place; a replay needs it as it was generated."""
    return replace(case, path=dict(case.path), query=dict(case.query), body=copy.deepcopy(case.body))
