"""Walks one history: sends its steps, holds each answer against the model, and learns from it."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.contract.rules import load_rules
from conformance.properties.judging.recording import observe
from conformance.properties.stateful.model.laws import judge, names_gone
from conformance.properties.stateful.model.learning import learn
from conformance.properties.stateful.model.objects import Model
from conformance.properties.stateful.model.steps import Planner, Ref, Step
from conformance.wire import RefusedByGuard
from conformance.wire.checking.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.model.laws import Claim
    from conformance.properties.stateful.model.objects import Thing
    from conformance.wire import Exchange, Wire
    from conformance.world import World

Key = tuple[str, str]
"""Requirement and signature: what makes two failures the same."""
# As many of a kind are read at the end of a history, of those that are there and of those that are not.
READ = 2
# As often is an operation tried, in one history, on what is gone.
TWICE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that was sent.

    Attributes:
        failed: the rules that it broke, for the first time in this history, with the thing that each is about
            besides those that the step names.
    """

    step: Step
    exchange: Exchange
    failed: Mapping[Key, int | None]


class Walk:
    """One history on one target; observations go to the wire's present recorder.

    Args:
        family: what it is about.
        world: resolves what is no thing of the history: names, facts of peers.
        wire: what to send through.
    """

    def __init__(self, family: Family, world: World, wire: Wire) -> None:
        self.family = family
        self.model = Model()
        self.taken: list[Taken] = []
        self.statistics: Counter[str] = Counter()
        self._world = world
        self._wire = wire
        self._known: set[Key] = set()
        self._on_gone: Counter[str] = Counter()
        self.missing: set[str] = set()
        """Operations that the target has no route for."""

    def propose(self, operation_id: str, given: Mapping[str, Any]) -> Exchange | None:
        """Take a step of an operation, with the identities that were proposed for it, and look what it did.

        Returns:
            The exchange; None where the step would name what was never made, would tell nothing, or was not sent.
        """
        step = self._plan(operation_id, given)
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
        for look in self._looks_after(step, exchange):
            self.take(look)
        return exchange

    def _idle(self, step: Step) -> bool:
        """Is it no more than another look at what is there, or the same of what is gone once more?"""
        if names_gone(step, self.model):
            self._on_gone[step.operation.id] += 1
            return self._on_gone[step.operation.id] > TWICE
        return step.operation.id in {k.read for k in self._wire.resources.kinds.values()}

    def _fells(self, step: Step) -> bool:
        """Does it remove a root, and with it most of what could still be looked at?"""
        removed = self._wire.resources.deleted_by(step.operation.id)
        return removed is not None and removed.parent is None

    @property
    def fallen(self) -> bool:
        """Was a root removed, with all that hung on it?"""
        return any(t.gone_by for t in self.model.latest(self.family.kinds[0]))

    def _fall(self, step: Step) -> Step:
        """The removal of the root on which most hangs, after a last look at everything."""
        for name in self.family.kinds:
            for thing in [t for t in self.model.latest(name) if t.alive][:READ]:
                self._take_all(self._read_of(thing))
        roots = [t for t in self.model.latest(self.family.kinds[0]) if t.alive]
        most = max(roots, key=lambda root: sum(t.alive for t in self.model.below(root)))
        return replace(step, path=dict.fromkeys(step.path, Ref(most.number)), number=self._next())

    def finish(self) -> None:
        """Look at everything once more: what is there, what is not, and every list."""
        kinds = self._wire.resources.kinds
        for name in self.family.kinds:
            things = self.model.latest(name)
            for parent in self.model.latest(kinds[name].parent or ""):
                if parent.alive:
                    self._take_all(self._list_of(name, parent))
            if kinds[name].parent is None and things:
                self._take_all(self._list_of(name, None))
            removed = [t for t in things if t.gone and not t.with_parent]
            orphaned = [t for t in things if t.gone and t.with_parent]
            for thing in [*[t for t in things if t.alive][:READ], *removed[:READ], *orphaned[:READ]]:
                self._take_all(self._read_of(thing))

    def _take_all(self, steps: Iterator[Step]) -> None:
        for step in steps:
            self.take(step)
            for look in self._found_by(step):
                self.take(look)

    def take(self, step: Step) -> Exchange | None:
        """Send one step, judge and learn; None where it was refused.

        Raises:
            KeyError: it names a thing that this history has not made.
        """
        gone = names_gone(step, self.model)
        arguments = step.arguments(self.model, self._world)
        # the wire takes an HTML 404 for a missing route: of what is gone, the model is the better judge
        with self._wire.unchecked() if gone else nullcontext():
            try:
                exchange = self._wire.call(step.operation.id, expect=None, **arguments)
            except RefusedByGuard:
                return None  # the wire recorded it
        self.statistics["history-requests"] += 1
        claims = list(judge(step, exchange, self.model))
        for claim in claims:
            self._record(claim, exchange)
        self.taken.append(Taken(step=step, exchange=exchange, failed=self._new_failures(claims)))
        if route_missing(exchange) and not gone:
            self.missing.add(step.operation.id)
        else:
            learn(self.model, step, exchange, sent=arguments.get("json"), kinds=self.family.kinds)
        return exchange

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

    def _new_failures(self, claims: list[Claim]) -> dict[Key, int | None]:
        about = {(f"{c.operation}#{c.rule}", c.signature): c.about for c in claims if not c.holds}
        failures = {(o.requirement, o.signature) for o in self._wire.recorder.failures()}
        new = failures - self._known
        self._known |= failures
        return {key: about.get(key) for key in sorted(new)}

    def _plan(self, operation_id: str, given: Mapping[str, Any]) -> Step | None:
        """The step of an operation that names these identities, where it can."""
        operation = self._wire.contract[operation_id]
        planner = Planner(self.family.kinds, self.model, self._wire.resources, given)
        return planner.plan(operation, self.family.template(operation_id), self._next())

    def _next(self) -> int:
        return self.taken[-1].step.number + 1 if self.taken else 1

    def _looks_after(self, step: Step, exchange: Exchange) -> Iterator[Step]:
        """What shows whether a step did what it was answered."""
        if step.operation.reads():
            yield from self._found_by(step)
            return
        if not exchange.succeeded:
            return
        if step.number in self.model.things:
            yield from self._read_of(self.model.things[step.number])
        elif (last := step.last()) is not None:
            thing = self.model.things[last]
            yield from self._read_of(thing)
            if thing.gone and thing.parent is not None and thing.parent.alive:
                yield from self._list_of(thing.kind, thing.parent)

    def _found_by(self, step: Step) -> Iterator[Step]:
        """Reads what a list showed that the history did not make."""
        found = self.model.things.get(step.number)
        if found is not None and found.listed_only:
            yield from self._read_of(found)

    def _read_of(self, thing: Thing) -> Iterator[Step]:
        read = self._wire.resources.kinds[thing.kind].read
        if read is None or read in self.missing:
            return
        operation = self._wire.contract[read]
        line = {t.kind: Ref(t.number) for t in thing.line()}
        slots = self._wire.resources.slot_kinds(operation)
        given = self.family.template(read).path
        path = {s: line.get(slots[s], given.get(s, f"${slots[s]}")) for s in reversed(operation.slots)}
        yield Step(operation=operation, path=path, number=self._next())

    def _list_of(self, kind: str, parent: Thing | None) -> Iterator[Step]:
        for listing in load_rules().lists.values():
            if listing.kind != kind or listing.operation in self.missing:
                continue
            operation = self._wire.contract[listing.operation]
            names = {s for s, k in self._wire.resources.slot_kinds(operation).items() if parent and k == parent.kind}
            names |= {n for n, k in self._wire.resources.query.items() if parent and k == parent.kind}
            step = self._plan(listing.operation, {n: parent.identity for n in names if parent})
            if step is None:
                continue
            if listing.by is not None:
                step = step.asking(listing.by, tuple(t.number for t in self.model.latest(kind)))
            yield step
