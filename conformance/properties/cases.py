"""Sends generated cases, and records what the rules say of the answers: confirmed by a replay in a fresh world."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Observation, Outcome
from conformance.properties.generation.binding import bind
from conformance.properties.generation.mending import mend
from conformance.properties.judging.answers import count_case, judge_case
from conformance.properties.judging.breaches import blamed, breaches, signature_of
from conformance.properties.judging.confirming import LAWS, confirm, settled
from conformance.properties.judging.effects import Readers, broken, changed
from conformance.properties.judging.recording import observe, prerequisites
from conformance.run.pacing import UNBOUNDED
from conformance.wire import Refused
from conformance.wire.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.examples.keeping import Keeper
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.properties.judging.confirming import Key
    from conformance.properties.judging.effects import View
    from conformance.run.pacing import Turn
    from conformance.wire import Exchange, Wire
    from conformance.wire.recorder import Aside
    from conformance.world import World

# How often a run of cases stops on its way to look what its writes did; each look costs a request per reader.
LOOKS = 5
# What was refused is judged beside nothing that was accepted, so a look comes before the broken cases begin, after
# one of them is accepted, and after so many that are refused.
TURN = ("positive", "negative")
STRIDE = 16
# How many cases are tried one by one to find the one that did it.
SUSPECTS = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """A case as it was generated, and whether it was answered with 2xx: all that is kept of thousands."""

    case: GeneratedCase
    accepted: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A case as it was generated, and what came of it once it was bound."""

    case: GeneratedCase
    exchange: Exchange

    @property
    def accepted(self) -> bool:
        """A 2xx."""
        return 200 <= self.exchange.status < 300  # noqa: PLR2004 - HTTP's 2xx


class Sender:
    """Binds, sends and judges the cases of one operation.

    Args:
        operation: what to call.
        world: where real objects come from.
        wire: what to send through.
        schemas: the second opinion.
        watch: look also at what the writes did to those who read; it costs a request per reader and look.
        turn: the time that there is.
        keeper: keeps what was found for later runs.
    """

    def __init__(
        self,
        operation: Operation,
        world: World,
        wire: Wire,
        schemas: SchemaChecker,
        *,
        watch: bool = False,
        turn: Turn = UNBOUNDED,
        keeper: Keeper | None = None,
    ) -> None:
        self.operation = operation
        self.world = world
        self.wire = wire
        self.turn = turn
        self.cut: int | None = None
        """After how many cases the time was over; None where it was not."""
        self._schemas = schemas
        self._role = world.requests[operation.id].role
        self._readers = Readers(operation, world, wire) if watch and not operation.reads() else None
        self._keeper = keeper
        self._culprits: dict[Key, Sent] = {}
        if self._role == "throwaway":
            with prerequisites(wire, operation, "success"):
                _ = world.account

    def run(self, cases: Iterable[GeneratedCase]) -> None:
        """Send all cases, look what they did, and confirm what failed; ends early where the route is missing."""
        first: dict[Key, int] = {}
        sent: list[Sent] = []
        with self.wire.recorder.aside() as seen:
            self._run(cases, sent, seen, first)
        observations = seen.observations
        if first:
            confirmed = confirm(self, sent, first)
            observations = tuple(settled(o, confirmed, first) for o in observations)
            sure = {key: index for key, index in first.items() if key[0] in confirmed}
        else:
            sure = {}
        self.wire.recorder.extend(observations)
        if self._keeper is not None:
            found = {key: sent.index(one) for key, one in self._culprits.items() if one in sent}
            self._keeper.consider(self, {key: (index, sent[index].case) for key, index in {**sure, **found}.items()})

    def _run(self, cases: Iterable[GeneratedCase], sent: list[Sent], seen: Aside, first: dict[Key, int]) -> None:
        # whoever has a time to keep may look as often as it lasts
        looks = LOOKS if self.turn.until is None else None
        before = self._look() if self._readers else None
        pending: list[Sent] = []
        for case in cases:
            if self.turn.sent():
                self.cut = len(sent)
                break
            if before is not None and looks != 0 and _due(pending, case):
                looks = None if looks is None else looks - 1
                before, pending = self._compare(before, pending), []
            done = self.send(case)
            if done is None:
                continue
            if route_missing(done.exchange):
                return
            count_case(case, done.exchange, self.wire.recorder.statistics)
            sent.append(Sent(case, done.accepted))
            for observation in seen.failures():
                if observation.rule not in LAWS:
                    first.setdefault((observation.requirement, observation.signature), len(sent) - 1)
            if before is not None:
                pending.append(sent[-1])
        if before is not None and pending:
            self._compare(before, pending)

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
            self.wire.recorder.statistics["unsendable"] += 1
            return None
        values = {name: str(value) for name, value in case.path.items()}
        try:
            with self.wire.key_at_risk():
                exchange = self.wire.send(request, operation=self.operation, role=self._role, path_values=values)
        except Refused:
            return None  # the wire recorded it
        self.world.note(exchange)
        judge_case(case, request, exchange, wire=self.wire, schemas=self._schemas, generated=original)
        return Answered(original, exchange)

    def alone(self, case: GeneratedCase) -> frozenset[Key]:
        """What fails if a case is sent alone in a fresh world: requirements and signatures."""
        with self.wire.recorder.aside() as seen, self.world.scope():
            before, done, after = self._try(case)
        keys = {(o.requirement, o.signature) for o in seen.failures()}
        if before is not None and done is not None and after is not None:
            for rule, reader, _ in breaches(before, after, accepted=done.accepted):
                keys.add(self._law(rule, reader, done.exchange, after))
        self.wire.recorder.statistics["confirmations"] += 1
        return frozenset(keys)

    def _try(self, case: GeneratedCase) -> tuple[View | None, Answered | None, View | None]:
        with prerequisites(self.wire, self.operation, "success"):
            bind(_copy(case), self.world, self.wire)  # what it names is there before anybody looks
        before = self._look() if self._readers else None
        done = self.send(case)
        return before, done, self._look() if self._readers else None

    def _look(self) -> View | None:
        with prerequisites(self.wire, self.operation, "success"):
            self.world.request(self.operation.id)  # what binding needs is there before anybody looks
        return self._readers.look() if self._readers else None

    def _compare(self, before: View, pending: Sequence[Sent]) -> View | None:
        """Look again, and judge what the pending cases did."""
        after = self._look()
        if after is None:
            return None
        accepted = [s for s in pending if s.accepted]
        if not accepted:
            for reader, what in changed(before, after):
                self._find(pending, "refused-write-changes-nothing", reader, what)
        harmed = list(broken(before, after))
        if harmed:
            # what broke a list is in the way of the search for it
            self.world.restart()
        for reader in harmed:
            self._find(accepted, "accepted-write-keeps-readers", reader, "")
        rule = "accepted-write-keeps-readers" if accepted else "refused-write-changes-nothing"
        observe(self.wire, self.operation, rule, holds=True)
        return self._look() if harmed else after

    def _find(self, suspects: Sequence[Sent], rule: str, reader: str, what: str) -> None:
        """Which of the cases did it? Each is tried alone in a fresh world: what shows is confirmed by that."""
        for suspect in list(suspects)[:SUSPECTS]:
            if self.turn.over():
                break
            with self.wire.recorder.aside(), self.world.scope():
                before, again, after = self._try(suspect.case)
            if before is None or after is None or again is None:
                return
            for broken_rule, where, difference in breaches(before, after, accepted=again.accepted):
                if (broken_rule, where) == (rule, reader):
                    self._culprits[self._law(rule, reader, again.exchange, after)] = suspect
                    blamed(self.wire, self.operation, rule, difference, again.exchange, after.exchanges[reader])
                    return
        self.wire.recorder.observe(
            Observation(
                requirement=f"{self.operation.id}#{rule}",
                outcome=Outcome.FLAKY,
                operation=self.operation.id,
                rule=rule,
                message=f"{reader} showed it once ({what or 'it failed'}); no single {self.operation} repeats it.",
                signature=f"{reader} not repeated",
            )
        )

    def _law(self, rule: str, reader: str, write: Exchange, after: View) -> Key:
        """Requirement and signature of a broken law, as :func:`blamed` records them."""
        return f"{self.operation.id}#{rule}", signature_of(rule, write, after.exchanges[reader])


def _due(pending: Sequence[Sent], case: GeneratedCase) -> bool:
    """Is it time to look, before the next case is sent?"""
    if not pending:
        return False
    last = pending[-1]
    accepted = last.accepted and last.case.mode == "negative"
    return accepted or len(pending) >= STRIDE or (last.case.mode, case.mode) == TURN


def _copy(case: GeneratedCase) -> GeneratedCase:
    """Binding changes a case in place; a replay needs it as it was generated."""
    return replace(case, path=dict(case.path), query=dict(case.query), body=copy.deepcopy(case.body))
