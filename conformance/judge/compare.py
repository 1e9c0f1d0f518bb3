"""Compares two runs, requirement by requirement. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.judge.findings.impact import BROKEN, impact_of, severity, worst
from conformance.judge.observation import Impact, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from conformance.judge.observation import Observation


class Change(StrEnum):
    """Kinds of change, the ones to look at first."""

    REGRESSED = "regressed"
    VANISHED = "vanished"
    UNMEASURED = "became-unmeasured"
    CHANGED = "fails-differently"
    NEW_FAILURE = "new-failure"
    FIXED = "fixed"
    NEW = "new"


RED = frozenset({Change.REGRESSED, Change.VANISHED, Change.UNMEASURED})
"""Changes that make a comparison fail, unless they are allowed by name."""

_ORDER = (Outcome.FAIL, Outcome.WARN, Outcome.UNSUPPORTED, Outcome.PASS)
_SILENT = frozenset({Outcome.BLOCKED, Outcome.NOT_MEASURED, Outcome.ERROR, Outcome.FLAKY, Outcome.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One requirement that came out otherwise.

    Attributes:
        requirement: its id.
        change: see :class:`Change`.
        before: outcome in the first run; None = it was not there.
        after: outcome in the second run; None = it was not there.
        message: what the second run says of it (the first, where it vanished).
        impact: who is hurt by it now, or was by what is fixed; None where nothing is or was broken.
    """

    requirement: str
    change: Change
    before: Outcome | None
    after: Outcome | None
    message: str
    impact: Impact | None = None


def standing(observations: Collection[Observation]) -> Outcome:
    """Return what several observations of one requirement amount to.

    What was measured counts; only where nothing was measured, that itself is the outcome. A failure is never
    hidden by a pass.
    """
    there = {o.outcome for o in observations}
    for outcome in _ORDER:
        if outcome in there:
            return outcome
    return min(there, key=lambda o: list(Outcome).index(o))


def by_requirement(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    """Observations, grouped."""
    groups: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        groups[o.requirement].append(o)
    return groups


def compare(before: Iterable[Observation], after: Iterable[Observation]) -> tuple[Difference, ...]:
    """All differences: the kinds to look at first come first, and of one kind who is hurt most."""
    old, new = by_requirement(before), by_requirement(after)
    found = []
    for requirement in sorted(set(old) | set(new)):
        was = standing(old[requirement]) if requirement in old else None
        now = standing(new[requirement]) if requirement in new else None
        change = _change(was, now, old.get(requirement, []), new.get(requirement, []))
        if change is not None:
            told = new.get(requirement) or old[requirement]
            message = next((o.message for o in told if o.outcome is (now or was) and o.message), "")
            impact = _impact(new.get(requirement, [])) or _impact(old.get(requirement, []))
            found.append(
                Difference(
                    requirement=requirement, change=change, before=was, after=now, message=message, impact=impact
                )
            )
    return tuple(sorted(found, key=_order))


def _impact(seen: Iterable[Observation]) -> Impact | None:
    """The worst that observations of one requirement show; None where nothing of it is broken."""
    broken = [impact_of(o) for o in seen if o.outcome in BROKEN]
    return worst(broken) if broken else None


def _order(difference: Difference) -> tuple[int, int, str]:
    hurt = len(Impact) if difference.impact is None else severity(difference.impact)
    return (list(Change).index(difference.change), hurt, difference.requirement)


def _change(  # noqa: PLR0911 - a table of cases reads best as one
    was: Outcome | None, now: Outcome | None, old: Collection[Observation], new: Collection[Observation]
) -> Change | None:
    if was is None:
        return Change.NEW_FAILURE if now is Outcome.FAIL else Change.NEW
    if now is None:
        return Change.VANISHED
    if now in _SILENT:
        return None if was in _SILENT else Change.UNMEASURED
    if was in _SILENT:
        return Change.NEW_FAILURE if now is Outcome.FAIL else Change.NEW
    if was is now:
        before = {o.signature for o in old if o.outcome is Outcome.FAIL}
        after = {o.signature for o in new if o.outcome is Outcome.FAIL}
        return Change.CHANGED if after - before else None
    if Outcome.UNSUPPORTED in (was, now):  # what is taken away is lost, what comes broken is no loss
        lost = now is Outcome.UNSUPPORTED
        return Change.REGRESSED if lost else Change.NEW_FAILURE if now is Outcome.FAIL else Change.FIXED
    return Change.REGRESSED if _ORDER.index(now) < _ORDER.index(was) else Change.FIXED
