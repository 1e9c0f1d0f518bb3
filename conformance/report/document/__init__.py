"""The one result of a run: an immutable value with a header and an end marker, and the file that holds it."""

from conformance.report.document.file import document_text, dump, load, loads, schema
from conformance.report.document.report import FORMAT, End, Report, finish

__all__ = ["FORMAT", "End", "Report", "document_text", "dump", "finish", "load", "loads", "schema"]
