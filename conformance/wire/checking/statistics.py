"""Counts requests, retries and latencies: one record from the wire to the controller."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from conformance.contract.places import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.tables.resources import Resources
    from conformance.wire.exchanges.exchange import Exchange

NO_ANSWER = "none"
"""Stands for the class of a status where no response came."""


@dataclass(slots=True, kw_only=True)
class WireStatistics:
    """Counts, times and notes since they were taken last.

    Attributes:
        requests: that were sent.
        refused: that the guard did not let leave.
        statuses: ``1xx`` .. ``5xx`` and ``none`` -> number of requests.
        waited: seconds in which the target made us wait.
        created: kind -> number of objects that were made.
        remains: what a server may keep for ever -> how often it was made.
        generated: how generated tests fared (``positive``, ``history-steps``) -> number.
        elapsed: operationId -> milliseconds of each of its responses.
        waits: named budget -> milliseconds of each wait within it.
        notes: name -> values that JSON can hold, for the end of the run.
    """

    requests: int = 0
    refused: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    waited: float = 0.0
    created: Counter[str] = field(default_factory=Counter)
    remains: Counter[str] = field(default_factory=Counter)
    generated: Counter[str] = field(default_factory=Counter)
    elapsed: dict[str, list[int]] = field(default_factory=dict)
    waits: dict[str, list[int]] = field(default_factory=dict)
    notes: dict[str, list[Any]] = field(default_factory=dict)

    def count(self, exchange: Exchange) -> None:
        """Count one exchange, and how long the target took for it."""
        self.requests += 1
        if exchange.response is None:
            self.statuses[NO_ANSWER] += 1
            return
        self.statuses[f"{exchange.status // 100}xx"] += 1
        self.waited += exchange.response.elapsed
        if exchange.operation is not None:
            self.elapsed.setdefault(exchange.operation.id, []).append(round(exchange.response.elapsed * 1000))

    def count_objects(self, exchange: Exchange, created: int, resources: Resources) -> None:
        """Count what an exchange made: ``created`` objects, and what the server may keep of it for ever."""
        if exchange.operation is None:
            return
        made = resources.created_by(exchange.operation.id)
        if created and made is not None:
            self.created[made.name] += created
        if exchange.succeeded:
            for what, place in resources.remains.get(exchange.operation.id, {}).items():
                self.remains[what] += len(at(exchange.object(), place)) if place else 1

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; notes as text: what a generated request holds need not fit into what xdist can carry."""
        return {
            "requests": self.requests,
            "refused": self.refused,
            "statuses": dict(self.statuses),
            "waited": round(self.waited, 4),
            "created": dict(self.created),
            "remains": dict(self.remains),
            "generated": dict(self.generated),
            "elapsed": self.elapsed,
            "waits": self.waits,
            "notes": {name: [json.dumps(value) for value in values] for name, values in self.notes.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        counters = {name: Counter(data[name]) for name in ("statuses", "created", "remains", "generated")}
        notes = {name: [json.loads(value) for value in values] for name, values in data["notes"].items()}
        return cls(**{**data, **counters, "notes": notes})
