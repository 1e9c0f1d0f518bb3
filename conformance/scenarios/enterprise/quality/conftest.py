"""A small project whose figures are worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import annotate_as, choice

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported
    from conformance.scenarios.enterprise.people import Staff
    from conformance.wire import Exchange, Wire

P, N = "Positive", "Negative"
HALF, WHOLE = 0.5, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Four tasks, annotated by two people and predicted by two models.

    ======  =====  ======  ====  ====
    task    first  second  v1    v2
    ======  =====  ======  ====  ====
    one     P 4 s  P 10 s  P     P
    two     P 6 s  N 20 s  P     N
    three   N 8 s  N 60 s
    four    N 30 s
    ======  =====  ======  ====  ====

    Both annotated one, two and three, and agree on one and three: their agreement is 2/3. The second's annotations of
    one and two are the ground truth: the first says the same on one of two, v1 on one of two, v2 on both. The first
    agrees with the predictions of v1 on one and two, and with those of v2 on one: 3/4.
    """

    api: Wire
    project: int
    tasks: list[dict[str, Any]]
    first: int
    second: int
    annotations: dict[str, dict[str, Any]] = field(default_factory=dict)
    eventually: Eventually

    def call(self, operation: str, *, expect: Any = "success", **how: Any) -> Exchange:
        """Call an operation about the project's figures."""
        return self.api.call(f"projects.stats.{operation}", id=self.project, expect=expect, **how)

    def settled(self, operation: str, *place: Any, value: float, **how: Any) -> tuple[Exchange, object]:
        """A figure of an answer, waited for until it is what it should be, and no longer than figures may take."""
        answer = self.eventually(
            lambda: self.call(operation, **how), until=lambda seen: near(found(seen, *place), value), budget=SETTLED
        )
        return answer, found(answer, *place)


SETTLED = "counters settled"


def found(answer: Exchange, *place: Any) -> object:
    """Return what stands at a place of an answer, as a share of one; None where nothing stands."""
    value: Any = answer.json() if answer.content else None
    for step in place:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def near(value: object, expected: float) -> bool:
    """Return whether a number is the expected one, as a fraction or in per cent."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value - expected) < TOLERANCE or abs(value - 100 * expected) < 100 * TOLERANCE


TOLERANCE = 0.006
"""Figures may be rounded to full per cents."""


@pytest.fixture
def figures(api: Wire, staffed: dict[str, Any], imported: Imported, staff: Staff, eventually: Eventually) -> Figures:
    """The project of :class:`Figures`."""
    models = {"one": {"v1": P, "v2": P}, "two": {"v1": P, "v2": N}}
    tasks = imported(staffed, [{"data": {"text": text}} for text in ("one", "two", "three", "four")])
    made = Figures(
        api=api,
        project=staffed["id"],
        tasks=tasks,
        first=staff.annotator.id,
        second=staff.second.id,
        eventually=eventually,
    )
    first = ((P, 4.0), (P, 6.0), (N, 8.0), (N, 30.0))
    second = ((P, 10.0), (N, 20.0), (N, 60.0))
    for who, called, work in ((staff.annotator, "first", first), (staff.second, "second", second)):
        for task, (label, seconds) in zip(tasks, work, strict=False):
            text = task["data"]["text"]
            made.annotations[f"{called} {text}"] = annotate_as(api, who, task, label, lead_time=seconds)
    for task in tasks:
        for version, label in models.get(task["data"]["text"], {}).items():
            body = {"task": task["id"], "result": [choice(label)], "model_version": version}
            api.call("predictions.create", json=body)
    for truth in ("second one", "second two"):
        api.call("annotations.update", id=made.annotations[truth]["id"], json={"ground_truth": True})
    return made
