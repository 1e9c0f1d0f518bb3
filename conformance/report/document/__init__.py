"""Defines ``conformance.json``, the one result of a run: an immutable value, read and written whole or not at all.

Every form of a report, every command and ``run.result`` come here.
"""

from conformance.report.document.file import document_text, dump, load, loads, schema
from conformance.report.document.report import FORMAT, End, Report, finish

__all__ = ["FORMAT", "End", "Report", "document_text", "dump", "finish", "load", "loads", "schema"]
