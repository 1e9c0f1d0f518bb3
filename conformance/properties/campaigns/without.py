"""Finds the part for which a valid request is rejected, and leaves it out, so that it hides nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.judge.observation import Verb
from conformance.properties.generation.bodies import properties
from conformance.properties.judging.recording import observe
from conformance.wire.checking.checks import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.properties.campaigns.trial import Answered, Trial
    from conformance.properties.generation.adapter import GeneratedCase

RULE: Final = "accepts-each-field"
RANDOM: Final = "fuzz"
# Attempts per operation: four fields that are refused are found with so many.
MOST: Final = 24


class Without:
    """Finds, for the valid cases of one operation, the fields with which they are refused.

    Args:
        trial: sends.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._refused: set[str] = set()
        self._again: GeneratedCase | None = None
        self._left = MOST

    def each(self, cases: Iterator[GeneratedCase]) -> Iterator[GeneratedCase]:
        """The cases, without what was found to be refused; one that was, again."""
        for case in cases:
            yield self._stripped(case)
            if self._again is not None:
                again, self._again = self._again, None
                yield again

    def learn(self, case: GeneratedCase, done: Answered) -> None:
        """Look for the cause, if a valid case with several fields was refused."""
        if case.mode != "positive" or case.symbolic or not _failed(done) or not isinstance(case.body, dict):
            return
        if done.exchange.server_error and case.scenario == RANDOM:
            return  # it is the value that breaks the server, and not whatever the field holds
        given = self._trial.world.requests[self._trial.operation.id].json
        needed = set(given) if isinstance(given, dict) else set()
        documented = properties(self._trial.wire.contract, self._trial.operation)
        names = [name for name in case.body if name not in needed and name in documented]
        with self._trial.wire.recorder.aside():
            # where the smallest body is refused as well, it is for another reason (there is one already, say)
            found = list(self._culprits(case, names)) if names and self._taken(case) else []
        for name, answered in found:
            self._refused.add(name)
            exchange = answered.exchange
            observe(
                self._trial.wire,
                self._trial.operation,
                RULE,
                holds=False,
                message=f"{self._trial.operation} refused what the contract allows: {name} alone.",
                expected="a documented 2xx",
                got=f"{exchange.status} {reason(exchange)}".strip(),
                signature=f"{name}: HTTP {exchange.status}",
                exchange=exchange,
                verb=Verb.SHOULD,
            )
        if found:
            self._again = self._stripped(case)

    def _taken(self, case: GeneratedCase) -> bool:
        """Return whether the request is accepted with its required parts only."""
        tried = self._trial.send(replace(case, body={}))
        return tried is not None and tried.succeeded

    def _stripped(self, case: GeneratedCase) -> GeneratedCase:
        if case.mode != "positive" or case.symbolic or not isinstance(case.body, dict):
            return case
        if not self._refused & case.body.keys():
            return case
        return replace(case, body={k: v for k, v in case.body.items() if k not in self._refused})

    def _culprits(self, case: GeneratedCase, names: Sequence[str]) -> Iterator[tuple[str, Answered]]:
        """By halves: what is taken together is not looked at any further."""
        if not names or self._left <= 0:
            return
        self._left -= 1
        tried = self._trial.send(replace(case, body={name: case.body[name] for name in names}))
        if tried is None or not _failed(tried):
            return
        if len(names) == 1:
            yield names[0], tried
            return
        middle = len(names) // 2
        for half in (names[:middle], names[middle:]):
            yield from self._culprits(case, half)


def _failed(answered: Answered) -> bool:
    """Return whether the request was rejected, or failed with a 5xx."""
    return answered.exchange.rejected or answered.exchange.server_error
