"""Many nights of one target on one page: since when is what broken, what flickers, how counts and latency move."""

from conformance.report.history.files import results_in
from conformance.report.history.night import Night, night_of
from conformance.report.history.page import render_history

__all__ = ["Night", "night_of", "render_history", "results_in"]
