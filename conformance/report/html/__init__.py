"""Static pages that open from disk: the report of one run; the matrix of several is in ``report.matrix``."""

from conformance.report.html.page import LEVELS, SIGNS, page, visible
from conformance.report.html.report import render_html

__all__ = ["LEVELS", "SIGNS", "page", "render_html", "visible"]
