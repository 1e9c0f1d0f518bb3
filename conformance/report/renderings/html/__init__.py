"""Static pages that open from disk: the report of one run; the matrix of several is in ``report.matrix``."""

from conformance.report.renderings.html.page import LEVELS, SIGNS, page, visible
from conformance.report.renderings.html.report import render_html

__all__ = ["LEVELS", "SIGNS", "page", "render_html", "visible"]
