"""Chooses what a history reads: after a step, before a root is deleted, and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.model.objects import Model
    from conformance.properties.stateful.model.steps import Step
    from conformance.properties.stateful.walking.planning import Planning
    from conformance.wire import Exchange

# As many of a kind are read at the end of a history, of those that are there and of those that are not.
READ = 2


class Looks:
    """Names the looks that tell what became of things; a look is planned when the one before it was taken.

    Args:
        family: what the history is about.
        model: what is known so far.
        planning: makes the steps.
    """

    def __init__(self, family: Family, model: Model, planning: Planning) -> None:
        self._family = family
        self._model = model
        self._planning = planning

    def after(self, step: Step, exchange: Exchange) -> Iterator[Step]:
        """What shows whether a step did what it was answered."""
        if step.operation.reads():
            yield from self.found_by(step)
            return
        if not exchange.succeeded:
            return
        if step.number in self._model.things:
            yield from self._planning.read(self._model.things[step.number])
        elif (last := step.last()) is not None:
            thing = self._model.things[last]
            yield from self._planning.read(thing)
            if thing.gone and thing.parent is not None and thing.parent.alive:
                yield from self._planning.lists(thing.kind, thing.parent)

    def found_by(self, step: Step) -> Iterator[Step]:
        """Reads what a list showed that the history did not make."""
        found = self._model.things.get(step.number)
        if found is not None and found.listed_only:
            yield from self._planning.read(found)

    def before_fall(self) -> Iterator[Step]:
        """A last look at what is there, while it hangs on something."""
        for name in self._family.kinds:
            for thing in [t for t in self._model.latest(name) if t.alive][:READ]:
                yield from self._planning.read(thing)

    def at_the_end(self) -> Iterator[Step]:
        """Everything once more: what is there, what is not, and every list."""
        kinds = self._family.resources.kinds
        for name in self._family.kinds:
            things = self._model.latest(name)
            for parent in self._model.latest(kinds[name].parent or ""):
                if parent.alive:
                    yield from self._planning.lists(name, parent)
            if kinds[name].parent is None and things:
                yield from self._planning.lists(name, None)
            removed = [t for t in things if t.gone and not t.with_parent]
            orphaned = [t for t in things if t.gone and t.with_parent]
            for thing in [*[t for t in things if t.alive][:READ], *removed[:READ], *orphaned[:READ]]:
                yield from self._planning.read(thing)
