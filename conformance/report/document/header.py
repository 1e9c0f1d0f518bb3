"""The head of a report: what was judged, by what, how, and how to do it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from conformance.judge.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetInfo:
    """What was judged.

    Attributes:
        url: base URL, without user information and query.
        product: ``label-studio``, or what the target calls itself.
        version: what it says of its version; empty = it did not say.
        edition: ``community`` or ``enterprise``.
        disposable: whether everything on it may be changed or deleted.
        embedded: whether the suite started it itself.
    """

    url: str
    product: str = "label-studio"
    version: str = ""
    edition: str = "community"
    disposable: bool = False
    embedded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How the run went on the wire.

    Attributes:
        requests: all that were sent, retries included.
        statuses: ``1xx`` .. ``5xx`` and ``none`` (no response) -> number of requests.
        waiting: seconds in which the suite waited for the target, summed over all requests.
        seconds: seconds of the session, until its result is written.
        first: seconds until the first test had a result; 0 where none had.
        elapsed: operationId -> milliseconds of each of its responses, sorted.
        waits: named budget -> milliseconds of each wait within it, sorted.
    """

    requests: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    waiting: float = 0.0
    seconds: float = 0.0
    first: float = 0.0
    elapsed: Mapping[str, Sequence[int]] = field(default_factory=dict)
    waits: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # workers deliver in any order
        for name in ("elapsed", "waits"):
            ordered = {key: tuple(sorted(values)) for key, values in sorted(getattr(self, name).items())}
            object.__setattr__(self, name, ordered)

    @property
    def rate(self) -> float:
        """Requests per second of wall time; 0 where there was no time."""
        return self.requests / self.seconds if self.seconds > 0 else 0.0

    @classmethod
    def together(cls, parts: Iterable[Self]) -> Self:
        """The statistics of several tests, or of the parts of a run that went on side by side."""
        parts = tuple(parts)
        statuses: Counter[str] = Counter()
        for part in parts:
            statuses.update(part.statuses)
        return cls(
            requests=sum(part.requests for part in parts),
            statuses=dict(statuses),
            waiting=sum(part.waiting for part in parts),
            seconds=max((part.seconds for part in parts), default=0.0),
            first=min((part.first for part in parts if part.first), default=0.0),
            elapsed=_joined(part.elapsed for part in parts),
            waits=_joined(part.waits for part in parts),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "requests": self.requests,
            "statuses": dict(sorted(self.statuses.items())),
            "waiting": round(self.waiting, 3),
            "seconds": round(self.seconds, 3),
            "first": round(self.first, 3),
            "requests_per_second": round(self.rate, 2),
            "elapsed": {name: list(values) for name, values in self.elapsed.items()},
            "waits": {name: list(values) for name, values in self.waits.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json` (the rate is computed anew)."""
        return cls(
            requests=data["requests"],
            statuses=dict(data["statuses"]),
            waiting=data["waiting"],
            seconds=data["seconds"],
            first=data["first"],
            elapsed=data["elapsed"],
            waits=data["waits"],
        )


def _joined(parts: Iterable[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """Samples of all parts, by name."""
    found: dict[str, list[int]] = {}
    for part in parts:
        for name, values in part.items():
            found.setdefault(name, []).extend(values)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a report comes from.

    Attributes:
        suite: version of the suite.
        contract: digest of the contract, ``sha256:<hex>``.
        target: what was judged.
        seed: seed of everything generated.
        depth: ``quick``, ``gate`` or ``deep``.
        started: ISO 8601 time with offset.
        finished: likewise.
        run_id: ties objects on the target, server logs and this report together.
        reproduce: a shell line that repeats the run (secrets as environment variables).
        options: the other options that bear on the result; secrets are left out.
        args: the selection that a person made on the command line (``-k``, paths, ...).
        environment: ``python``, ``platform`` and library names -> versions.
        plan: what the run set out to do.
    """

    suite: str
    contract: str
    target: TargetInfo
    seed: int
    depth: str
    started: str
    finished: str
    run_id: str
    reproduce: str
    options: Mapping[str, Any] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        # The contract gives bare hex digits; in a report every digest names its algorithm.
        if not self.contract.startswith("sha256:"):
            object.__setattr__(self, "contract", f"sha256:{self.contract}")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "suite": self.suite,
            "contract": self.contract,
            "target": asdict(self.target),
            "seed": self.seed,
            "depth": self.depth,
            "started": self.started,
            "finished": self.finished,
            "run_id": self.run_id,
            "reproduce": self.reproduce,
            "options": dict(self.options),
            "args": list(self.args),
            "environment": dict(self.environment),
            "plan": self.plan.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`.

        Raises:
            KeyError, TypeError: a key is missing or unknown.
        """
        return cls(
            **{
                **data,
                "target": TargetInfo(**data["target"]),
                "args": tuple(data["args"]),
                "plan": Plan.from_json(data["plan"]),
            }
        )
