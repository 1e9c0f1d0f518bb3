"""Computes features from observations, and the level of a profile from features. Pure.

A level tells the truth, accepted deviations or not: acceptance keeps a gate green, it makes no server better. Beside it
stands the level that the target would have if what was accepted were no fault.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from conformance.judge.claims.aspects import Level, judge_aspects, lowest, shares
from conformance.judge.observation import Outcome, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from conformance.judge.claims.aspects import AspectVerdict, Share
    from conformance.judge.claims.basis import Basis
    from conformance.judge.claims.profiles import Feature, Profile, Profiles
    from conformance.judge.observation import Aspect, Observation


class FeatureState(StrEnum):
    """What a run says of a feature."""

    HOLDS = "holds"
    BROKEN = "broken"
    INCOMPLETE = "incomplete"
    UNSUPPORTED = "unsupported"
    NOT_MEASURED = "not-measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureVerdict:
    """One feature after a run.

    Attributes:
        feature: its name.
        state: see :class:`FeatureState`.
        musts: how many requirements need a positive observation.
        shown: how many of them have one.
        broken: ids of the *musts* that were seen broken.
        missing: ids of the musts without a positive observation (broken ones included).
        shares: what it holds in each aspect.
    """

    feature: str
    state: FeatureState
    musts: int
    shown: int
    broken: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    shares: Mapping[Aspect, Share] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; of what is missing only the number (ids follow from the observations)."""
        return {
            "state": self.state.value,
            "musts": self.musts,
            "shown": self.shown,
            "broken": list(self.broken),
            "missing": len(self.missing),
            "aspects": {aspect.value: share.to_json() for aspect, share in self.shares.items() if share.present},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileVerdict:
    """One profile after a run.

    Attributes:
        profile: its name.
        level: the lowest of its aspects.
        allowing: the level if accepted deviations, and what they block, were no fault; never below ``level``.
        measured: False where the run shows too little to say more: then the levels are lower bounds only.
        reason: one sentence.
        aspects: the level in each aspect that something of the profile is about.
    """

    profile: str
    level: Level
    allowing: Level
    measured: bool
    reason: str
    aspects: Mapping[Aspect, AspectVerdict] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "level": self.level.value,
            "allowing": self.allowing.value,
            "measured": self.measured,
            "reason": self.reason,
            "aspects": {aspect.value: verdict.to_json() for aspect, verdict in self.aspects.items()},
        }


def judge_features(
    observations: Iterable[Observation], profiles: Profiles, *, excused: Collection[str] = ()
) -> dict[str, FeatureVerdict]:
    """The state of every feature, by name.

    Args:
        observations: of the run.
        profiles: what the features ask for.
        excused: ids of requirements, and of operations, that need no positive observation.
    """
    seen = tuple(observations)
    index = profiles.index()
    of: dict[str, list[Observation]] = defaultdict(list)
    for observation in seen:
        name = index.of(observation)
        if name is not None:
            of[name].append(observation)
    held = shares(seen, profiles, excused=excused)
    return {
        name: replace(_judge_feature(feature, of[name], excused), shares=held[name])
        for name, feature in profiles.features.items()
    }


def _judge_feature(feature: Feature, seen: Sequence[Observation], excused: Collection[str]) -> FeatureVerdict:
    positive = {o.requirement for o in seen if o.outcome is Outcome.PASS}
    broken = {o.requirement for o in seen if o.outcome is Outcome.FAIL and o.verb is Verb.MUST}
    absent = {o.operation or o.requirement for o in seen if o.outcome is Outcome.UNSUPPORTED and o.verb is Verb.MUST}
    shown = (feature.musts & positive) - broken
    missing = {m for m in feature.musts - shown if not {m, m.partition("#")[0]} & set(excused)}
    offered = {o.operation or o.requirement for o in seen if o.outcome is Outcome.PASS} - absent
    if broken:
        state = FeatureState.BROKEN
    elif absent:
        state = FeatureState.INCOMPLETE if offered else FeatureState.UNSUPPORTED
    elif missing or not positive:
        state = FeatureState.NOT_MEASURED
    else:
        state = FeatureState.HOLDS
    return FeatureVerdict(
        feature=feature.name,
        state=state,
        musts=len(feature.musts),
        shown=len(shown),
        broken=tuple(sorted(broken)),
        missing=tuple(sorted(missing)),
    )


def judge_profile(
    profile: Profile,
    features: Mapping[str, FeatureVerdict],
    allowing: Mapping[str, FeatureVerdict],
    *,
    gap: str | None,
) -> ProfileVerdict:
    """The levels of one profile.

    Args:
        profile: the claim.
        features: verdicts of :func:`judge_features`.
        allowing: the same without what was accepted.
        gap: why the run as a whole is not complete; None where it is.
    """
    unknown = [name for name in profile.core if features[name].state is FeatureState.NOT_MEASURED]
    aspects = judge_aspects(
        profile,
        {name: dict(verdict.shares) for name, verdict in features.items()},
        {name: dict(verdict.shares) for name, verdict in allowing.items()},
    )
    return ProfileVerdict(
        profile=profile.name,
        level=lowest(verdict.level for verdict in aspects.values()),
        allowing=lowest(verdict.allowing for verdict in aspects.values()),
        measured=gap is None and not unknown,
        reason=gap or _why(aspects),
        aspects=aspects,
    )


def _why(aspects: Mapping[Aspect, AspectVerdict]) -> str:
    """The sentence of the first aspect that is short of full."""
    for aspect, verdict in aspects.items():
        if verdict.level is not Level.FULL:
            return f"{aspect.value.capitalize()}: {verdict.reason[0].lower()}{verdict.reason[1:]}"
    return "Everything that was asked holds." if aspects else "Nothing was asked."


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A feature of which the owner, the target's own schema and the observations say different things.

    Attributes:
        feature: its name.
        says: one sentence.
        binding: whether a claim of the owner is not kept, which is a deviation.
    """

    feature: str
    says: str
    binding: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"feature": self.feature, "says": self.says, "binding": self.binding}


def _has_operations(basis: Basis, name: str) -> bool:
    """Return whether a schema can say anything of a feature: some are behaviour only."""
    return name in basis.profiles.features and bool(basis.profiles.features[name].operations)


def disagreements(basis: Basis, features: Mapping[str, FeatureVerdict]) -> tuple[Disagreement, ...]:
    """Declared, announced and observed features side by side; only where they differ."""
    found = [
        Disagreement(feature=name, says=f"Declared, but there is no feature {name}.")
        for name in sorted(basis.declared - set(features))
    ]
    for name, verdict in sorted(features.items()):
        there = verdict.state in {FeatureState.HOLDS, FeatureState.BROKEN, FeatureState.INCOMPLETE}
        absent = verdict.state in {FeatureState.UNSUPPORTED, FeatureState.INCOMPLETE}
        if name in basis.declared and absent:
            found.append(
                Disagreement(feature=name, says=f"Declared, but observed as {verdict.state.value}.", binding=True)
            )
        elif basis.announced is not None and name in basis.announced and absent:
            says = f"Announced by the target's own schema, but observed as {verdict.state.value}."
            found.append(Disagreement(feature=name, says=says))
        elif basis.declared and there and name not in basis.declared:
            found.append(Disagreement(feature=name, says="Observed, but not declared."))
        elif basis.announced is not None and there and name not in basis.announced and _has_operations(basis, name):
            found.append(Disagreement(feature=name, says="Observed, but not in the target's own schema."))
    return tuple(found)
