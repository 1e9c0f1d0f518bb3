"""``conformance.json``: the one result of a run, of which every other form is a rendering.

A report is an immutable value with a header and an end marker. The end marker holds counts, the verdict and a
digest of all that comes before, so a truncated or edited file cannot look like a good one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import jsonschema

from conformance.judge.basis import Basis
from conformance.judge.observation import Observation
from conformance.judge.plan import NodeResult, tally
from conformance.report.errors import NotAReport, Tampered, Truncated, UnknownFormat
from conformance.report.header import Header, Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.judge.verdict import Verdict

FORMAT = "label-studio-conformance/1"
"""Name and major version of the file format. A change that old readers cannot bear gets a new number."""

__all__ = ["FORMAT", "End", "Report", "dump", "finish", "load", "loads", "schema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end marker.

    Attributes:
        counts: ``{"observations", "tests", "outcomes": {outcome: number}}``.
        verdict: :meth:`conformance.judge.verdict.Verdict.to_json`.
        digest: ``sha256:<hex>`` over the canonical rest of the document.
    """

    counts: Mapping[str, Any]
    verdict: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run learned. Make one with :func:`finish`.

    Attributes:
        header: what was judged, and how.
        basis: the rules that the verdict follows from.
        statistics: how the run went on the wire.
        tests: what pytest said of each test.
        observations: each with its evidence.
        end: the end marker.
    """

    header: Header
    basis: Basis
    statistics: Statistics
    tests: tuple[NodeResult, ...]
    observations: tuple[Observation, ...]
    end: End

    def to_json(self) -> dict[str, Any]:
        """The document as plain JSON values."""
        return _document(
            self.header,
            self.basis,
            self.statistics,
            self.tests,
            self.observations,
            {"counts": dict(self.end.counts), "verdict": dict(self.end.verdict), "digest": self.end.digest},
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`; of a document that is known to be valid."""
        return cls(
            header=Header.from_json(data["header"]),
            basis=Basis.from_json(data["basis"]),
            statistics=Statistics.from_json(data["statistics"]),
            tests=tuple(NodeResult.from_json(t) for t in data["tests"]),
            observations=tuple(Observation.from_json(o) for o in data["observations"]),
            end=End(**data["end"]),
        )


def finish(
    *,
    header: Header,
    observations: Iterable[Observation],
    tests: Iterable[NodeResult],
    statistics: Statistics,
    verdict: Verdict,
    basis: Basis | None = None,
) -> Report:
    """Close a report: bring everything into a stable order, count it, and seal it with a digest.

    Args:
        header: what was judged, and how.
        observations: in any order.
        tests: in any order. Their tallies are kept; where all are empty they are counted here.
        statistics: of the wire.
        verdict: of :func:`conformance.judge.verdict.judge` over the same observations.
        basis: that the verdict was made with.

    Returns:
        The report. Equal runs give equal reports, whatever the order in which workers delivered.
    """
    basis = basis or Basis()
    observed = tuple(sorted(observations, key=lambda o: (o.test, o.requirement, _canonical(o.to_json()))))
    results = tuple(sorted(tests, key=lambda t: t.id))
    if not any(t.tally for t in results):
        results = tally(results, observed)
    counts = {
        "observations": len(observed),
        "tests": len(results),
        "outcomes": dict(sorted(Counter(o.outcome.value for o in observed).items())),
    }
    end: dict[str, Any] = {"counts": counts, "verdict": verdict.to_json()}
    digest = _digest(_document(header, basis, statistics, results, observed, end))
    return Report(
        header=header,
        basis=basis,
        statistics=statistics,
        tests=results,
        observations=observed,
        end=End(**end, digest=digest),
    )


def dump(report: Report, path: Path | str) -> Path:
    """Write a report, all or nothing: readers see the old file or the new one, never half of one.

    Raises:
        OSError: the folder cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _text(report.to_json())
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
    if _digest(data) != data["end"]["digest"]:
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
    text = resources.files("conformance.report").joinpath("conformance.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def _document(
    header: Header,
    basis: Basis,
    statistics: Statistics,
    tests: Iterable[NodeResult],
    observations: Iterable[Observation],
    end: dict[str, Any],
) -> dict[str, Any]:
    return {
        "format": FORMAT,  # first, so that a reader of the first bytes knows what it has
        "header": header.to_json(),
        "basis": basis.to_json(),
        "statistics": statistics.to_json(),
        "tests": [t.to_json() for t in tests],
        "observations": [o.to_json() for o in observations],
        "end": end,
    }


def _canonical(data: Any) -> str:
    # ASCII, so that lone surrogates (which hostile servers send) have bytes; no NaN, which is no JSON.
    return json.dumps(data, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _digest(document: Mapping[str, Any]) -> str:
    """Digest of a document but for the digest itself."""
    rest = {**document, "end": {k: v for k, v in document["end"].items() if k != "digest"}}
    return "sha256:" + hashlib.sha256(_canonical(rest).encode("ascii")).hexdigest()
