"""Walks one history: sends its steps one by one, and the reads that show what they did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.properties.stateful.model.laws import names_gone
from conformance.properties.stateful.model.learning import learn
from conformance.properties.stateful.model.objects import Model
from conformance.properties.stateful.model.steps import Ref, Step
from conformance.properties.stateful.walking.judging import Judging
from conformance.properties.stateful.walking.looking import Looks
from conformance.properties.stateful.walking.planning import Planning
from conformance.properties.stateful.walking.sending import send
from conformance.wire.checking.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.walking.judging import Key
    from conformance.wire import Exchange, Wire
    from conformance.world import World

# As often is an operation tried, in one history, on what is gone.
TWICE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that was sent.

    Attributes:
        failed: the rules that it broke, as :meth:`Judging.judge` says.
    """

    step: Step
    exchange: Exchange
    failed: Mapping[Key, int | None]


class Walk:
    """One history on one target.

    Args:
        family: what it is about.
        world: resolves what is no thing of the history: names, facts of peers.
        wire: what to send through.
    """

    def __init__(self, family: Family, world: World, wire: Wire) -> None:
        self.family = family
        self.model = Model(family.resources)
        self.taken: list[Taken] = []
        self.statistics: Counter[str] = Counter()
        self._world = world
        self._wire = wire
        self._planning = Planning(family, self.model, wire.contract)
        self._looks = Looks(family, self.model, self._planning)
        self._judging = Judging(self.model, wire)
        self._on_gone: Counter[str] = Counter()

    @property
    def missing(self) -> set[str]:
        """Operations that the target has no route for."""
        return self._planning.missing

    @property
    def fallen(self) -> bool:
        """Whether a root was deleted, with its children."""
        return any(t.gone_by for t in self.model.latest(self.family.kinds[0]))

    def propose(self, operation_id: str, given: Mapping[str, Any]) -> Exchange | None:
        """Take a step of an operation, with the identities that were proposed for it, and look what it did.

        Returns:
            The exchange; None where the step would name what was never made, would tell nothing, or was not sent.
        """
        step = self._planning.step(operation_id, given)
        if step is not None and self._fells(step) and not self.fallen:
            step = self._fall(step)
        if step is None or operation_id in self.missing or self._idle(step):
            self.statistics["history-idle"] += 1
            return None
        living = not names_gone(step, self.model)
        exchange = self.take(step)
        if exchange is None:
            return None
        self.statistics["history-steps"] += 1
        self.statistics["history-living"] += living
        self.statistics["history-living-2xx"] += living and exchange.succeeded
        for look in self._looks.after(step, exchange):
            self.take(look)
        return exchange

    def finish(self) -> None:
        """Look at everything once more."""
        self._take_all(self._looks.at_the_end())

    def take(self, step: Step) -> Exchange | None:
        """Send one step, judge and learn; None where it was refused.

        Raises:
            KeyError: it names a thing that this history has not made.
        """
        sent = send(step, self.model, self._world, self._wire)
        if sent is None:
            return None
        self.statistics["history-requests"] += 1
        failed = self._judging.judge(step, sent.exchange)
        self.taken.append(Taken(step=step, exchange=sent.exchange, failed=failed))
        self._planning.last = step.number
        if route_missing(sent.exchange) and not sent.on_gone:
            self.missing.add(step.operation.id)
        else:
            learn(self.model, step, sent.exchange, sent=sent.body, kinds=self.family.kinds)
        return sent.exchange

    def _take_all(self, steps: Iterator[Step]) -> None:
        for step in steps:
            self.take(step)
            for look in self._looks.found_by(step):
                self.take(look)

    def _idle(self, step: Step) -> bool:
        """Return whether the step only reads one object, or repeats a request for what is gone once too often."""
        if names_gone(step, self.model):
            self._on_gone[step.operation.id] += 1
            return self._on_gone[step.operation.id] > TWICE
        return step.operation.id in {k.read for k in self.family.resources.kinds.values()}

    def _fells(self, step: Step) -> bool:
        """Return whether the step deletes a root, and with it most of what is left to read."""
        removed = self.family.resources.deleted_by(step.operation.id)
        return removed is not None and removed.parent is None

    def _fall(self, step: Step) -> Step:
        """The removal of the root on which most hangs, after a last look at everything."""
        self._take_all(self._looks.before_fall())
        roots = [t for t in self.model.latest(self.family.kinds[0]) if t.alive]
        most = max(roots, key=lambda root: sum(t.alive for t in self.model.below(root)))
        return replace(step, path=dict.fromkeys(step.path, Ref(most.number)), number=self._planning.following)
