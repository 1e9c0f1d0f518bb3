"""Checks that go through cases name the wrong ones, and show nothing where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from conformance.outcomes import NotMeasured
from conformance.scenarios.checks import show_each, show_none

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire.exchanges.exchange import Exchange


class Shown:
    """Takes down what is shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool, dict[str, Any]]] = []

    def __call__(self, requirement: str, holds: bool, **more: Any) -> bool:
        self.seen.append((requirement, holds, more))
        return holds

    def equal(self, requirement: str, *, expected: object, got: object, **more: Any) -> bool:
        return self(requirement, expected == got, expected=expected, got=got, **more)

    def not_measured(self, reason: str) -> NoReturn:
        raise NotMeasured(reason)


EXCHANGE = cast("Exchange", None)


def test_the_cases_that_are_wrong_are_named() -> None:
    shown = Shown()
    cases: dict[str, tuple[object, object]] = {"right": (1, 1), "wrong": (1, 2)}
    assert not show_each("LS-X-001", cast("Show", shown), EXCHANGE, cases, about="CSV")
    ((requirement, holds, more),) = shown.seen
    assert (requirement, holds, more["signature"]) == ("LS-X-001", False, "CSV: wrong")
    assert (more["expected"], more["got"]) == ({"wrong": 1}, {"wrong": 2})


def test_no_case_shows_nothing() -> None:
    shown = Shown()
    with pytest.raises(NotMeasured, match="nothing was there to compare"):
        show_each("LS-X-001", cast("Show", shown), EXCHANGE, {}, about="CSV")
    assert shown.seen == []


def test_what_is_wrong_among_others_is_named() -> None:
    shown = Shown()
    assert show_none("LS-X-001", cast("Show", shown), EXCHANGE, [], among={1, 2})
    assert not show_none("LS-X-001", cast("Show", shown), EXCHANGE, [2], among={1, 2}, signature="two")
    right, wrong = shown.seen
    assert (right[1], wrong[1], wrong[2]["got"], wrong[2]["signature"]) == (True, False, [2], "two")


def test_nothing_wrong_among_nothing_shows_nothing() -> None:
    shown = Shown()
    with pytest.raises(NotMeasured, match="nothing was there to look at"):
        show_none("LS-X-001", cast("Show", shown), EXCHANGE, [], among=())
    assert shown.seen == []
