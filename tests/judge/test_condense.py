"""What the wire noticed on the way is kept once; what a test is about, once per test."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.judge import Evidence, Observation, Outcome
from conformance.judge.findings.condense import condense


def evidence(curl: str) -> Evidence:
    return Evidence(request={}, response={"status": 500}, elapsed=0.1, request_id="r", curl=curl)


def seen(test: str, *, incidental: bool = True, curl: str = "curl a", count: int = 1) -> Observation:
    return Observation(
        requirement="tasks.get#status",
        outcome=Outcome.FAIL,
        operation="tasks.get",
        signature="HTTP 299",
        test=test,
        incidental=incidental,
        count=count,
        evidence=evidence(curl),
    )


def test_what_many_tests_notice_is_kept_once_with_its_smallest_reproduction() -> None:
    (kept,) = condense([seen("t1", curl="curl long"), seen("t2", curl="curl", count=3), seen("t3", curl="curl longer")])
    assert (kept.test, kept.count) == ("t2", 5)


def test_what_a_test_is_about_stays_with_it_and_stands_for_what_others_noticed() -> None:
    own = [seen("t1", incidental=False), seen("t2", incidental=False)]
    assert condense([seen("t3"), *own, seen("t0", count=2)]) == tuple(own)


def test_another_signature_is_another_observation() -> None:
    other = Observation(requirement="tasks.get#status", outcome=Outcome.FAIL, signature="HTTP 201", incidental=True)
    assert len(condense([seen("t1"), other])) == 2


OBSERVATIONS = st.lists(
    st.builds(
        Observation,
        requirement=st.sampled_from(["a.get#status", "b.get#status"]),
        outcome=st.sampled_from([Outcome.PASS, Outcome.FAIL]),
        test=st.sampled_from(["t1", "t2", "t3"]),
        signature=st.sampled_from(["", "s1"]),
        incidental=st.booleans(),
        evidence=st.sampled_from([None, evidence("curl"), evidence("curl long")]),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(OBSERVATIONS, OBSERVATIONS)
def test_parts_condensed_are_the_whole_condensed(one: list[Observation], other: list[Observation]) -> None:
    whole = condense([*one, *other])
    parts = condense([*condense(one), *condense(other)])

    def told(observations: tuple[Observation, ...]) -> list[tuple[Any, ...]]:
        return sorted((*o.key, o.test, o.count, o.incidental) for o in observations)

    assert told(parts) == told(whole)
    assert {o.key for o in whole} == {o.key for o in [*one, *other]}
