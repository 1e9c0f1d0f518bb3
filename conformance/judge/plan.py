"""Holds what was planned, and the result of each planned test, so that a verdict sees what is missing."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.judge.observation import Observation


def plan_digest(tests: Iterable[str]) -> str:
    """The identity of a set of test ids, whatever their order: ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(tests)).encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run set out to do.

    Attributes:
        requirements: ids of the requirements that the planned tests are to show.
        tests: node ids of the planned tests (of this shard, where the run is one).
        whole: :func:`plan_digest` of the plan before it was split; empty stands for that of ``tests``.
        shard: ``"3/8"`` for the third of eight parts; None for all of it.
        deselected: how many tests a person left out by ``-k``, ``-m``, paths, ... Shards do not count.
    """

    requirements: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    whole: str = ""
    shard: str | None = None
    deselected: int = 0

    def __post_init__(self) -> None:
        # Order means nothing in a plan, so equal plans compare equal.
        object.__setattr__(self, "requirements", tuple(sorted(set(self.requirements))))
        object.__setattr__(self, "tests", tuple(sorted(set(self.tests))))
        object.__setattr__(self, "whole", self.whole or plan_digest(self.tests))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "requirements": list(self.requirements),
            "tests": list(self.tests),
            "whole": self.whole,
            "shard": self.shard,
            "deselected": self.deselected,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            requirements=tuple(data["requirements"]),
            tests=tuple(data["tests"]),
            whole=data["whole"],
            shard=data["shard"],
            deselected=data["deselected"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """What pytest said of one test.

    Attributes:
        id: the node id.
        outcome: ``passed``, ``failed``, ``skipped``, ``error``, ``xfailed`` or ``xpassed``.
        duration: seconds, set-up and tear-down included.
        tally: outcome -> number of observations that the test made. It is taken when the report is
            written; an observation that vanishes later leaves a gap which the judge sees.
        requests: how many requests it sent, set-up and tear-down included.
        created: kind -> how many objects it made on the target.
        operations: that it used, sorted: a cause is looked for among what failed tests have in common.
    """

    id: str
    outcome: str
    duration: float = 0.0
    tally: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    created: Mapping[str, int] = field(default_factory=dict)
    operations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; what a test did not do is left out."""
        data: dict[str, Any] = {
            "id": self.id,
            "outcome": self.outcome,
            "duration": round(self.duration, 3),
            "tally": dict(sorted(self.tally.items())),
        }
        data |= {"requests": self.requests} if self.requests else {}
        data |= {"operations": list(self.operations)} if self.operations else {}
        return data | ({"created": dict(sorted(self.created.items()))} if self.created else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            id=data["id"],
            outcome=data["outcome"],
            duration=data["duration"],
            tally=dict(data["tally"]),
            requests=data.get("requests", 0),
            created=dict(data.get("created", {})),
            operations=tuple(data.get("operations", ())),
        )


def tally(results: Iterable[NodeResult], observations: Iterable[Observation]) -> tuple[NodeResult, ...]:
    """Write into each result how many observations of each outcome its test made."""
    counts: dict[str, Counter[str]] = {}
    for observation in observations:
        counts.setdefault(observation.test, Counter())[observation.outcome.value] += 1
    return tuple(replace(result, tally=dict(counts.get(result.id, {}))) for result in results)
