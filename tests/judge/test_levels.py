from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml

from conformance.contract import SPEC, Edition, load_contract
from conformance.judge.claims.aspects import Level
from conformance.judge.claims.basis import Basis
from conformance.judge.claims.levels import FeatureState
from conformance.judge.claims.profiles import Behaviour, ProfileError, Profiles, read_profiles
from conformance.judge.deviations import Deviation
from conformance.judge.observation import Observation, Outcome, Verb
from conformance.judge.plan import Plan
from conformance.judge.verdict import State, judge
from conformance.report.inputs import load_basis, load_profiles

DATA: dict[str, Any] = {
    "floor": ["success"],
    "features": {
        "projects": {"about": "Projects", "operations": ["projects.*"]},
        "storage.s3": {"about": "S3", "operations": ["s3.*"]},
        "export.csv": {"about": "CSV"},
    },
    "profiles": {
        "small": {"about": "Small", "core": ["projects"]},
        "large": {"about": "Large", "includes": "small", "further": ["storage.s3", "export.csv"]},
    },
}
OPERATIONS = ("projects.create", "projects.get", "s3.create", "s3.sync")
BEHAVIOURS = (Behaviour(id="LS-EXPORT-001", binding=True, feature="export.csv", operations=("projects.get",)),)
PROFILES = read_profiles(DATA, operations=OPERATIONS, behaviours=BEHAVIOURS)


def basis(profile: str = "large", profiles: Profiles = PROFILES, **changes: Any) -> Basis:
    return replace(Basis(profiles=profiles, profile=profile), **changes)


def see(requirement: str, outcome: Outcome = Outcome.PASS, **changes: Any) -> Observation:
    operation, mark, rule = requirement.partition("#")
    values = {"operation": operation, "rule": rule, **changes} if mark else changes
    return Observation(requirement=requirement, outcome=outcome, test="t", **values)


ALL = [*(see(f"{operation}#success") for operation in OPERATIONS), see("LS-EXPORT-001")]


def test_full_core_partial_none() -> None:
    assert judge(ALL, basis=basis()).profiles["large"].level is Level.FULL
    no_s3 = [*ALL[:2], see("s3.create#success", Outcome.FAIL), *ALL[3:]]
    verdict = judge(no_s3, basis=basis())
    assert verdict.profiles["large"].level is Level.CORE
    assert verdict.profiles["small"].level is Level.FULL
    assert "storage.s3 (s3.create#success)" in verdict.profiles["large"].reason
    bad_core = [*ALL, see("projects.get#status", Outcome.FAIL)]
    assert judge(bad_core, basis=basis()).profiles["large"].level is Level.NONE
    assert Level.NONE.rank < Level.PARTIAL.rank < Level.CORE.rank < Level.FULL.rank


def test_a_must_that_passed_here_and_failed_there_is_not_shown() -> None:
    both = [*ALL, see("projects.get#success", Outcome.FAIL)]
    feature = judge(both, basis=basis()).features["projects"]
    assert (feature.shown, feature.musts, feature.missing) == (1, 2, ("projects.get#success",))


def test_two_core_features_with_one_held_are_partial() -> None:
    data = {**DATA, "profiles": {"both": {"about": "", "core": ["projects", "storage.s3"]}}}
    profiles = read_profiles(data, operations=OPERATIONS)
    bad = [*ALL, see("s3.sync#status", Outcome.FAIL)]
    assert judge(bad, basis=basis("both", profiles)).profiles["both"].level is Level.PARTIAL


def test_the_evidence_floor_of_the_core_has_to_be_reached() -> None:
    verdict = judge([o for o in ALL if o.operation != "projects.get"], basis=basis())
    assert verdict.state is State.NOT_MEASURED
    assert "projects.get#success" in verdict.reason
    assert not verdict.profiles["large"].measured
    further_only = judge([o for o in ALL if o.operation != "s3.sync"], basis=basis())
    assert further_only.state is State.CONFORMANT
    assert further_only.features["storage.s3"].state is FeatureState.NOT_MEASURED
    assert further_only.profiles["large"].level is Level.CORE


@pytest.mark.parametrize("outcome", [Outcome.FLAKY, Outcome.ERROR, Outcome.REFUSED, Outcome.NOT_MEASURED, Outcome.WARN])
def test_nothing_but_a_pass_reaches_the_floor(outcome: Outcome) -> None:
    seen = [see("projects.get#success", outcome), *ALL[:1], *ALL[2:]]
    assert judge(seen, basis=basis()).state is State.NOT_MEASURED


def test_what_others_may_be_hurt_by_is_left_alone_and_no_gap_while_most_is_shown() -> None:
    profiles = read_profiles(
        {**DATA, "profiles": {"all": {"about": "", "core": ["projects", "storage.s3"]}}},
        operations=("projects.create", "projects.get", "projects.list", "projects.update", "s3.create"),
    )
    shown = ["projects.create#success", "projects.get#success", "projects.list#success", "s3.create#success"]
    alone = [*map(see, shown), see("projects.update#success", Outcome.REFUSED)]
    verdict = judge(alone, basis=basis("all", profiles))
    assert verdict.state is State.CONFORMANT
    assert "1 left alone, as others may use the target" in verdict.reason
    held_back = judge([*alone, see("projects.list#guard", Outcome.REFUSED)], basis=basis("all", profiles))
    assert "1 left alone" in held_back.reason, "a request that was held back is no requirement"
    more = [*alone[:2], see("projects.list#success", Outcome.REFUSED), *alone[3:]]
    assert judge(more, basis=basis("all", profiles)).state is State.NOT_MEASURED
    missed = [*alone[:-1], see("projects.update#success", Outcome.NOT_MEASURED)]
    assert judge(missed, basis=basis("all", profiles)).state is State.NOT_MEASURED


def test_a_feature_left_out_is_not_red_unless_it_is_core_or_declared() -> None:
    absent = [
        *ALL[:2],
        see("s3.create#offered", Outcome.UNSUPPORTED),
        see("s3.sync#offered", Outcome.UNSUPPORTED),
    ]
    verdict = judge(absent, basis=basis())
    assert verdict.state is State.CONFORMANT
    assert verdict.features["storage.s3"].state is FeatureState.UNSUPPORTED
    declared = judge(absent, basis=basis(declared=frozenset({"storage.s3"})))
    assert declared.state is State.DEVIATIONS
    assert [d.feature for d in declared.disagreements if d.binding] == ["storage.s3"]
    no_core = [see("projects.create#offered", Outcome.UNSUPPORTED), *ALL[1:]]
    assert judge(no_core, basis=basis()).state is State.DEVIATIONS


def test_a_feature_offered_in_part_is_incomplete() -> None:
    half = [*ALL[:3], see("s3.sync#offered", Outcome.UNSUPPORTED), ALL[4]]
    assert judge(half, basis=basis()).features["storage.s3"].state is FeatureState.INCOMPLETE


def test_failures_outside_of_the_claim_are_counted_apart() -> None:
    bad = [*ALL, see("s3.sync#status", Outcome.FAIL)]
    small = judge(bad, basis=basis("small"))
    assert (small.state, small.unclaimed) == (State.CONFORMANT, 1)
    assert judge(bad, basis=basis("large")).state is State.DEVIATIONS
    unknown = [*ALL, see("LS-NEW-001", Outcome.FAIL)]
    assert judge(unknown, basis=basis("small")).state is State.DEVIATIONS


def test_declared_announced_and_observed_are_compared() -> None:
    verdict = judge(
        ALL,
        basis=basis(declared=frozenset({"projects", "export.pdf"}), announced=frozenset({"projects", "storage.s3"})),
    )
    said = {d.feature: d.says for d in verdict.disagreements}
    assert "no feature export.pdf" in said["export.pdf"]
    assert said["storage.s3"] == "Observed, but not declared."
    assert "projects" not in said
    gone = [*ALL[:2], see("s3.create#offered", Outcome.UNSUPPORTED), ALL[4]]
    verdict = judge(gone, basis=basis(announced=frozenset({"projects", "storage.s3"})))
    assert "Announced" in {d.feature: d.says for d in verdict.disagreements}["storage.s3"]


def test_a_schema_says_nothing_of_features_that_are_behaviour_only() -> None:
    verdict = judge(ALL, basis=basis(announced=frozenset({"projects"})))
    assert [(d.feature, d.says) for d in verdict.disagreements] == [
        ("storage.s3", "Observed, but not in the target's own schema.")
    ]


def test_a_shard_is_not_held_against_the_floor_but_its_level_is_not_measured() -> None:
    verdict = judge(ALL[:1], plan=Plan(shard="1/2"), basis=basis())
    assert verdict.state is State.CONFORMANT
    assert not verdict.profiles["large"].measured


ENTRY = Deviation(
    requirement="projects.get#status",
    rule="",
    operations=frozenset(),
    signature="HTTP 500",
    reason="Known.",
    expires=date(2026, 6, 1),
)
BROKEN = see("projects.get#status", Outcome.FAIL, signature="HTTP 500")


def test_an_accepted_failure_is_green_but_raises_no_level() -> None:
    verdict = judge([*ALL, BROKEN], basis=basis(deviations=(ENTRY,)))
    assert (verdict.state, verdict.accepted) == (State.CONFORMANT, 1)
    assert verdict.profiles["small"].level is Level.NONE
    assert verdict.profiles["small"].allowing is Level.FULL, "and yet it is said what it would be without"
    assert verdict.profiles["large"].allowing is Level.FULL
    assert judge([*ALL, BROKEN], basis=basis()).profiles["small"].allowing is Level.NONE, "nobody accepted it"
    other = replace(BROKEN, signature="HTTP 502")
    assert judge([*ALL, other], basis=basis(deviations=(ENTRY,))).state is State.DEVIATIONS
    assert judge([*ALL, BROKEN, other], basis=basis(deviations=(ENTRY,))).state is State.DEVIATIONS


def test_a_run_that_measured_too_little_says_nothing_of_entries_that_match_nothing() -> None:
    assert judge(ALL, basis=basis(deviations=(ENTRY,))).stale
    assert not judge(ALL[2:], basis=basis(deviations=(ENTRY,))).stale


def test_an_accepted_failure_excuses_the_floor_for_itself_and_what_it_blocks() -> None:
    entry = replace(ENTRY, requirement="projects.create#success")
    failed = see("projects.create#success", Outcome.FAIL, signature="HTTP 500")
    blocked = see("projects.get#success", Outcome.BLOCKED, blocked_by="projects.create#success")
    verdict = judge([failed, blocked, *ALL[2:]], basis=basis(deviations=(entry,)))
    assert verdict.state is State.CONFORMANT
    assert verdict.profiles["small"].allowing is Level.NONE, "nothing positive is left of it"
    assert judge([failed, *ALL[2:]], basis=basis(deviations=(entry,))).state is State.NOT_MEASURED


def test_an_accepted_absence_excuses_the_floor() -> None:
    entry = replace(ENTRY, requirement="projects.get#offered", outcome=Outcome.UNSUPPORTED, signature="HTTP 404")
    gone = see("projects.get#offered", Outcome.UNSUPPORTED, signature="HTTP 404")
    seen = [ALL[0], gone, *ALL[2:]]
    assert judge(seen, basis=basis(deviations=(entry,))).state is State.CONFORMANT
    assert judge(seen, basis=basis()).state is State.DEVIATIONS


def test_entries_that_need_a_person_are_reported_and_red_if_strict() -> None:
    cases = {
        "unexpected pass": [*ALL, see("projects.get#status")],
        "matches nothing": ALL,
        "expired": [*ALL, BROKEN],
    }
    for problem, seen in cases.items():
        rules = basis(deviations=(ENTRY,), day=date(2026, 7, 1) if problem == "expired" else date(2026, 5, 1))
        verdict = judge(seen, basis=rules)
        assert [s.problem for s in verdict.stale] == [problem]
        assert verdict.state is State.CONFORMANT
        assert judge(seen, basis=replace(rules, strict=True)).state is State.DEVIATIONS


def test_a_broken_should_needs_no_acceptance() -> None:
    soft = see("projects.get#status", Outcome.FAIL, verb=Verb.SHOULD)
    assert judge([*ALL, soft], basis=basis()).state is State.CONFORMANT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown: colour"),
        ({"features": {**DATA["features"], "x": {"about": "X", "operations": ["x.y"]}}}, "no operation x.y"),
        ({"features": {**DATA["features"], "x": {"about": "X", "operations": ["s3.*"]}}}, "in two features"),
        ({"features": {**DATA["features"], "x": {"operations": []}}}, "`about`"),
        ({"features": {"projects": DATA["features"]["projects"]}}, "no feature has the operation s3.create"),
        ({"profiles": {"p": {"core": ["nope"]}}}, "there is no feature nope"),
        ({"profiles": {"p": {"further": ["projects"]}}}, "has no core"),
        ({"profiles": {"p": {"core": ["projects", "projects"]}}}, "twice"),
        ({"profiles": {"p": {"includes": "q", "core": ["projects"]}}}, "does not stand before"),
    ],
)
def test_contradictions_in_profiles_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        read_profiles({**DATA, **change}, operations=OPERATIONS)


def test_shipped_profiles_keep_the_editions_apart_and_claim_every_operation() -> None:
    profiles = load_profiles()
    owner = {o: f.name for f in profiles.features.values() for o in f.operations}
    for operation in load_contract():
        assert owner[operation.id].startswith("enterprise.") == (operation.edition is Edition.ENTERPRISE)
    claimed = set(profiles.profiles["enterprise"].features)
    assert claimed == set(profiles.features)
    assert set(profiles.profiles["community-core"].features) < set(profiles.profiles["community"].features)
    assert list(yaml.safe_load((SPEC / "profiles.yaml").read_text())) == ["floor", "features", "profiles"]


def test_a_basis_survives_a_round_trip_and_unknown_profiles_are_named() -> None:
    made = load_basis(edition="community", day=date(2026, 5, 1))
    assert Basis.from_json(made.to_json()) == made
    assert made.profile == "community"
    with pytest.raises(ProfileError, match="community-core"):
        load_basis(edition="community", profile="nope")
