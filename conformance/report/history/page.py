"""``history.html``: charts over the nights, a line for each, and a strip for each requirement that was broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from conformance.judge.findings.impact import HURTS
from conformance.judge.observation import Aspect
from conformance.report.figures import clock
from conformance.report.history.charts import line_chart
from conformance.report.history.night import in_order
from conformance.report.history.trends import Trend, courses
from conformance.report.renderings.html import page, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from conformance.report.catalogue import Catalogue
    from conformance.report.history.night import Night
    from conformance.report.history.trends import Course

_DAY = 10
"""Characters of a time that are its day."""
_MINUTE = 16


def render_history(nights: Iterable[Night], catalogue: Catalogue) -> str:
    """One static page over many results of one target, in the order of their times.

    Args:
        nights: at least one.
        catalogue: texts of operations and requirements.
    """
    ordered = in_order(nights)
    found = courses(ordered)
    counts = Counter(course.trend for course in found)
    return page(
        "history.html.j2",
        {
            "target": " and ".join(sorted({night.target for night in ordered})),
            "nights": [_line(night) for night in reversed(ordered)],
            "days": [_moment(night) for night in ordered],
            "charts": _charts(ordered),
            "trends": [(trend.value, counts[trend]) for trend in Trend if counts[trend]],
            "courses": [_row(course, ordered, catalogue) for course in found],
            "mixed": len({night.suite for night in ordered}) > 1,
        },
    )


def _charts(nights: Sequence[Night]) -> list[tuple[str, str, Markup]]:
    """Heading, last value, chart."""
    labels = [f"{_moment(night)}, {night.version}" for night in nights]
    series: list[tuple[str, str, list[float | None]]] = [
        ("broken, not accepted", "", [night.count("fail") for night in nights]),
        ("broken, accepted", "", [night.count("accepted") for night in nights]),
        ("held", "", [night.count("pass") for night in nights]),
        ("not measured, blocked, error", "", [night.count("not-measured", "blocked", "error") for night in nights]),
        *((aspect.value, "%", [night.shares.get(aspect.value) for night in nights]) for aspect in Aspect),
        ("requests", "", [night.requests for night in nights]),
        ("minutes", "", [night.seconds / 60 for night in nights]),
        ("median answer", "ms", [night.median for night in nights]),
        ("95th percentile", "ms", [night.slow for night in nights]),
    ]
    return [
        (heading, _figure(values[-1], unit), line_chart(values, labels, unit=unit)) for heading, unit, values in series
    ]


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"  # noqa: RUF001 - a dash as wide as a figure
    return f"{value:,.1f}".removesuffix(".0") + (f" {unit}" if unit else "")


def _line(night: Night) -> dict[str, Any]:
    return {
        "when": _moment(night),
        "run": night.run_id,
        "version": night.version,
        "depth": night.depth,
        "suite": night.suite,
        "state": night.state,
        "reason": visible(night.reason, 240),
        "level": night.level,
        "broken": night.count("fail"),
        "accepted": night.count("accepted"),
        "held": night.count("pass"),
        "took": clock(night.seconds),
        "requests": night.requests,
    }


def _row(course: Course, nights: Sequence[Night], catalogue: Catalogue) -> dict[str, Any]:
    told = course.told
    return {
        "id": course.requirement,
        "statement": catalogue.statement(course.requirement),
        "operation": told.operation,
        "trend": course.trend.value,
        "since": nights[course.since].when[:_DAY],
        "version": nights[course.since].version,
        "turns": course.turns,
        "impact": told.impact.value if told.impact else "",
        "hurts": told.impact in HURTS,
        "message": visible(told.message, 300),
        "cells": [
            {
                "state": cell.state if cell else "",
                "told": f"{_moment(night)}, {night.version}: {cell.state if cell else 'not asked'}",
            }
            for night, cell in zip(nights, course.cells, strict=True)
        ],
    }


def _moment(night: Night) -> str:
    return night.when[:_MINUTE].replace("T", " ")
