"""Reads and writes ``conformance.json``: a report is written whole or not at all, and read only if it is whole."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

from conformance.report.document.errors import NotAReport, Tampered, Truncated, UnknownFormat
from conformance.report.document.report import FORMAT, Report, digest

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump(report: Report, path: Path | str) -> Path:
    """Write a report, all or nothing: readers see the old file or the new one, never half of one.

    Raises:
        OSError: the folder cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = document_text(report)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def document_text(report: Report) -> str:
    """A report as it is written."""
    return _text(report.to_json())


def _text(document: Mapping[str, Any]) -> str:
    """The document as a file: a line for each test and observation, so that it can be searched and compared."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list):
            items = ",\n".join(json.dumps(item, ensure_ascii=True, allow_nan=False) for item in value)
            parts.append(f'"{name}": [\n{items}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value, ensure_ascii=True, allow_nan=False, indent=1)}')
    return "{\n" + ",\n".join(parts) + "\n}"


def load(path: Path | str) -> Report:
    """Read a report and check that it is whole and unedited.

    Raises:
        NotAReport: not there, not readable, no JSON, or JSON of another kind.
        Truncated: it ends before its end marker.
        Tampered: its content does not fit the end marker.
        UnknownFormat: it is of another version of the format.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise NotAReport(path, f"cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise NotAReport(path, "is not a text file.") from None
    return loads(text, path)


def loads(text: str, path: Path | str = "<text>") -> Report:
    """As :func:`load`, from text; ``path`` is only for messages."""
    start = text[:200]
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        if '"format"' in start and "label-studio-conformance/" in start:
            raise Truncated(path, "ends in the middle of the report.") from None
        raise NotAReport(path, "is not JSON.") from None
    known = str(data.get("format", "")) if isinstance(data, dict) else ""
    if not known.startswith("label-studio-conformance/"):
        raise NotAReport(path, "is not a conformance report (it names no format).")
    if known != FORMAT:
        raise UnknownFormat(path, f"has the format {known!r}; this version of the suite reads {FORMAT!r}.")
    if not isinstance(data.get("end"), dict) or "digest" not in data["end"]:
        raise Truncated(path, "has no end marker.")
    if digest(data) != data["end"]["digest"]:
        raise Tampered(path, "does not fit its end marker: it was edited or damaged.")
    problem = jsonschema.exceptions.best_match(_validator().iter_errors(data))
    if problem is not None:
        raise NotAReport(path, f"is not a valid report: {problem.json_path}: {problem.message[:200]}.")
    report = Report.from_json(data)
    outcomes = dict(Counter(o.outcome.value for o in report.observations))
    counted = {"observations": len(report.observations), "tests": len(report.tests), "outcomes": outcomes}
    if counted != report.end.counts:
        raise Tampered(path, "does not hold as many observations and tests as its end marker counts.")
    return report


@functools.cache
def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12) of ``conformance.json``."""
    text = (
        resources.files("conformance.report.document").joinpath("conformance.schema.json").read_text(encoding="utf-8")
    )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
