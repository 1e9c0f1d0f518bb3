"""Creates an object while its parent is deleted: neither request may fail, and nothing may be left behind."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Outcome
from conformance.properties.judging.recording import observe, prerequisites
from conformance.properties.stateful.histories import curl_lines
from conformance.properties.stateful.model.laws import GONE, SERVER_ERROR
from conformance.wire.checking.checks import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract.tables.requests.prepared import Prepared
    from conformance.contract.tables.resources import Kind, Resources
    from conformance.judge.observation import Observation
    from conformance.wire import Exchange, Wire
    from conformance.world import World

NOT_NOW = 503
RULE = "create-while-deleting"
# So many at a time, each one after the other, so that some come before, during and after the DELETE.
CREATORS, CREATIONS = 2, 3
# How often a failure is given the chance to come back.
TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A kind of object, and the ancestor that is deleted meanwhile."""

    kind: Kind
    ancestor: Kind

    @property
    def name(self) -> str:
        """A stable id, ``annotation-in-project``."""
        return f"{self.kind.name}-in-{self.ancestor.name}"


def races(resources: Resources) -> tuple[Race, ...]:
    """Every kind that can be made, with everything that it hangs on and that can be deleted."""
    kinds = resources.kinds
    found = []
    for kind in kinds.values():
        ancestor = kinds.get(kind.parent or "")
        while ancestor is not None and kind.create is not None:
            if ancestor.delete is not None:
                found.append(Race(kind=kind, ancestor=ancestor))
            ancestor = kinds.get(ancestor.parent or "")
    return tuple(found)


class Racing:
    """Runs one race, and runs it again where something went wrong.

    Args:
        race: what is made in what.
        world: each round gets one of its own.
        wire: what to send through, from several threads at once.
    """

    def __init__(self, race: Race, world: World, wire: Wire) -> None:
        self._race = race
        self._world = world
        self._wire = wire
        self._create = wire.contract[str(race.kind.create)]

    def run(self) -> bool:
        """Race in a fresh world; what goes wrong is a failure only if it does so again.

        Returns:
            Whether anything went wrong.
        """
        first = self._round()
        left = {o.signature for o in first if o.outcome is Outcome.FAIL}
        confirmed: dict[str, Observation] = {}
        for _ in range(TRIES):
            if left <= set(confirmed):
                break
            confirmed |= {o.signature: o for o in self._round() if o.outcome is Outcome.FAIL and o.signature in left}
        for observation in first:
            kept = confirmed.get(observation.signature, observation)
            if observation.signature in left - set(confirmed):
                kept = replace(observation, outcome=Outcome.FLAKY, hint=f"It did not recur in {TRIES} more rounds.")
            self._wire.recorder.observe(kept)
        return bool(left)

    def _round(self) -> tuple[Observation, ...]:
        """One race in a world of its own."""
        with self._world.scope():
            with prerequisites(self._wire, self._create, RULE):
                self._world.get(self._race.kind.name)  # it can be made, then
                creation = self._world.request(self._create.id)
                deletion = self._world.request(str(self._race.ancestor.delete), beside=self._create.id)
            with self._wire.recorder.aside() as seen, self._wire.unchecked():
                self._wire.recorder.statistics.generated["races"] += 1
                raced = self._send([[creation] * CREATIONS] * CREATORS + [[deletion]])
                findings = [*_broken(raced), *self._left_behind(raced, creation, deletion)]
                for finding in findings:
                    self._observe(finding, raced)
                if not findings and all(e.response is not None for e in raced):
                    observe(self._wire, self._create, RULE, holds=True)
            return seen.observations

    def _send(self, lanes: Sequence[Sequence[Prepared]]) -> list[Exchange]:
        """All lanes at the same time, the requests of each one after the other."""
        gate = threading.Barrier(len(lanes))

        def send(lane: Sequence[Prepared]) -> list[Exchange]:
            gate.wait()
            return [self._wire.call(p.operation, expect=None, **p.arguments(), **p.path) for p in lane]

        with ThreadPoolExecutor(len(lanes)) as pool:
            return [exchange for lane in pool.map(send, lanes) for exchange in lane]

    def _left_behind(
        self, raced: Sequence[Exchange], creation: Prepared, deletion: Prepared
    ) -> Iterator[tuple[str, str, Exchange]]:
        """What was made and can be read although its parent is gone."""
        gone, read = self._race.ancestor.read, self._race.kind.read
        if not raced[-1].succeeded or gone is None or read is None:
            return
        if self._wire.call(gone, expect=None, **deletion.path).status not in GONE:
            return  # that is another rule's business
        slots = self._wire.contract[read].slots
        for made in (e for e in raced[:-1] if e.succeeded):
            identity = made.json()[self._race.kind.identity]
            path = {**creation.path, slots[-1]: identity} if len(slots) > 1 else {slots[-1]: identity}
            exchange = self._wire.call(read, expect=None, **path)
            if exchange.succeeded or exchange.status >= SERVER_ERROR:
                yield "left behind", f"A {self._race.kind.name} was left behind: {exchange.brief()}", exchange

    def _observe(self, finding: tuple[str, str, Exchange], raced: Sequence[Exchange]) -> None:
        signature, message, exchange = finding
        after = [] if exchange in raced else [curl_lines([exchange], self._wire)]
        lanes = [raced[n : n + CREATIONS] for n in range(0, len(raced), CREATIONS)]
        together = [f"(\n{curl_lines(lane, self._wire)}\n) &" for lane in lanes]
        observe(
            self._wire,
            self._create,
            RULE,
            holds=False,
            message=f"{message}. {self._create} was sent again and again, and {self._race.ancestor.delete} meanwhile.",
            expected="each is answered as if it came alone, before or after the others",
            got=exchange.brief(),
            signature=f"{signature} ({self._race.ancestor.name})",
            exchange=exchange,
            script="\n".join([*together, "wait", *after]),
        )


def _broken(raced: Sequence[Exchange]) -> Iterator[tuple[str, str, Exchange]]:
    """Answers of 5xx: which of the requests gets one, and with which words, differs from round to round."""
    for exchange in raced:
        if exchange.status >= SERVER_ERROR and exchange.status != NOT_NOW:
            yield "server error", f"The server broke: {exchange.brief()} {reason(exchange)}".strip(), exchange
