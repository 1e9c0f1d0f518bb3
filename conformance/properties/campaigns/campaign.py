"""Sends all cases of one test, compares the readers now and then, and confirms failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.judge.observation import Observation, Outcome
from conformance.properties.campaigns.confirming import LAWS, confirm, settled
from conformance.properties.campaigns.trial import Sent
from conformance.properties.campaigns.without import Without
from conformance.properties.examples.answer import key_of
from conformance.properties.judging.answers import count_case
from conformance.properties.judging.breaches import CHANGES_NOTHING, KEEPS_READERS, blamed, breaches
from conformance.properties.judging.effects import broken, changed
from conformance.properties.judging.recording import observe
from conformance.run.time_budget import UNBOUNDED
from conformance.wire.checking.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.properties.campaigns.keeping import ExampleCollector
    from conformance.properties.campaigns.trial import Key, Trial
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.properties.judging.effects import View
    from conformance.run.time_budget import TimeSlice
    from conformance.wire.checking.recorder import Aside

# How often a campaign stops on its way to look what its writes did; each look costs a request per reader.
LOOKS = 5
# What was rejected is judged beside nothing that succeeded, so a look comes before the broken cases begin, after
# one of them succeeds, and after so many that are rejected.
FROM_VALID_TO_BROKEN = ("positive", "negative")
STRIDE = 16
# How many cases are tried one by one to find the one that did it.
SUSPECTS = 8


class Campaign:
    """Sends the cases of one operation, one after the other, and records what holds and what repeats.

    Args:
        trial: sends and judges one of them.
        time_slice: the time that there is.
        collector: keeps what was found for later runs.
    """

    def __init__(
        self, trial: Trial, *, time_slice: TimeSlice = UNBOUNDED, collector: ExampleCollector | None = None
    ) -> None:
        self.cut: int | None = None
        """After how many cases the time was over; None where it was not."""
        self._trial = trial
        self._wire = trial.wire
        self._operation = trial.operation
        self._time_slice = time_slice
        self._collector = collector
        self._culprits: dict[Key, Sent] = {}

    def run(self, cases: Iterable[GeneratedCase]) -> None:
        """Send all cases, look what they did, and confirm what failed; ends early where the route is missing."""
        first: dict[Key, int] = {}
        sent: list[Sent] = []
        with self._wire.recorder.aside() as seen:
            self._send_all(cases, sent, seen, first)
        confirmed = confirm(self._trial, sent, first, time_slice=self._time_slice) if first else {}
        self._wire.recorder.extend(settled(o, confirmed, first) for o in seen.observations)
        if self._collector is not None:
            sure = {key: index for key, index in first.items() if key[0] in confirmed}
            sure |= {key: sent.index(one) for key, one in self._culprits.items() if one in sent}
            failures = {key: (index, sent[index].case) for key, index in sure.items()}
            self._collector.consider(self._trial, failures, time_slice=self._time_slice)

    def _send_all(self, cases: Iterable[GeneratedCase], sent: list[Sent], seen: Aside, first: dict[Key, int]) -> None:
        # whoever has a time to keep may look as often as it lasts
        looks = LOOKS if self._time_slice.until is None else None
        before = self._trial.look()
        pending: list[Sent] = []
        without = Without(self._trial)
        for case in without.each(iter(cases)):
            if self._time_slice.sent():
                self.cut = len(sent)
                break
            if before is not None and looks != 0 and _due(pending, case):
                looks = None if looks is None else looks - 1
                before, pending = self._compare(before, pending), []
            done = self._trial.send(case)
            if done is None:
                continue
            if route_missing(done.exchange):
                return
            count_case(case, done.exchange, self._wire.recorder.statistics.generated)
            without.learn(case, done)
            sent.append(Sent(case, done.succeeded))
            for observation in seen.failures():
                if observation.rule not in LAWS:
                    first.setdefault(key_of(observation), len(sent) - 1)
            if before is not None:
                pending.append(sent[-1])
        if before is not None and pending:
            self._compare(before, pending)

    def _compare(self, before: View, pending: Sequence[Sent]) -> View | None:
        """Look again, and judge what the pending cases did."""
        after = self._trial.look()
        if after is None:
            return None
        succeeded = [s for s in pending if s.succeeded]
        if not succeeded:
            for reader, what in changed(before, after):
                self._find(pending, CHANGES_NOTHING, reader, what)
        harmed = list(broken(before, after))
        if harmed:
            # what broke a list is in the way of the search for it
            self._trial.world.restart()
        for reader in harmed:
            self._find(succeeded, KEEPS_READERS, reader, "")
        observe(self._wire, self._operation, KEEPS_READERS if succeeded else CHANGES_NOTHING, holds=True)
        return self._trial.look() if harmed else after

    def _find(self, suspects: Sequence[Sent], rule: str, reader: str, what: str) -> None:
        """Find the case that did it: send each alone in a fresh world, which confirms what shows."""
        for suspect in list(suspects)[:SUSPECTS]:
            if self._time_slice.over():
                break
            with self._wire.recorder.aside(), self._trial.world.scope():
                tried = self._trial.observed(suspect.case)
            if tried.before is None or tried.after is None or tried.answered is None:
                return
            write = tried.answered.exchange
            for broken_rule, where, difference in breaches(tried.before, tried.after, succeeded=write.succeeded):
                if (broken_rule, where) == (rule, reader):
                    self._culprits[self._trial.key_of(rule, reader, write, tried.after)] = suspect
                    blamed(self._wire, self._operation, rule, difference, write, tried.after.exchanges[reader])
                    return
        self._wire.recorder.observe(
            Observation(
                requirement=f"{self._operation.id}#{rule}",
                outcome=Outcome.FLAKY,
                operation=self._operation.id,
                rule=rule,
                message=f"{reader} showed it once ({what or 'it failed'}); no single {self._operation} repeats it.",
                signature=f"{reader} not repeated",
            )
        )


def _due(pending: Sequence[Sent], case: GeneratedCase) -> bool:
    """Return whether the readers are to be compared before the next case is sent."""
    if not pending:
        return False
    last = pending[-1]
    broken_one_succeeded = last.succeeded and last.case.mode == "negative"
    return broken_one_succeeded or len(pending) >= STRIDE or (last.case.mode, case.mode) == FROM_VALID_TO_BROKEN
