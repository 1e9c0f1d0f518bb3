"""Computes the verdict from the observations of a run. Pure: anyone can recompute it from a report.

The rules, in the order in which they are asked:

1. Red (exit 1), however incomplete the run was: a broken *must* that nobody accepted, in a feature of the
   claimed profile, of a declared feature, or of no feature at all; an ``unsupported`` *must* of a core or
   declared feature that nobody accepted; with ``strict``, an accepted deviation that needs a person.
   Broken features that the target does not claim are counted apart.
2. Not measured (exit 7), so never green: nothing was executed; nothing passed; tests were left out by hand; a
   planned test has no result; observations that a test made are not there; a failed test explains itself by
   none; something is blocked and no failure says by what; a *must* of a core feature has no positive
   observation, and no accepted deviation excuses it (the evidence floor); a claimed *must* was to be shown and
   was not, because its test ended in an error or did not ask.
3. Conformant (exit 0) otherwise. ``warn`` (a broken *should*), ``flaky`` and ``refused`` are counted and shown;
   they never make red by themselves, and as they show nothing, no evidence floor is reached through them.
   Trouble of our own that prevents a measurement ends in 7; exit 3 is for a suite that broke down.

A shard (``--shard 3/8``) is judged by what it was to do; only the merged run is measured against the floor.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from conformance.judge.claims.aspects import WORKS
from conformance.judge.claims.basis import Basis
from conformance.judge.claims.levels import disagreements, judge_features, judge_profile
from conformance.judge.deviations import acceptance, stale
from conformance.judge.findings.causes import roots
from conformance.judge.findings.wording import some
from conformance.judge.observation import GUARD, Outcome, Verb
from conformance.judge.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from conformance.judge.claims.levels import Disagreement, FeatureVerdict, ProfileVerdict
    from conformance.judge.deviations import Stale
    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult

EXECUTED = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.UNSUPPORTED, Outcome.FLAKY})
"""Outcomes for which the target was really asked and answered."""


class State(StrEnum):
    """The three ends of a run that came to its end."""

    CONFORMANT = "conformant"
    DEVIATIONS = "deviations"
    NOT_MEASURED = "not-measured"


EXIT_CODES = {State.CONFORMANT: 0, State.DEVIATIONS: 1, State.NOT_MEASURED: 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run says of its target.

    Attributes:
        state: see :class:`State`.
        reason: one sentence why.
        counts: outcome -> number of observations.
        broken: number of requirements that are broken and accepted by nobody.
        accepted: number of requirements whose failure was accepted.
        unclaimed: number of requirements that are broken in features that the target does not claim.
        unshown: ids of the claimed *musts* that the run was to show, and did not for reasons that are not the target's.
        profiles: level of each profile, by name.
        features: state of each feature, by name.
        stale: accepted deviations that need a person.
        disagreements: features of which declaration, schema and observations say different things.
    """

    state: State
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    broken: int = 0
    accepted: int = 0
    unclaimed: int = 0
    unshown: tuple[str, ...] = ()
    profiles: Mapping[str, ProfileVerdict] = field(default_factory=dict)
    features: Mapping[str, FeatureVerdict] = field(default_factory=dict)
    stale: tuple[Stale, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 conformant, 1 deviations, 7 not measured."""
        return EXIT_CODES[self.state]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "state": self.state.value,
            "exit_code": self.exit_code,
            "reason": self.reason,
            "counts": dict(sorted(self.counts.items())),
            "broken": self.broken,
            "accepted": self.accepted,
            "unclaimed": self.unclaimed,
            "unshown": list(self.unshown),
            "profiles": {name: p.to_json() for name, p in self.profiles.items()},
            "features": {name: f.to_json() for name, f in sorted(self.features.items())},
            "stale": [str(s) for s in self.stale],
            "disagreements": [d.to_json() for d in self.disagreements],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """Deviations by what they mean for the verdict: ids of requirements."""

    red: tuple[str, ...]
    accepted: frozenset[str]
    unclaimed: frozenset[str]


def judge(
    observations: Iterable[Observation],
    *,
    results: Sequence[NodeResult] = (),
    plan: Plan | None = None,
    basis: Basis | None = None,
) -> Verdict:
    """Judge a run.

    Args:
        observations: all that the run learned.
        results: what pytest said of each test, each with its tally.
        plan: what the run set out to do; without one nothing can be missed.
        basis: profiles, accepted deviations, claims; without one only the observations themselves count.

    Returns:
        The verdict, independent of the order of all arguments.

    Raises:
        KeyError: the basis names a profile that it does not have.
    """
    seen = tuple(observations)
    plan = plan or Plan()
    basis = basis or Basis()
    gap = _gap(seen, results, plan)
    features = judge_features(seen, basis.profiles)
    sorted_ = _sort(seen, basis)
    allowing = _allowing(seen, basis, sorted_)
    differ = disagreements(basis, features)
    unshown = _unshown(seen, plan, basis)
    alone = _left_alone(seen)
    gap = gap or _floor(plan, basis, allowing, alone=alone) or _told_unshown(unshown)
    old = stale(seen, basis.deviations, day=basis.day, whole=gap is None and plan.shard is None)
    state, reason = _state(seen, plan, basis, sorted_, old, gap, alone=alone)
    return Verdict(
        state=state,
        reason=reason,
        counts=Counter(o.outcome.value for o in seen),
        broken=len(sorted_.red),
        accepted=len(sorted_.accepted),
        unclaimed=len(sorted_.unclaimed),
        unshown=unshown,
        profiles={
            p.name: judge_profile(p, features, allowing, gap=_part(plan) or _gap(seen, results, plan))
            for p in basis.profiles.profiles.values()
        },
        features=features,
        stale=old,
        disagreements=differ,
    )


def _state(
    seen: Sequence[Observation],
    plan: Plan,
    basis: Basis,
    sorted_: _Sorted,
    old: Sequence[Stale],
    gap: str | None,
    *,
    alone: Collection[str],
) -> tuple[State, str]:
    if sorted_.red:
        n = len(sorted_.red)
        named = some(sorted_.red, 2)
        accepted = f" {len(sorted_.accepted)} others are broken, and accepted." if sorted_.accepted else ""
        return State.DEVIATIONS, f"{n} requirement{'s' * (n != 1)} broken that nobody accepted: {named}.{accepted}"
    if old and basis.strict:
        return State.DEVIATIONS, f"{len(old)} accepted deviations need a person, first: {old[0]}."
    if gap:
        return State.NOT_MEASURED, gap
    passed = len({o.requirement for o in seen if o.outcome is Outcome.PASS})
    notes = [f"{len(sorted_.accepted)} deviations accepted"] if sorted_.accepted else ["none broken"]
    if sorted_.unclaimed:
        notes.append(f"{len(sorted_.unclaimed)} broken in features that are not claimed")
    if alone:
        notes.append(f"{len(alone)} left alone, as others may use the target")
    part = _part(plan)
    return State.CONFORMANT, f"{passed} requirements shown, {', '.join(notes)}." + (f" {part}" if part else "")


def _part(plan: Plan) -> str | None:
    return f"This is part {plan.shard}: merge all parts for a verdict." if plan.shard else None


def is_deviation(observation: Observation) -> bool:
    """Return whether the observation shows a broken *must*."""
    return observation.outcome is Outcome.FAIL and observation.verb is Verb.MUST


def _sort(seen: Iterable[Observation], basis: Basis) -> _Sorted:
    kinds: dict[str, set[str]] = {"red": set(), "accepted": set(), "unclaimed": set(), "": set()}
    kind_of = _kinds(basis)
    for o in seen:
        kinds[kind_of(o)].add(o.requirement)
    bad = kinds["red"]
    return _Sorted(
        red=tuple(sorted(bad)),
        accepted=frozenset(kinds["accepted"] - bad),
        unclaimed=frozenset(kinds["unclaimed"] - bad),
    )


def red(observations: Iterable[Observation], basis: Basis) -> tuple[Observation, ...]:
    """The observations that make a run red, in the order in which they come."""
    kind_of = _kinds(basis)
    return tuple(o for o in observations if kind_of(o) == "red")


def _kinds(basis: Basis) -> Callable[[Observation], str]:
    """A function that says an observation's kind: ``red``, ``accepted``, ``unclaimed`` or nothing of these."""
    index = basis.profiles.index()
    profile = basis.profiles.profiles[basis.profile] if basis.profile else None
    claimed = _claimed(basis)
    needed = (set(profile.core) if profile else set()) | basis.declared

    def kind(o: Observation) -> str:
        absent = o.outcome is Outcome.UNSUPPORTED and o.verb is Verb.MUST
        if not (absent or is_deviation(o)):
            return ""
        if acceptance(o, basis.deviations):
            return "accepted"
        feature = index.of(o)
        if absent:
            return "red" if feature in needed else ""
        return "red" if feature is None or feature in claimed else "unclaimed"

    return kind


def _claimed(basis: Basis) -> frozenset[str]:
    """The features that the target claims; without a profile all."""
    profile = basis.profiles.profiles[basis.profile] if basis.profile else None
    return frozenset(profile.features if profile else basis.profiles.features) | basis.declared


def _gap(seen: Collection[Observation], results: Sequence[NodeResult], plan: Plan) -> str | None:
    """Why the run cannot count as measured, in one sentence; None where it can."""
    if not any(o.outcome in EXECUTED for o in seen):
        return "Nothing was executed: no check got an answer from the target."
    if not any(o.outcome is Outcome.PASS for o in seen):
        return "Nothing passed: there is no positive evidence for any requirement."
    if plan.deselected:
        return f"{plan.deselected} tests were left out by hand: a selection shows nothing of the whole."
    missing = set(plan.tests) - {result.id for result in results}
    if missing:
        return f"The run is not complete: {len(missing)} of {len(set(plan.tests))} planned tests have no result."
    return _lost(seen, results) or _unexplained_block(seen)


def _lost(seen: Collection[Observation], results: Sequence[NodeResult]) -> str | None:
    """Return whether observations that a test made are not there (any more), or were never made."""
    there: dict[str, Counter[str]] = {}
    for o in seen:
        there.setdefault(o.test, Counter())[o.outcome.value] += 1
    for result in sorted(results, key=lambda r: r.id):
        have = there.get(result.id, Counter())
        if Counter(result.tally) != have:
            return f"Observations of the test {result.id} are not the ones that it made."
        if result.outcome in {"failed", "error"} and not set(have) - {Outcome.PASS.value}:
            return f"The test {result.id} {result.outcome} without an observation that says why."
    return None


def _unexplained_block(seen: Collection[Observation]) -> str | None:
    """Return whether something is blocked while what blocks it is nowhere seen to fail."""
    explained = roots(seen)
    for o in sorted(seen, key=lambda o: (o.requirement, o.test, o.blocked_by or "")):
        if o.outcome is Outcome.BLOCKED and o.requirement not in explained:
            by = o.blocked_by or "something unnamed"
            return (
                f"For a reason of the suite's own {o.requirement} was not shown: "
                f"what it prepares is blocked by {by}, of which no failure was seen."
            )
    return None


def _unshown(seen: Sequence[Observation], plan: Plan, basis: Basis) -> tuple[str, ...]:
    """The claimed musts that were to be shown and were not: a test of theirs ended in an error, or none asked.

    What the wire alone noticed (one answer of many that did not come) counts only where nothing else was seen.
    """
    claimed = _claimed(basis)
    index = basis.profiles.index()
    shown = {o.requirement for o in seen if o.outcome in EXECUTED}
    there = {o.requirement for o in seen}
    lost = {
        o.requirement
        for o in seen
        if o.outcome is Outcome.ERROR
        and o.verb is Verb.MUST
        and not (o.incidental and o.requirement in shown)
        and index.of(o) in {None, *claimed}
    }
    return tuple(sorted(lost | (set(plan.requirements) - there)))


def _told_unshown(unshown: Sequence[str]) -> str | None:
    if not unshown:
        return None
    n = len(unshown)
    were = "requirement could have been shown and was" if n == 1 else "requirements could have been shown and were"
    return f"{n} {were} not: {some(unshown, 3)}."


def _allowing(seen: Sequence[Observation], basis: Basis, sorted_: _Sorted) -> Mapping[str, FeatureVerdict]:
    """The features as they would be if accepted deviations, and what is blocked by them, were no fault."""
    accepted = {id(o) for o in seen if acceptance(o, basis.deviations)}
    behind = {requirement for requirement, root in roots(seen).items() if root in sorted_.accepted}
    gone = {o.operation for o in seen if o.outcome is Outcome.UNSUPPORTED and id(o) in accepted if o.operation}
    others = [o for o in seen if id(o) not in accepted]
    return judge_features(others, basis.profiles, excused=sorted_.accepted | behind | gone)


def _left_alone(seen: Iterable[Observation]) -> frozenset[str]:
    """The requirements that the run may not ask of a target that others use, and did not ask."""
    outcomes: dict[str, set[Outcome]] = defaultdict(set)
    for o in seen:
        if o.rule != GUARD:  # a request that was held back, not what it was to show
            outcomes[o.requirement].add(o.outcome)
    return frozenset(r for r, found in outcomes.items() if Outcome.REFUSED in found and not found & set(EXECUTED))


def _floor(plan: Plan, basis: Basis, allowing: Mapping[str, FeatureVerdict], *, alone: Collection[str]) -> str | None:
    """Return whether a *must* of a core feature has no positive observation, and nothing excuses it.

    An accepted deviation does; so does that it was left alone, where most of the feature was shown.
    """
    if not basis.profile or plan.shard:
        return None
    for name in basis.profiles.profiles[basis.profile].core:
        missing, musts = allowing[name].missing, allowing[name].musts
        if set(missing) <= set(alone) and musts - len(missing) >= WORKS * musts:
            continue
        if missing:
            first = next((m for m in missing if m not in alone), missing[0])
            return (
                f"The core feature {name} was not measured: {len(missing)} of its {musts} "
                f"requirements have no positive observation, first {first}."
            )
    return None
