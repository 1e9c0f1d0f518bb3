"""Defines the messages between controller and workers: typed here, JSON on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conformance.judge.deviations import Deviation
from conformance.judge.observation import Observation
from conformance.wire.checking.statistics import WireStatistics

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "conformance"
"""Under this name a message lies in pytest-xdist's input and output of a worker, and in a test's report."""
FOREIGN = "conformance_foreign"
"""Whether a test's report is of other people's test, which is run beside the suite and judged by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMessage:
    """From the controller, when a worker starts.

    Attributes:
        started: when the run did, as ISO 8601.
        began: when the tests may begin, as seconds of the epoch: workers have other monotonic clocks.
        facts: what preflight found out about the target.
        accepted: the accepted deviations of this target.
    """

    run_id: str
    report_dir: Path
    started: str
    began: float
    facts: Mapping[str, Any]
    accepted: tuple[Deviation, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "run_id": self.run_id,
            "report_dir": str(self.report_dir),
            "started": self.started,
            "began": self.began,
            "facts": dict(self.facts),
            "accepted": [deviation.to_json() for deviation in self.accepted],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        accepted = tuple(map(Deviation.from_json, data["accepted"]))
        return cls(**{**data, "report_dir": Path(data["report_dir"]), "accepted": accepted})


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseMessage:
    """From a worker, after a phase of a test: its body, or what ended it earlier, and its tear-down.

    Attributes:
        claimed: ids of the requirements that the test says it shows.
        observations: what the phase has shown.
        open_ended: whether the test goes on for as long as a deep run has time.
        statistics: what was counted on the wire meanwhile.
        lost: what became of the target, where it was lost; the run ends then.
        stands: what was seen until then is the verdict all the same.
        operations: that the test used so far.
    """

    claimed: tuple[str, ...]
    observations: tuple[Observation, ...] = ()
    open_ended: bool = False
    statistics: WireStatistics = field(default_factory=WireStatistics)
    lost: str | None = None
    stands: bool = False
    operations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "claimed": list(self.claimed),
            "operations": list(self.operations),
            "observations": [observation.to_json() for observation in self.observations],
            "open_ended": self.open_ended,
            "statistics": self.statistics.to_json(),
            "lost": self.lost,
            "stands": self.stands,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        observations = tuple(map(Observation.from_json, data["observations"]))
        return cls(
            **{
                **data,
                "claimed": tuple(data["claimed"]),
                "operations": tuple(data["operations"]),
                "observations": observations,
                "statistics": WireStatistics.from_json(data["statistics"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMessage:
    """From a worker, when it ends.

    Attributes:
        left: what could not be removed from the target, as ``kind identity``.
        statistics: what was counted on the wire after the last test.
        announced: operations that the embedded server's own schema offers; None where it was not asked.
        whole: node ids of the whole plan, where the run is one part of it.
        secrets: what may not stand in any artefact; told by memory only, and written nowhere.
        deselected: how many tests a person left out.
    """

    left: tuple[str, ...] = ()
    statistics: WireStatistics = field(default_factory=WireStatistics)
    announced: frozenset[str] | None = None
    whole: tuple[str, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    deselected: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "left": list(self.left),
            "statistics": self.statistics.to_json(),
            "announced": None if self.announced is None else sorted(self.announced),
            "whole": list(self.whole),
            "secrets": sorted(self.secrets),
            "deselected": self.deselected,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        announced = data["announced"]
        return cls(
            left=tuple(data["left"]),
            statistics=WireStatistics.from_json(data["statistics"]),
            announced=None if announced is None else frozenset(announced),
            whole=tuple(data["whole"]),
            secrets=frozenset(data["secrets"]),
            deselected=data["deselected"],
        )
