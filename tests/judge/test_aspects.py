"""Four aspects, each with a level of its own."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judge.claims.aspects import Level, Share
from conformance.judge.claims.basis import Basis
from conformance.judge.claims.profiles import Behaviour, Profiles, read_profiles
from conformance.judge.observation import Aspect, Impact, Observation, Outcome
from conformance.judge.verdict import Verdict, judge

PROFILES = read_profiles(
    {
        "floor": ["success", "no-server-error"],
        "features": {
            "tasks": {"about": "Tasks", "operations": ["tasks.*"]},
            "export": {"about": "Exports", "operations": ["export.*"]},
            "files": {"about": "Files", "operations": ["files.*"]},
        },
        "profiles": {"all": {"about": "All", "core": ["tasks", "export"], "further": ["files"]}},
    },
    operations=("tasks.get", "export.get", "files.get"),
    behaviours=[
        Behaviour(id="LS-KEY-001", binding=True, feature="tasks", operations=("tasks.get",), aspect=Aspect.SECURE)
    ],
    rules={"success": Aspect.INTEROPERABLE, "no-server-error": Aspect.ROBUST},
)


def see(requirement: str, outcome: Outcome = Outcome.PASS, **more: Any) -> Observation:
    operation, mark, rule = requirement.partition("#")
    about: dict[str, Any] = {"operation": operation, "rule": rule} if mark else {}
    return Observation(requirement=requirement, outcome=outcome, test="t", **about, **more)


def robust(operation: str, outcome: Outcome = Outcome.PASS, **more: Any) -> Observation:
    return see(f"{operation}#no-server-error", outcome, aspect=Aspect.ROBUST, **more)


OPERATIONS = ("tasks.get", "export.get", "files.get")
KEY = see("LS-KEY-001", aspect=Aspect.SECURE)
GOOD = [*(see(f"{o}#success") for o in OPERATIONS), *(robust(o) for o in OPERATIONS), KEY]


def judged(*more: Observation, seen: list[Observation] = GOOD) -> Verdict:
    return judge([*seen, *more], basis=Basis(profiles=PROFILES, profile="all"))


def levels(*more: Observation, seen: list[Observation] = GOOD) -> dict[str, Level]:
    return {aspect.value: v.level for aspect, v in judged(*more, seen=seen).profiles["all"].aspects.items()}


def test_an_aspect_that_nothing_is_about_has_no_level() -> None:
    assert levels() == {"interoperable": Level.FULL, "robust": Level.FULL, "secure": Level.FULL}


def test_a_server_that_breaks_on_hostile_input_is_no_less_interoperable() -> None:
    found = levels(robust("tasks.get", Outcome.FAIL, impact=Impact.HYGIENE))
    assert (found["interoperable"], found["robust"]) == (Level.FULL, Level.PARTIAL)


def test_what_hurts_nobody_keeps_a_feature_from_whole_but_it_works() -> None:
    detail = see("tasks.get#response-schema", Outcome.FAIL, impact=Impact.CONTRACT_ONLY)
    others = [see(f"tasks.get#{rule}") for rule in ("status", "offered", "safe")]
    assert levels(detail, *others)["interoperable"] is Level.CORE
    assert (
        levels(detail, *others, see("tasks.get#safe", Outcome.FAIL, impact=Impact.WRONG_ANSWER))["interoperable"]
        is Level.PARTIAL
    )


def test_less_than_three_quarters_do_not_work() -> None:
    detail = see("tasks.get#response-schema", Outcome.FAIL, impact=Impact.CONTRACT_ONLY)
    assert levels(detail)["interoperable"] is Level.PARTIAL


def test_a_level_of_a_profile_is_that_of_its_lowest_aspect() -> None:
    verdict = judged(see("LS-KEY-001", Outcome.FAIL, aspect=Aspect.SECURE, impact=Impact.OPEN_DOOR))
    assert verdict.profiles["all"].aspects[Aspect.SECURE].level is Level.NONE
    assert verdict.profiles["all"].level is Level.NONE
    assert verdict.profiles["all"].aspects[Aspect.INTEROPERABLE].level is Level.FULL


def test_what_nobody_measured_is_not_held_against_the_target_in_the_figures() -> None:
    seen = [o for o in GOOD if o.requirement != "files.get#success"]
    aspect = judged(seen=seen).profiles["all"].aspects[Aspect.INTEROPERABLE]
    assert (aspect.asked, aspect.held, aspect.unmeasured) == (2, 2, 1)
    assert aspect.level is Level.CORE, "but full it is not"


def test_what_is_not_offered_is_not_held() -> None:
    gone = see("files.get#offered", Outcome.UNSUPPORTED)
    seen = [o for o in GOOD if o.operation != "files.get"]
    aspect = judged(gone, seen=seen).profiles["all"].aspects[Aspect.INTEROPERABLE]
    assert (aspect.asked, aspect.held, aspect.unmeasured, aspect.level) == (4, 2, 0, Level.CORE)


@pytest.mark.parametrize(
    ("share", "works", "whole"),
    [
        (Share(asked=4, held=4), True, True),
        (Share(asked=4, held=3), True, False),
        (Share(asked=4, held=2), False, False),
        (Share(asked=4, held=3, hurting=("a",)), False, False),
        (Share(asked=3, held=3, unmeasured=1), True, False),
        (Share(asked=1, held=1, unmeasured=1), False, False),
    ],
)
def test_what_works_and_what_is_whole(share: Share, works: bool, whole: bool) -> None:
    assert (share.works, share.whole) == (works, whole)


def test_profiles_keep_their_aspects_as_json() -> None:
    assert Profiles.from_json(PROFILES.to_json()) == PROFILES
