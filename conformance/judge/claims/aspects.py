"""Computes the level of a profile in each aspect. Pure.

A feature *works* in an aspect where nothing broken hurts who uses it (``judge.impact``) and three quarters of what is
to be asked were seen to hold. It is *whole* where everything was.

=========  ============================================================
full       every feature of the profile is whole
core       every core feature works
partial    at least half of the core features work
none       fewer
=========  ============================================================

Beside the level stand the figures: how many of the *musts* that were asked hold. They tell apart what one level joins.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from conformance.judge.findings.impact import HURTS, impact_of
from conformance.judge.findings.wording import some
from conformance.judge.observation import Aspect, Outcome, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from conformance.judge.claims.profiles import Feature, Profile, Profiles
    from conformance.judge.observation import Observation

WORKS: Final = 0.75
"""The least share of what is asked that holds in a feature that works."""
HALF: Final = 0.5
"""The least share of the core features that work where a profile is there in part."""
_NAMED = 3
# Asked of the target, and not answered as it must: what was not measured at all says nothing of it.
_NOT_HELD = frozenset({Outcome.FAIL, Outcome.BLOCKED, Outcome.UNSUPPORTED, Outcome.FLAKY})


class Level(StrEnum):
    """How much of a profile a target was shown to have; in rising order."""

    NONE = "none"
    PARTIAL = "partial"
    CORE = "core"
    FULL = "full"

    @property
    def rank(self) -> int:
        """0 for none to 3 for full."""
        return list(Level).index(self)


def lowest(levels: Iterable[Level]) -> Level:
    """The lowest of several; none of nothing."""
    return min(levels, key=lambda level: level.rank, default=Level.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one feature holds in one aspect.

    Attributes:
        asked: *musts* that the target was asked for and answered, well or not.
        held: those of them that hold.
        unmeasured: *musts* of the evidence floor that nobody could look at.
        hurting: ids of the broken ones that hurt somebody.
    """

    asked: int = 0
    held: int = 0
    unmeasured: int = 0
    hurting: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether the feature has anything of the aspect."""
        return self.asked + self.unmeasured > 0

    @property
    def works(self) -> bool:
        """Whether somebody can rely on the feature."""
        return not self.hurting and self.held >= WORKS * (self.asked + self.unmeasured)

    @property
    def whole(self) -> bool:
        """Whether everything holds."""
        return not self.unmeasured and self.held == self.asked

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "asked": self.asked,
            "held": self.held,
            "unmeasured": self.unmeasured,
            "hurting": list(self.hurting),
            "works": self.works,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectVerdict:
    """One aspect of one profile after a run.

    Attributes:
        level: none < partial < core < full.
        allowing: the level if accepted deviations, and what they block, were no fault; never below ``level``.
        asked: *musts* that were asked for, over all features of the profile.
        held: those of them that hold.
        unmeasured: *musts* that nobody could look at.
        reason: one sentence.
    """

    level: Level
    allowing: Level
    asked: int
    held: int
    unmeasured: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "level": self.level.value,
            "allowing": self.allowing.value,
            "asked": self.asked,
            "held": self.held,
            "unmeasured": self.unmeasured,
            "reason": self.reason,
        }


Shares = dict[str, dict[Aspect, Share]]


def shares(observations: Iterable[Observation], profiles: Profiles, *, excused: Collection[str] = ()) -> Shares:
    """Return what every feature holds in every aspect, by name of the feature.

    Args:
        observations: of the run.
        profiles: what the features ask for.
        excused: ids of requirements, and of operations, that nothing is asked of.
    """
    index = profiles.index()
    of: dict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        name = index.of(observation)
        if name is not None and observation.verb is Verb.MUST:
            of[name].append(observation)
    return {name: _feature(feature, of[name], set(excused)) for name, feature in profiles.features.items()}


def _feature(feature: Feature, seen: Sequence[Observation], excused: Collection[str]) -> dict[Aspect, Share]:
    aspects = {m: aspect for aspect, musts in feature.aspects.items() for m in musts}
    outcomes: dict[str, set[Outcome]] = {m: set() for m in feature.musts}
    hurting: set[str] = set()
    for o in seen:
        aspects.setdefault(o.requirement, o.aspect)
        outcomes.setdefault(o.requirement, set()).add(o.outcome)
        if o.outcome is Outcome.FAIL and impact_of(o) in HURTS:
            hurting.add(o.requirement)
    gone = {o.operation for o in seen if o.outcome is Outcome.UNSUPPORTED and o.operation}
    counts: dict[Aspect, list[str]] = defaultdict(list)
    held: dict[Aspect, int] = defaultdict(int)
    unmeasured: dict[Aspect, int] = defaultdict(int)
    for requirement, there in outcomes.items():
        operation = requirement.partition("#")[0]
        if {requirement, operation} & set(excused):
            continue
        aspect = aspects.get(requirement, Aspect.INTEROPERABLE)
        good = Outcome.PASS in there and Outcome.FAIL not in there
        if good or there & _NOT_HELD or operation in gone:
            counts[aspect].append(requirement)
            held[aspect] += good
        elif requirement in feature.musts:
            unmeasured[aspect] += 1
    return {
        aspect: Share(
            asked=len(counts[aspect]),
            held=held[aspect],
            unmeasured=unmeasured[aspect],
            hurting=tuple(sorted(hurting & set(counts[aspect]))),
        )
        for aspect in Aspect
    }


def judge_aspects(profile: Profile, found: Shares, allowing: Shares) -> dict[Aspect, AspectVerdict]:
    """The levels of one profile; an aspect that nothing of it is about has none.

    Args:
        profile: the claim.
        found: of :func:`shares`.
        allowing: the same without what was accepted.
    """
    verdicts = {}
    for aspect in Aspect:
        every = {name: found[name][aspect] for name in profile.features if found[name][aspect].present}
        if not every:
            continue
        level = _level(profile, found, aspect)
        verdicts[aspect] = AspectVerdict(
            level=level,
            allowing=max(level, _level(profile, allowing, aspect), key=lambda one: one.rank),
            asked=sum(share.asked for share in every.values()),
            held=sum(share.held for share in every.values()),
            unmeasured=sum(share.unmeasured for share in every.values()),
            reason=_why(level, {n: s for n, s in every.items() if n in profile.core}, every),
        )
    return verdicts


def _level(profile: Profile, found: Shares, aspect: Aspect) -> Level:
    every = [share for name in profile.features if (share := found[name][aspect]).present]
    core = [share for name in profile.core if (share := found[name][aspect]).present]
    if not any(share.held for share in core):
        return Level.NONE
    if all(share.whole for share in every):
        return Level.FULL
    working = sum(share.works for share in core)
    if working == len(core):
        return Level.CORE
    return Level.PARTIAL if working >= HALF * len(core) else Level.NONE


def _why(level: Level, core: Mapping[str, Share], every: Mapping[str, Share]) -> str:
    if level is Level.FULL:
        return f"Everything that was asked of {len(every)} features holds."
    if level is Level.CORE:
        short = [n for n, share in every.items() if not share.whole]
        return (
            f"All {len(core)} core features work; short of full: {some([_short(n, every[n]) for n in short], _NAMED)}."
        )
    short = [n for n, share in core.items() if not share.works]
    working = len(core) - len(short)
    return f"{working} of {len(core)} core features work; short: {some([_short(n, core[n]) for n in short], _NAMED)}."


def _short(name: str, share: Share) -> str:
    """Return what is wrong with a feature, in brackets: the first that hurts, or how much holds."""
    if share.hurting:
        return f"{name} ({some(share.hurting, 1)})"
    if share.unmeasured:
        return f"{name} ({share.unmeasured} not measured)"
    return f"{name} ({share.held} of {share.asked})"
