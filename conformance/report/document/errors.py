"""One error per way in which a report file can be of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class ReportError(InputError):
    """A file that is no usable report.

    Attributes:
        path: the file.
        what: what is wrong with it, one sentence.
        advice: what to do next, one sentence.
    """

    code = "report"
    advice = "Use the conformance.json that a run wrote to reports/<run id>/."

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(f"{path}: {what} {self.advice}")
        self.path = path
        self.what = what


class NotAReport(ReportError):
    """Not there, not JSON, or JSON of another kind."""

    code = "not-a-report"


class Truncated(ReportError):
    """A report that ends too early: its run was killed, or the copy is not complete."""

    code = "report-truncated"
    advice = "Copy the file again, or repeat the run: what is missing cannot be judged."


class Tampered(ReportError):
    """The content is not the one that the end marker was made for."""

    code = "report-tampered"
    advice = "Take the file as the run wrote it; an edited report is worth nothing."


class UnknownFormat(ReportError):
    """A report in a format that this version of the suite does not know."""

    code = "report-format"
    advice = "Read it with the version of the suite that is named in its header (pip install -U for a newer one)."
