"""``conformance.json`` as an immutable value: the one result of a run, of which every other form is a rendering.

The end marker holds counts, the verdict and a digest of all that comes before, so a truncated or edited report cannot
look like a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from conformance.judge.claims.basis import Basis
from conformance.judge.observation import Observation
from conformance.judge.plan import NodeResult, tally
from conformance.report.document.header import Header, Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.judge.verdict import Verdict

FORMAT = "label-studio-conformance/1"
"""Name and major version of the file format. A change that old readers cannot bear gets a new number."""


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
    sealed = digest(_document(header, basis, statistics, results, observed, end))
    return Report(
        header=header,
        basis=basis,
        statistics=statistics,
        tests=results,
        observations=observed,
        end=End(**end, digest=sealed),
    )


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


def digest(document: Mapping[str, Any]) -> str:
    """Digest of a document but for the digest itself."""
    rest = {**document, "end": {k: v for k, v in document["end"].items() if k != "digest"}}
    return "sha256:" + hashlib.sha256(_canonical(rest).encode("ascii")).hexdigest()
