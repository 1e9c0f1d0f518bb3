"""Renders ``history.html``: many nights of one target, with what broke when, what flickers, counts and latencies.

``ls-conformance history`` comes here.
"""

from conformance.report.history.files import results_in
from conformance.report.history.night import Night, night_of
from conformance.report.history.page import render_history

__all__ = ["Night", "night_of", "render_history", "results_in"]
