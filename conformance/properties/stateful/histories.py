"""Walks histories, and repeats in a fresh world what they found: with as few steps as show it, or with all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.judge.observation import Outcome
from conformance.properties.stateful.walking.walk import Walk
from conformance.reproduce import Trace, write_script
from conformance.world import CannotMake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.contract.tables.resources import Resources
    from conformance.judge.observation import Observation
    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.model.steps import Step
    from conformance.properties.stateful.walking.judging import Key
    from conformance.wire import Exchange, Wire
    from conformance.world import World


# What histories are about. All else the wire notices of single answers, here as everywhere.
RULES = (
    "stays",
    "keeps",
    "listed",
    "unlisted",
    "no-ghosts",
    "gone",
    "gone-with-parent",
    "delete-again",
    "use-after-delete",
    "acts-on-gone",
    "refuses-gone-parent",
    "no-server-error",
    "valid-never-fails",
)


class Histories:
    """All histories of one family: their observations are the test's, their failures only once they came back.

    Args:
        family: what they are about.
        world: each history gets one of its own.
        wire: what to send through.
    """

    def __init__(self, family: Family, world: World, wire: Wire) -> None:
        self._family = family
        self._world = world
        self._wire = wire
        self._walks: list[Walk] = []
        self._failures: dict[Key, Observation] = {}

    def walk(self, explore: Callable[[Walk], None]) -> Walk:
        """One history in a world of its own.

        Args:
            explore: takes the steps.
        """
        with self._wire.recorder.aside() as seen, self._world.scope():
            walk = Walk(self._family, self._world, self._wire)
            explore(walk)
            walk.finish()
        self._wire.recorder.statistics.generated.update(walk.statistics)
        self._wire.recorder.statistics.generated["histories"] += 1
        self._walks.append(walk)
        for observation in seen.observations:
            if observation.outcome is Outcome.FAIL and observation.rule in RULES:
                self._failures.setdefault((observation.requirement, observation.signature), observation)
            else:
                self._wire.recorder.observe(observation)
        return walk

    def settle(self) -> None:
        """Repeat every failure; what does not come back is shown apart."""
        for key, observation in self._failures.items():
            script = self._confirm(key)
            if script is None:
                observation = replace(  # noqa: PLW2901 - the same, seen otherwise
                    observation,
                    outcome=Outcome.FLAKY,
                    hint="It did not recur with fresh objects, neither after the steps it needs nor after all.",
                )
            self._wire.recorder.observe(replace(observation, script=script or observation.script))

    def _confirm(self, key: Key) -> str | None:
        """The script of the steps after which a failure comes back; None where it does not."""
        shortest = min(
            ((w, i) for w in self._walks for i, t in enumerate(w.taken) if key in t.failed),
            key=lambda found: found[1],
        )
        walk, index = shortest
        steps = [t.step for t in walk.taken[: index + 1]]
        for attempt in (needed(steps, walk.taken[index].failed[key], self._wire.resources), steps):
            script = self._repeat(attempt, key)
            if script is not None:
                return script
        return None

    def _repeat(self, steps: Sequence[Step], key: Key) -> str | None:
        """Take the steps in a fresh world.

        Returns:
            Their script, if the last one breaks the same rule in the same way.
        """
        with self._wire.recorder.aside() as seen, self._world.scope():
            walk = Walk(self._family, self._world, self._wire)
            try:
                for step in steps:
                    walk.take(step)
            except (KeyError, CannotMake):
                return None  # something can't be made this time
        self._wire.recorder.statistics.generated["confirmations"] += len(walk.taken)
        found = next((o for o in seen.failures() if (o.requirement, o.signature) == key), None)
        return None if found is None else script_of(found, [t.exchange for t in walk.taken], self._wire)


def needed(steps: Sequence[Step], about: int | None, resources: Resources) -> list[Step]:
    """The last step, what makes the things that it is about, and what removes any of them.

    Args:
        steps: all of them; the last one showed something.
        about: number of a thing that what it showed is about, besides those that it names.
        resources: says what removes anything.
    """
    last = steps[-1]
    makers = {s.number: s for s in steps[:-1]}
    wanted: set[int] = set()
    pending = [*last.named(), *([about] if about is not None else [])]
    while pending:
        number = pending.pop()
        if number in wanted:
            continue
        wanted.add(number)
        if number in makers:
            pending += makers[number].named()
    kept = [
        s
        for s in steps[:-1]
        if s.number in wanted or (not s.operation.reads() and set(s.named()) <= wanted and _removes(s, resources))
    ]
    return [*kept, last]


def _removes(step: Step, resources: Resources) -> bool:
    return resources.deleted_by(step.operation.id) is not None or step.operation.id in resources.empties


def script_of(found: Observation, exchanges: Sequence[Exchange], wire: Wire) -> str:
    """A script that takes the steps from nothing, with curl lines in its head; these alone where none is due."""
    lines = curl_lines(exchanges, wire)
    script = write_script(
        Trace(exchanges, 0, wire.resources),
        shown_by=exchanges[-1],
        base_url=wire.base_url,
        about=f"{found.requirement}: {found.message}\nExpected: {found.expected}\nGot: {found.got}\n\n{lines}",
        redact=wire.redactor.text,
    )
    return script or lines


def curl_lines(exchanges: Sequence[Exchange], wire: Wire) -> str:
    """A curl line per exchange, with what was answered behind it."""
    return "\n".join(f"{wire.evidence(e).curl}  # {e.status}" for e in exchanges)
