"""Writes many hard values, reads once, and searches for the culprit only where something broke."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from conformance.contract.tables.requests.hard_values import hard_cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from conformance.contract.tables.requests.hard_values import HardCase, HardValues
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.hard.subject import Subject, Written
    from conformance.wire import Exchange
    from conformance.world import World

Pair = tuple["HardCase", str]
"""A case, and the text of it that is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A single write in a project where all worked, and the readers that fail since.

    Attributes:
        harmed: name of the reader → what it answers now.
    """

    written: Written
    case: HardCase
    harmed: dict[str, Exchange]


# Of what only its own list and its own read operation show, so many times fewer values are sent.
FEWER: Final = 3
ITSELF: Final = "the object itself"


class Search:
    """Writes, looks, and finds who is to blame.

    Args:
        subject: what is written to.
        world: gives each attempt a scope of its own.
        most: attempts at finding the culprit; what is not found by then is told as such.
        each_place: go on with a class of values that did harm at one place of the body already.
    """

    def __init__(self, subject: Subject, world: World, *, most: int, each_place: bool) -> None:
        self._subject = subject
        self._world = world
        self._left = most
        self._each_place = each_place
        self._known: set[str] = set()
        self._idle: set[str] = set()
        self.unexplained: set[str] = set()
        """Readers that broke after a batch, and nobody was found who did it alone."""

    def run(self, pairs: Sequence[Pair]) -> Iterator[Culprit]:
        """Write all of them, batch by batch."""
        for batch in self._batches(pairs):
            failed, taken, harmed = self._written(batch)
            if not harmed:
                if self._subject.one_object:
                    self._fresh()
                continue
            found: set[str] = set()
            for culprit in self._one_by_one(failed, harmed):
                found |= culprit.harmed.keys()
                yield culprit
            for culprit in self._by_halves(taken, harmed - found - self._idle):
                found |= culprit.harmed.keys()
                yield culprit
            self.unexplained |= harmed - found - self._idle
            self._fresh()

    def _fresh(self) -> None:
        """What was harmed must not be in the way of what comes next."""
        self._world.restart()
        self._subject.prepare()

    def _batches(self, pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
        """All at once; of what is written to one object, no field twice: the second would hide the first."""
        if not self._subject.one_object:
            yield list(pairs)
            return
        left = list(pairs)
        while left:
            batch: dict[object, Pair] = {}
            rest = []
            for pair in left:
                top = pair[0].steps[0]
                if top in batch:
                    rest.append(pair)
                else:
                    batch[top] = pair
            yield list(batch.values())
            left = rest

    def _written(self, batch: Iterable[Pair]) -> tuple[list[Pair], list[Pair], set[str]]:
        """Write a batch and look: what failed, what was taken, and the names of the readers that do not work."""
        failed: list[Pair] = []
        taken: list[Pair] = []
        harmed: set[str] = set()
        for pair in batch:
            written = self._subject.write(*pair)
            if written is None or written.exchange.rejected:
                continue
            hurt = self.hurts(written)
            harmed |= {ITSELF} if hurt else set()
            (failed if hurt or not written.exchange.succeeded else taken).append(pair)
        if failed or taken:
            harmed |= self._broken() - self._idle
        return failed, taken, harmed

    def hurts(self, written: Written) -> bool:
        """Return whether the object itself can't be read any more."""
        shown = self._subject.closely(written)
        return shown is not None and shown.server_error

    def _broken(self, only: Collection[str] | None = None) -> set[str]:
        return {n for n, e in self._subject.look(only).items() if not self._subject.works(n, e)}

    def _watched(self, harmed: set[str]) -> set[str]:
        """Two of the readers that broke, of different kinds: enough to see it break again; both work at present."""
        exports = sorted(n for n in harmed if n.startswith("export"))[:1]
        others = sorted(n for n in harmed - {ITSELF} if not n.startswith("export"))[:1]
        watched = {*exports, *others}
        broken = self._broken(watched) if watched else set()
        self._idle |= broken
        return watched - broken

    def _wanted(self, pair: Pair) -> bool:
        return self._left > 0 and (self._each_place or pair[0].what not in self._known)

    def _one_by_one(self, suspects: Sequence[Pair], harmed: set[str]) -> Iterator[Culprit]:
        """In a fresh project, until one does harm; then the others in another one."""
        watched: set[str] | None = None
        for pair in suspects:
            if not self._wanted(pair):
                continue
            if watched is None:
                self._left -= 1
                self._fresh()
                watched = self._watched(harmed)
            written = self._subject.write(*pair)
            if written is not None and (self.hurts(written) or (watched and self._broken(watched))):
                yield self._culprit(pair[0], written)
                watched = None

    def _by_halves(self, suspects: Sequence[Pair], harmed: set[str]) -> Iterator[Culprit]:
        """In a fresh project all of them; where that does no harm, none is looked at any further."""
        suspects = [pair for pair in suspects if self._wanted(pair)]
        if not suspects or not harmed:
            return
        self._left -= 1
        self._fresh()
        watched = self._watched(harmed)
        last: Written | None = None
        for pair in suspects:
            last = self._subject.write(*pair) or last
        if last is None or not self._broken(watched):
            return
        if len(suspects) == 1:
            yield self._culprit(suspects[0][0], last)
            return
        middle = len(suspects) // 2
        for half in (suspects[:middle], suspects[middle:]):
            yield from self._by_halves(half, harmed)

    def _culprit(self, case: HardCase, written: Written) -> Culprit:
        """All that it did."""
        self._known.add(case.what)
        shown = self._subject.closely(written)
        effects = {
            n: e for n, e in self._subject.look().items() if n not in self._idle and not self._subject.works(n, e)
        }
        if shown is not None and shown.server_error:
            effects[ITSELF] = shown
        return Culprit(written=written, case=case, harmed=effects)


def chosen(subject: Subject, known: HardValues, policy: DepthPolicy) -> list[Pair]:
    """What is sent: so many cases, and of each so many texts; a class at another place begins with its next text."""
    met: Counter[str] = Counter()
    pairs: list[Pair] = []
    for case in islice(hard_cases(subject.fields(), known), policy.hard if subject.wide else policy.hard // FEWER):
        turned = deque(case.texts)
        turned.rotate(-met[case.what])
        met[case.what] += 1
        pairs += [(case, text) for text in islice(turned, policy.hard_texts)]
    return pairs
