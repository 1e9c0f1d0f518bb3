"""Finds the result files of many nights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.report.document.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "conformance.json"


class NoResults(ReportError):
    """A folder holds no result."""

    code = "no-results"
    advice = "Name a folder that holds the report folders of runs."


def results_in(places: Iterable[Path]) -> list[Path]:
    """Each file that is named, and each ``conformance.json`` in a folder that is.

    Raises:
        NoResults: a folder holds none.
    """
    found: list[Path] = []
    for place in places:
        if not place.is_dir():
            found.append(place)
            continue
        inside = sorted(place.rglob(NAME))
        if not inside:
            raise NoResults(place, f"there is no {NAME} in it.")
        found += inside
    return found
