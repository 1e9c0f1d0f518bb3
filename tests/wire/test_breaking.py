"""What must not be sent twice and breaks off: the server's doing, or the network's."""

from __future__ import annotations

import random

import pytest

from conformance.wire.sending.breaking import BreakOffs, at_least

OPERATIONS = ("projects.create", "tasks.create", "annotations.create", "projects.update")


def quiet(amount: int = 200) -> BreakOffs:
    """Somebody who saw all else go well."""
    counts = BreakOffs()
    for _ in range(amount):
        counts.came("tasks.list", "")
    return counts


def test_probabilities_are_those_of_coins() -> None:
    assert at_least(0, 3, 0.5) == 1
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(3, 3, 0.5) == pytest.approx(0.125)
    assert at_least(500, 9000, 0.01) == pytest.approx(0, abs=1e-9)


def test_the_first_time_tells_nothing() -> None:
    assert not quiet().broke("projects.create", "")


def test_where_all_else_goes_well_twice_is_the_servers_doing() -> None:
    counts = quiet()
    assert [counts.broke("projects.create", "") for _ in range(2)] == [False, True]


def test_where_little_else_was_seen_it_takes_more() -> None:
    counts = quiet(3)
    assert [counts.broke("projects.create", "") for _ in range(6)].index(True) > 2


def test_another_deed_is_another_request() -> None:
    counts = quiet()
    assert [counts.broke("projects.create", deed) for deed in ("", "a body without an end")] == [False, False]
    assert counts.broke("projects.create", "a body without an end")


def test_one_in_ten_is_the_servers_doing_where_nothing_else_breaks_off() -> None:
    counts, blamed = quiet(1000), []
    for n in range(1, 41):
        if n % 10:
            counts.came("projects.create", "")
        else:
            blamed.append(counts.broke("projects.create", ""))
    assert blamed[-1]


@pytest.mark.parametrize("share", [0.01, 0.04, 0.2])
def test_a_network_that_breaks_everything_alike_is_no_server(share: float) -> None:
    blamed = 0
    for seed in range(20):
        dice, counts = random.Random(seed), BreakOffs()
        for _ in range(2000):
            operation = dice.choice(OPERATIONS)
            if dice.random() < share:
                blamed += counts.broke(operation, "")
            else:
                counts.came(operation, "")
    assert blamed <= 1, "in 40,000 requests"
