"""Keeps failures that a gate run would not find by itself, reduced, and repeated as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.properties.examples.reducing import reduced
from conformance.properties.examples.symbols import example_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import SchemaChecker
    from conformance.properties.campaigns.trial import Key, Trial
    from conformance.properties.examples.model import Example
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.run.time_budget import TimeSlice

NOTE: Final = "examples"
"""Name of the recorder's notes that carry examples to whoever writes them."""
USUAL: Final = "usual"
"""Name of the notes with the requirement and answer of what the gate finds by itself."""


class ExampleCollector:
    """Turns failures of one test into examples.

    Args:
        schemas: validates against the contract, independently of Schemathesis.
        known: operation and id of the examples that there are; what is found is added.
        found: by which run, for people.
        usual: how many cases, from the first, the gate sends as well: what they show needs no keeping.
    """

    def __init__(self, schemas: SchemaChecker, known: set[tuple[str, str]], *, found: str, usual: int = 0) -> None:
        self.usual = usual
        self._schemas = schemas
        self._known = known
        self._found = found

    def consider(
        self, trial: Trial, failures: Mapping[Key, tuple[int, GeneratedCase]], *, time_slice: TimeSlice
    ) -> None:
        """Keep what is new.

        Args:
            trial: sends again.
            failures: requirement and answer -> number and content of the case that showed it first.
            time_slice: the time that there is.
        """
        for (requirement, answer), (index, case) in failures.items():
            if index < self.usual:
                trial.wire.recorder.note(USUAL, [requirement, answer])
            if index < self.usual or time_slice.over():
                continue
            operation, _, rule = requirement.partition("#")
            example = example_of(
                case,
                rule,
                answer,
                requests=trial.world.requests,
                wire=trial.wire,
                schemas=self._schemas,
                found=self._found,
            )
            if example is None or operation != trial.operation.id or (operation, example.id) in self._known:
                continue
            self._known.add((operation, example.id))
            self._keep(trial, example, time_slice)

    def _keep(self, trial: Trial, example: Example, time_slice: TimeSlice) -> None:
        def shows(candidate: Example) -> bool:
            return candidate.key in trial.alone(candidate.case(trial.wire.contract))

        recorder = trial.wire.recorder
        if not shows(example):
            recorder.statistics.generated["examples-not-repeated"] += 1
            return
        smallest = reduced(example, shows, time_slice.over)
        recorder.note(NOTE, {"operation": smallest.operation, **smallest.to_json()})
