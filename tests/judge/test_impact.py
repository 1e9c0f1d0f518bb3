"""Who is hurt: by what is stated, and by what was seen."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judge.findings.impact import assess, impact_of, worst
from conformance.judge.observation import Aspect, Evidence, Impact, Observation, Outcome


def seen(rule: str = "behaviour", *, method: str = "GET", status: int = 200, **more: Any) -> Observation:
    evidence = Evidence(
        request={"method": method, "url": "/", "headers": [], "body": ""},
        response={"status": status, "headers": [], "body": ""},
        elapsed=0.0,
        request_id="r",
        curl="curl /",
    )
    return Observation(requirement="x", outcome=Outcome.FAIL, rule=rule, evidence=evidence, **more)


@pytest.mark.parametrize(
    ("aspect", "impact"),
    [
        (Aspect.INTEROPERABLE, Impact.WRONG_ANSWER),
        (Aspect.STRICT, Impact.CONTRACT_ONLY),
        (Aspect.ROBUST, Impact.WRONG_ANSWER),
        (Aspect.SECURE, Impact.OPEN_DOOR),
    ],
)
def test_without_a_word_it_follows_from_the_aspect(aspect: Aspect, impact: Impact) -> None:
    assert assess(seen(aspect=aspect)) is impact
    assert assess(Observation(requirement="x", outcome=Outcome.FAIL, aspect=aspect)) is impact


def test_what_is_stated_holds() -> None:
    assert assess(seen(), stated=Impact.DATA_LOSS) is Impact.DATA_LOSS
    assert assess(seen("response-schema"), stated=Impact.CONTRACT_ONLY) is Impact.CONTRACT_ONLY


def test_a_valid_object_that_cannot_be_read_is_an_outage() -> None:
    assert assess(seen(status=500)) is Impact.OUTAGE
    assert assess(seen(status=500), stated=Impact.CONTRACT_ONLY) is Impact.OUTAGE
    assert assess(seen(status=500), stated=Impact.DATA_LOSS) is Impact.DATA_LOSS, "which is worse"
    assert assess(seen(status=500, method="POST")) is Impact.WRONG_ANSWER


def test_a_5xx_to_hostile_input_harms_nobody_by_itself() -> None:
    assert assess(seen("no-server-error", status=500, aspect=Aspect.ROBUST)) is Impact.HYGIENE
    assert assess(seen("no-server-error", status=500), stated=Impact.OUTAGE) is Impact.OUTAGE
    assert assess(seen("refuses-body", method="POST", aspect=Aspect.STRICT)) is Impact.CONTRACT_ONLY


def test_the_worst_comes_first() -> None:
    assert worst([Impact.HYGIENE, Impact.OUTAGE, Impact.CONTRACT_ONLY]) is Impact.OUTAGE
    assert worst(Impact) is Impact.DATA_LOSS


def test_an_observation_keeps_aspect_and_impact_as_json() -> None:
    whole = seen(aspect=Aspect.SECURE, impact=Impact.OPEN_DOOR)
    assert Observation.from_json(whole.to_json()) == whole
    usual = seen()
    assert "aspect" not in usual.to_json()
    assert "impact" not in usual.to_json()
    assert impact_of(usual) is Impact.WRONG_ANSWER
    assert impact_of(whole) is Impact.OPEN_DOOR
