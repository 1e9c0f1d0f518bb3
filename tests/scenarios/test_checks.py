"""Checks that go through cases name the wrong ones, and show nothing where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from conformance.outcomes import NotMeasured
from conformance.scenarios.checks import show_each

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
