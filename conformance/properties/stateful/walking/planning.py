"""Plans the steps of one history: those proposed, and the reads between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.tables.rules import load_rules
from conformance.properties.stateful.model.steps import Planner, Ref, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Contract
    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.model.objects import Model, Thing


class Planning:
    """Plans one step at a time; each has the number that follows the one that was taken last.

    Args:
        family: what the history is about.
        model: what is known so far.
        contract: has the operations.

    Attributes:
        missing: operations that the target has no route for: no look asks for them.
        last: number of the step that was taken last.
    """

    def __init__(self, family: Family, model: Model, contract: Contract) -> None:
        self.missing: set[str] = set()
        self.last = 0
        self._family = family
        self._model = model
        self._contract = contract

    @property
    def following(self) -> int:
        """The number of the step that comes next."""
        return self.last + 1

    def step(self, operation_id: str, given: Mapping[str, Any]) -> Step | None:
        """The step of an operation that names these identities; None where it would name what was never made."""
        planner = Planner(self._family.kinds, self._model, given)
        return planner.plan(self._contract[operation_id], self._family.template(operation_id), self.following)

    def read(self, thing: Thing) -> Iterator[Step]:
        """Reads a thing, where anything reads its kind."""
        read = self._family.resources.kinds[thing.kind].read
        if read is None or read in self.missing:
            return
        operation = self._contract[read]
        line = {t.kind: Ref(t.number) for t in thing.line()}
        slots = self._family.resources.slot_kinds(operation)
        given = self._family.template(read).path
        path = {s: line.get(slots[s], given.get(s, f"${slots[s]}")) for s in reversed(operation.slots)}
        yield Step(operation=operation, path=path, number=self.following)

    def lists(self, kind: str, parent: Thing | None) -> Iterator[Step]:
        """Every list of a kind below a parent, or below nothing."""
        for listing in load_rules().lists.values():
            if listing.kind != kind or listing.operation in self.missing:
                continue
            operation, resources = self._contract[listing.operation], self._family.resources
            names = {s for s, k in resources.slot_kinds(operation).items() if parent and k == parent.kind}
            names |= {n for n, k in resources.query.items() if parent and k == parent.kind}
            step = self.step(listing.operation, {n: parent.identity for n in names if parent})
            if step is None:
                continue
            if listing.by is not None:
                step = step.asking(listing.by, tuple(t.number for t in self._model.latest(kind)))
            yield step
