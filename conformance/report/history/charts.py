"""Small line charts as inline SVG: the page needs no script and no library to show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, EDGE = 320, 84, 6


def line_chart(values: Sequence[float | None], labels: Sequence[str], *, unit: str = "") -> Markup:
    """A line over the nights, from zero to its highest value; a gap where a night has none.

    Args:
        values: one for each night.
        labels: what to call each night.
        unit: behind each value.
    """
    known = [v for v in values if v is not None]
    top = max([*known, 0]) or 1
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    points = [
        None if v is None else (EDGE + i * step, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * v / top)
        for i, v in enumerate(values)
    ]
    paths = "".join(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in run)}"/>' for run in _runs(points))
    dots = "".join(
        f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.6"><title>{_told(label, value, unit)}</title></circle>'
        for point, label, value in zip(points, labels, values, strict=True)
        if point is not None and value is not None
    )
    told = _told("last", known[-1], unit) if known else "nothing measured"
    return Markup(  # noqa: S704 - numbers, and labels that are escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">'
        f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{HEIGHT - EDGE}" y2="{HEIGHT - EDGE}"/>{paths}{dots}</svg>'
    )


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return what hangs together between two gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _told(label: str, value: float, unit: str) -> str:
    figure = f"{value:,.1f}".removesuffix(".0")
    return f"{escape(label)}: {figure}{f' {unit}' if unit else ''}"
