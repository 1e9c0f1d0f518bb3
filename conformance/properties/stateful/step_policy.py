"""Chooses what a history may do next: create, use and delete objects, delete their root, and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.tables.requests.prepared import load_requests, names

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.stateful.walking.walk import Walk

# Things of each kind: two, so that one can go and the other has to stay; more say nothing new.
ENOUGH, MOST = 2, 4
# Shares of a history's steps: after the first it stops growing, come what may; after the second a root falls.
YOUTH, PRIME = 0.5, 0.6


class StepPolicy:
    """Says which operations a history may go on with; the rest of the choice is the machine's.

    Args:
        walk: the history.
        steps: how long it is to be.
    """

    def __init__(self, walk: Walk, steps: int) -> None:
        self._walk = walk
        self._resources = walk.family.resources
        self._steps = steps
        self._grown = False

    def allows(self, operation: Operation) -> bool:
        """Return whether the operation can be sent now, and would show anything."""
        if operation.id in self._walk.missing or not self._possible(operation):
            return False
        made = self._makes(operation)
        there = len(self._walk.model.latest(made)) if made else 0
        if not self._is_grown():
            return made is not None and there < ENOUGH
        if not self._walk.fallen:
            fells = operation.id == self._resources.kinds[self._walk.family.kinds[0]].delete
            if self._past(PRIME):
                return fells
            if fells or self._removes_last(operation):
                return len(self._walk.family.kinds) == 1
        return self._tells(operation) and (made is None or there < MOST)

    def _removes_last(self, operation: Operation) -> bool:
        """Return whether the step deletes the last object of a kind that is to go with its root."""
        removed = self._resources.deleted_by(operation.id)
        kind = removed.name if removed else self._resources.empties.get(operation.id)
        return kind is not None and sum(t.alive for t in self._walk.model.latest(kind)) < ENOUGH

    def _past(self, share: float) -> bool:
        return self._walk.statistics["history-steps"] >= self._steps * share

    def _tells(self, operation: Operation) -> bool:
        """What is there is read after every change anyway; to read is only of interest where something is gone."""
        read = next((k.name for k in self._resources.kinds.values() if k.read == operation.id), None)
        return read is None or any(t.gone for t in self._walk.model.latest(read))

    def _is_grown(self) -> bool:
        """Return whether there is an object of every kind, or no time left to create one."""
        if not self._grown:
            enough = all(len(self._walk.model.latest(k)) >= ENOUGH for k in self._walk.family.kinds)
            self._grown = enough or self._past(YOUTH)
        return self._grown

    def _possible(self, operation: Operation) -> bool:
        """Return whether there is or was an object of every kind that the operation names."""
        family = self._walk.family
        given = family.template(operation.id)
        needed = {*self._resources.slot_kinds(operation).values()}
        needed |= {n for part in (given.query, given.json) for n in names(part)}
        return all(self._walk.model.latest(kind) for kind in needed & set(family.kinds))

    def _makes(self, operation: Operation) -> str | None:
        made = self._resources.created_by(operation.id)
        if made is not None:
            return made.name
        makers = load_requests().makers.items()
        return next((k for k, m in makers if m.operation == operation.id and k in self._walk.family.kinds), None)
