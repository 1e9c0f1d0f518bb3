"""Boxes that were drawn, read back from an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.scenarios.checks import show_each
from conformance.scenarios.exports.drawn.figures import READ, WITHIN, Drawn, all_near, rounded
from conformance.scenarios.readers import Unreadable

if TYPE_CHECKING:
    from conformance.scenarios.exports.drawn.figures import Found
    from conformance.showing import Show
    from conformance.wire import Exchange


def read(answer: Exchange, name: str, boxes: list[Drawn]) -> Found:
    """Bounds by label; nothing where the export can't be read."""
    try:
        return READ[name](answer.content, {box.label: box.size for box in boxes}) if answer.ok else {}
    except Unreadable:
        return {}


def show_boxes(requirement: str, show: Show, answer: Exchange, name: str, boxes: list[Drawn]) -> None:
    """Show that each box is found where it was drawn, once."""
    found = read(answer, name, boxes)
    cases = {box.label: ([rounded(box.bounds())], [rounded(one) for one in found.get(box.label, [])]) for box in boxes}
    show_each(requirement, show, answer, cases, about=name, agree=all_near(WITHIN[name]))
