"""All forms of a result that are files beside ``conformance.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.report.catalogue import load_catalogue
from conformance.report.renderings.allure import FOLDER, write_allure
from conformance.report.renderings.badge import render_badge_json, render_badge_svg
from conformance.report.renderings.html import render_html
from conformance.report.renderings.junit import render_junit
from conformance.report.renderings.summary import render_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.report.document import Report

FORMS: Mapping[str, str] = {
    "html": "report.html",
    "markdown": "summary.md",
    "junit": "junit.xml",
    "badge-json": "badge.json",
    "badge-svg": "badge.svg",
    "allure": FOLDER,
}
"""Form -> file name; Allure's is a folder."""


def render(report: Report, form: str) -> str:
    """A result in one of the forms that are one file.

    Raises:
        KeyError: there is no such form.
    """
    catalogue = load_catalogue()
    match form:
        case "html":
            return render_html(report, catalogue)
        case "markdown":
            return render_summary(report, catalogue.areas_for(report.header.target.edition))
        case "junit":
            return render_junit(report)
        case "badge-json":
            return render_badge_json(report)
        case "badge-svg":
            return render_badge_svg(report)
    raise KeyError(form)


def write(report: Report, folder: Path, forms: Iterable[str] = FORMS) -> list[Path]:
    """Write forms of a result into a folder.

    Returns:
        The files, in the order of ``forms``.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in dict.fromkeys(forms):
        path = folder / FORMS[form]
        if form == "allure":
            written.append(write_allure(report, path, load_catalogue()))
            continue
        # what a server sent may hold surrogates, which have no bytes
        path.write_text(render(report, form), encoding="utf-8", errors="backslashreplace")
        written.append(path)
    return written
