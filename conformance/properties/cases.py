"""Sends generated cases, and records what the rules say of the answers: confirmed by a replay in a fresh world."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Observation, Outcome
from conformance.properties.binding import bind
from conformance.properties.effects import Readers, broken, changed
from conformance.properties.judging import judge_case
from conformance.properties.mending import mend
from conformance.properties.recording import making, observe
from conformance.wire import Recorder, Refused
from conformance.wire.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.contract import Operation, SchemaChecker
    from conformance.properties.adapter import GeneratedCase
    from conformance.properties.effects import View
    from conformance.wire import Exchange, Wire
    from conformance.world import World

SERVER_ERROR = 500
# How often a run of cases stops on its way to look what its writes did; each look costs a request per reader.
LOOKS = 5
# What was refused is judged beside nothing that was accepted, so a look comes before the broken cases begin, after
# one of them is accepted, and after so many that are refused.
TURN = ("positive", "negative")
STRIDE = 16
# How many cases are tried one by one to find the one that did it.
SUSPECTS = 8
# A breach of these is found by a replay in the first place, so it is confirmed already.
LAWS = frozenset({"refused-write-changes-nothing", "accepted-write-keeps-readers"})


@dataclass(frozen=True, slots=True)
class Sent:
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
            with making(wire, operation, "success"):
                _ = world.account

    def run(self, cases: Iterable[GeneratedCase]) -> None:
        """Send all cases, look what they did, and confirm what failed; ends early where the route is missing."""
        main = self.wire.recorder
        first: dict[str, int] = {}
        sent: list[Sent] = []
        with self._aside() as seen:
            self._run(cases, sent, seen, first)
        observations = seen.observations
        if first:
            confirmed = self._confirm(sent, first)
            observations = tuple(_settled(o, confirmed, first) for o in observations)
        main.extend(observations)
        main.statistics.update(seen.statistics)
        main.waited += seen.waited

    def _run(self, cases: Iterable[GeneratedCase], sent: list[Sent], seen: Recorder, first: dict[str, int]) -> None:
        looks = LOOKS
        before = self._look() if self._readers else None
        pending: list[Sent] = []
        for case in cases:
            if before is not None and looks and _due(pending, case):
                looks -= 1
                before, pending = self._compare(before, pending), []
            done = self._send(case)
            if done is None:
                continue
            if route_missing(done.exchange):
                return
            sent.append(done)
            for observation in seen.failures():
                if observation.rule not in LAWS:
                    first.setdefault(observation.requirement, len(sent) - 1)
            if before is None:
                continue
            pending.append(done)
        if before is not None and pending:
            self._compare(before, pending)

    def _send(self, original: GeneratedCase) -> Sent | None:
        """Send one case; None where it could not be sent."""
        case = _copy(original)
        with making(self.wire, self.operation, "success"):
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
        return Sent(original, exchange)

    def _look(self) -> View | None:
        with making(self.wire, self.operation, "success"):
            self.world.request(self.operation.id)  # what binding needs is there before anybody looks
        return self._readers.look() if self._readers else None

    def _compare(self, before: View, pending: Sequence[Sent]) -> View | None:
        """Look again, and judge what the pending cases did."""
        after = self._look()
        if after is None:
            return None
        if not any(s.accepted for s in pending):
            for reader, what in changed(before, after):
                self._find(pending, "refused-write-changes-nothing", reader, what)
        accepted = [s for s in pending if s.accepted]
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
            with self._aside(), self.world.scope():
                with making(self.wire, self.operation, "success"):
                    bind(_copy(suspect.case), self.world, self.wire)  # what it names is there before anybody looks
                before = self._look()
                again = self._send(suspect.case)
                after = self._look()
            if before is None or after is None or again is None:
                return
            if rule == "accepted-write-keeps-readers":
                hit = reader in set(broken(before, after)) and again.accepted
            else:
                hit = reader in dict(changed(before, after)) and not again.accepted
                what = dict(changed(before, after)).get(reader, what)
            if hit:
                self._blame(rule, reader, what, again.exchange, after.exchanges[reader])
                return
        self._unexplained(rule, reader, what)

    def _blame(self, rule: str, reader: str, what: str, write: Exchange, read: Exchange) -> None:
        status = write.status
        if rule == "accepted-write-keeps-readers":
            message = f"{self.operation} answered {status}; since then {read.operation} answers {read.status}."
            expected, got, effect = f"{read.operation} works as before", read.brief(), f"HTTP {read.status}"
        else:
            message = f"{self.operation} answered {status}, and yet {read.operation} shows a change: {what}."
            expected, got, effect = "nothing changed", f"changed: {what}", "changed"
        lines = [self.wire.evidence(write).curl, self.wire.evidence(read).curl]
        observe(
            self.wire,
            self.operation,
            rule,
            holds=False,
            message=message,
            expected=expected,
            got=got,
            signature=f"HTTP {status}, {reader} {effect}",
            exchange=write,
            script="\n".join(lines),
        )

    def _unexplained(self, rule: str, reader: str, what: str) -> None:
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

    def _confirm(self, sent: Sequence[Sent], first: dict[str, int]) -> dict[str, str | None]:
        """Requirements whose failure comes back: alone (None), or after the cases before it (their script)."""
        confirmed: dict[str, str | None] = {}
        for index in sorted(set(first.values())):
            wanted = {r for r, i in first.items() if i == index}
            missing = wanted - self._replay([sent[index]])[0]
            confirmed |= dict.fromkeys(wanted - missing)
            if missing and index:
                failed, script = self._replay(sent[: index + 1])
                confirmed |= dict.fromkeys(missing & failed, script)
        return confirmed

    def _replay(self, cases: Sequence[Sent]) -> tuple[set[str], str]:
        """Send cases in a world of their own; returns the requirements that failed, and the steps."""
        lines: list[str] = []
        with self._aside() as seen, self.world.scope():
            for one in cases:
                again = self._send(one.case)
                if again is not None and (again.accepted or one is cases[-1]):
                    lines.append(self.wire.evidence(again.exchange).curl)
        self.wire.recorder.statistics.update(seen.statistics)
        self.wire.recorder.statistics["confirmations"] += len(cases)
        self.wire.recorder.waited += seen.waited
        return {o.requirement for o in seen.failures()}, "\n".join(lines)

    @contextmanager
    def _aside(self) -> Iterator[Recorder]:
        """Collect apart what is observed meanwhile."""
        main = self.wire.recorder
        self.wire.recorder = Recorder()
        self.wire.recorder.begin(main.test)
        try:
            yield self.wire.recorder
        finally:
            self.wire.recorder = main


def _due(pending: Sequence[Sent], case: GeneratedCase) -> bool:
    """Is it time to look, before the next case is sent?"""
    if not pending:
        return False
    last = pending[-1]
    accepted = last.accepted and last.case.mode == "negative"
    return accepted or len(pending) >= STRIDE or (last.case.mode, case.mode) == TURN


def _settled(observation: Observation, confirmed: dict[str, str | None], first: dict[str, int]) -> Observation:
    """A failure that did not come back is shown apart."""
    if observation.outcome is not Outcome.FAIL or observation.requirement not in first:
        return observation
    if observation.requirement in confirmed:
        return replace(observation, script=confirmed[observation.requirement] or observation.script)
    return replace(
        observation,
        outcome=Outcome.FLAKY,
        hint="It did not come back in a fresh world, neither alone nor after the requests before it.",
    )


def _copy(case: GeneratedCase) -> GeneratedCase:
    """Binding changes a case in place; a replay needs it as it was generated."""
    return replace(case, path=dict(case.path), query=dict(case.query), body=copy.deepcopy(case.body))
