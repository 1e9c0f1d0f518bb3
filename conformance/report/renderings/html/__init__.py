"""Renders static pages that open from disk: the report of one run, and what other pages share with it."""

from conformance.report.renderings.html.page import LEVELS, SIGNS, page, visible
from conformance.report.renderings.html.report import render_html

__all__ = ["LEVELS", "SIGNS", "page", "render_html", "visible"]
