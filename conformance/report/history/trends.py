"""Computes how requirements fared over the nights: broken since, fixed since, or flickering. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.judge.findings.impact import severity
from conformance.judge.observation import Impact, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.history.night import Cell, Night

FLICKERS = 3
"""So many turns between held and broken are no mending and no regression any more."""


class Trend(StrEnum):
    """What became of a requirement that was broken in some night."""

    BROKEN = "broken"
    FLICKERS = "flickers"
    MENDED = "mended"
    LOST = "not measured any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One requirement over all nights.

    Attributes:
        requirement: its id.
        trend: what became of it.
        since: index of the night since when it is so.
        turns: how often it went from held to broken or back.
        cells: one for each night; None where it was not asked.
    """

    requirement: str
    trend: Trend
    since: int
    turns: int
    cells: tuple[Cell | None, ...]

    @property
    def told(self) -> Cell:
        """The last night in which it was broken."""
        return next(cell for cell in reversed(self.cells) if cell is not None and _is_broken(cell) is True)


def courses(nights: Sequence[Night]) -> list[Course]:
    """Requirements that were broken in at least one night without being accepted, the ones to look at first.

    Args:
        nights: in their order.
    """
    found = []
    for requirement in sorted({r for night in nights for r, cell in night.cells.items() if _is_broken(cell)}):
        cells = tuple(night.cells.get(requirement) for night in nights)
        found.append(_course(requirement, cells))
    return sorted(found, key=_order)


def _course(requirement: str, cells: tuple[Cell | None, ...]) -> Course:
    measured = [(i, state) for i, cell in enumerate(cells) if (state := _is_broken(cell)) is not None]
    turns = sum(a[1] != b[1] for a, b in itertools.pairwise(measured))
    last, broken = measured[-1]
    since = next((b[0] for a, b in reversed(list(itertools.pairwise(measured))) if a[1] != b[1]), measured[0][0])
    if last < len(cells) - 1:
        trend, since = Trend.LOST, last + 1
    elif turns >= FLICKERS:
        trend = Trend.FLICKERS
    else:
        trend = Trend.BROKEN if broken else Trend.MENDED
    return Course(requirement=requirement, trend=trend, since=since, turns=turns, cells=cells)


def _is_broken(cell: Cell | None) -> bool | None:
    """Return whether it is; None where it was not measured."""
    if cell is None or cell.outcome not in {Outcome.PASS, Outcome.WARN, Outcome.FAIL}:
        return None
    return cell.outcome is Outcome.FAIL and not cell.accepted


def _order(course: Course) -> tuple[int, int, int, str]:
    impact = course.told.impact
    hurt = len(Impact) if impact is None else severity(impact)
    return (list(Trend).index(course.trend), hurt, -course.since, course.requirement)
