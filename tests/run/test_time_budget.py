"""The time of a deep run: shared out, never exceeded, and what nobody needs is used by others."""

from __future__ import annotations

import pytest

from conformance.outcomes import NotMeasured
from conformance.run import time_budget
from conformance.run.time_budget import CLEANING, TimeBudget


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time_budget, "time", made)
    return made


def paced(budget: float | None, *, workers: int = 1, costs: dict[str, float] | None = None) -> TimeBudget:
    made = TimeBudget(budget, 1000.0)
    made.share_out({"long": 2.0, "short": 1.0}, ["bounded"], costs or {}, workers=workers)
    return made


def test_what_the_other_tests_leave_is_shared_by_weight(clock: Clock) -> None:
    made = paced(100, costs={"bounded": 38.0})
    assert made.shares == pytest.approx({"long": 40.0, "short": 20.0})
    assert paced(100, workers=2, costs={"bounded": 46.0}).shares == pytest.approx({"long": 100.0, "short": 50.0})
    assert clock.now == 1000


def test_a_test_stops_sending_before_its_time_is_over(clock: Clock) -> None:
    time_slice = paced(98 / (1 - CLEANING), costs={"bounded": 38.0}).begin("long")
    assert not time_slice.sent()
    clock.now += 29
    assert time_slice.sent()
    assert not time_slice.over(), "what was found has to be confirmed"
    clock.now += 12
    assert time_slice.over()


def test_time_that_was_left_is_for_those_that_follow(clock: Clock) -> None:
    made = paced(100, costs={"bounded": 38.0})
    time_slice = made.begin("long")
    clock.now += 10
    made.end(time_slice)
    following = made.begin("short")
    assert following.until == pytest.approx(clock.now + 40), "twice its share, and no more"
    made.end(following)


def test_nothing_goes_on_after_the_end(clock: Clock) -> None:
    made = paced(100)
    made.check()
    clock.now += 97
    assert made.begin("long").until == pytest.approx(1098)
    clock.now += 1
    with pytest.raises(NotMeasured, match="100 s, --time-budget"):
        made.check()
    assert made.begin("long").sent()


def test_where_there_is_no_time_open_ended_tests_send_nothing(clock: Clock) -> None:
    made = paced(100, costs={"bounded": 1000.0})
    assert made.begin("long").sent()
    assert clock.now == 1000


def test_without_a_budget_nothing_is_cut(clock: Clock) -> None:
    made = paced(None)
    time_slice = made.begin("long")
    clock.now += 10**6
    assert (time_slice.sent(), time_slice.over(), made.deadline) == (False, False, None)
    made.check()
    made.end(time_slice)


def test_a_bounded_test_is_not_cut(clock: Clock) -> None:
    time_slice = paced(100).begin("bounded")
    clock.now += 50
    assert not time_slice.sent()
