"""How far annotations agree: the share of pairs of annotations of a task that say the same."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.enterprise.state.community import Answered


def says(answered: Answered) -> frozenset[str]:
    """What an annotation says, whatever its regions are called."""
    return frozenset(
        json.dumps([r.get("from_name"), r.get("to_name"), r.get("type"), r.get("value")], sort_keys=True)
        for r in answered.result
    )


def pair(one: Answered, other: Answered) -> float:
    """1 where two say the same, 0 where nothing that one says the other says too."""
    first, second = says(one), says(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else None


def task_agreement(annotations: Sequence[Answered]) -> float | None:
    """Of one task, in per cent; None where nobody can agree with anybody."""
    found = mean(pair(a, b) for a, b in itertools.combinations(submitted(annotations), 2))
    return None if found is None else 100 * found


def submitted(annotations: Iterable[Answered]) -> list[Answered]:
    """Those that were not skipped."""
    return [a for a in annotations if not a.skipped]


def by_task(annotations: Iterable[Answered]) -> dict[int, list[Answered]]:
    """Submitted annotations by their task."""
    found: defaultdict[int, list[Answered]] = defaultdict(list)
    for answered in submitted(annotations):
        found[answered.task].append(answered)
    return dict(found)


def total(annotations: Iterable[Answered]) -> float | None:
    """Of a project: the mean over its tasks; None where no task has two annotations."""
    return mean(value / 100 for group in by_task(annotations).values() if (value := task_agreement(group)) is not None)


def between(ones: Iterable[Answered], others: Iterable[Answered]) -> float | None:
    """How far some agree with others, over the tasks that both have."""
    tasks = by_task(others)
    return mean(pair(a, b) for a in submitted(ones) for b in tasks.get(a.task, ()) if a is not b)
