"""A badge: the JSON that shields.io's endpoint reads, and an SVG that needs nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from conformance.report.figures import headline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.report.document import Report

LABEL = "Label Studio API"
_COLOURS = {"full": "#1a7f45", "core": "#5a8f1a", "partial": "#b7791f", "none": "#b3261e", "": "#6b7280"}
_GLYPH = 6.6  # mean width of a character at 11 px in the fonts that are asked for
_PAD = 10


def message(report: Report) -> tuple[str, str]:
    """Return what the badge says, and its colour: the levels of the claimed profile, where they were measured."""
    verdict = report.end.verdict
    if report.header.plan.shard:
        return f"part {report.header.plan.shard}", _COLOURS[""]
    profile = verdict["profiles"].get(report.basis.profile)
    if verdict["state"] == "not-measured" or (profile and not profile["measured"]):
        return "not measured", _COLOURS[""]
    if profile:
        return f"{report.basis.profile}: {headline(profile)}", _COLOURS[_shown(profile)]
    good = verdict["state"] == "conformant"
    return ("conformant", _COLOURS["full"]) if good else ("deviations", _COLOURS["none"])


def _shown(profile: Mapping[str, Any]) -> str:
    """The level that gives the colour: what a correct client gets, which is what a reader of a badge asks."""
    return str(profile.get("aspects", {}).get("interoperable", profile)["level"])


def render_badge_json(report: Report) -> str:
    """Return what the endpoint badge of shields.io reads."""
    text, colour = message(report)
    return json.dumps({"schemaVersion": 1, "label": LABEL, "message": text, "color": colour}) + "\n"


def render_badge_svg(report: Report) -> str:
    """An SVG with a title for screen readers."""
    text, colour = message(report)
    left, right = len(LABEL) * _GLYPH + _PAD, len(text) * _GLYPH + _PAD
    width = left + right
    title = escape(f"{LABEL}: {text}", {'"': "&quot;"})
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="20" role="img" '
        f'aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{width:.0f}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left:.0f}" height="20" fill="#454d59"/>'
        f'<rect x="{left:.0f}" width="{right:.0f}" height="20" fill="{colour}"/></g>'
        f'<g {font}><text x="{left / 2:.0f}" y="14">{escape(LABEL)}</text>'
        f'<text x="{left + right / 2:.0f}" y="14">{escape(text)}</text></g></svg>\n'
    )
