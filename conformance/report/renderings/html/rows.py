"""The rows of the report: one per requirement, with everything that was seen of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from conformance.judge.deviations import acceptance
from conformance.judge.findings.causes import roots
from conformance.report.figures import WORST_FIRST, area_of, outcome_for
from conformance.report.renderings.html.page import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.judge.deviations import Deviation
    from conformance.judge.observation import Observation
    from conformance.report.catalogue import Catalogue

ACCEPTED = "accepted"
BEHAVIOUR = "behaviour"
MOST_TESTS = 12
LONGEST = {"pass": 1500, "unsupported": 400}
"""Characters of a text that the page keeps, by outcome; the result itself has all."""
OTHERWISE = 4000
_RANK = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}


def rows(
    observations: Iterable[Observation], deviations: Sequence[Deviation], catalogue: Catalogue, *, edition: str
) -> list[dict[str, Any]]:
    """One row per requirement, with its observations; equal ones of several tests are one entry.

    Args:
        observations: of a run.
        deviations: the accepted ones; a failure that one of them accepts has the outcome ``accepted``.
        catalogue: texts.
        edition: of the target; what other editions offer stands in a section of its own.
    """
    groups: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        groups[o.requirement].append(o)
    areas = catalogue.areas_for(edition)
    behind = roots(o for group in groups.values() for o in group)
    found = []
    for requirement, group in groups.items():
        group.sort(key=lambda o: (_RANK[o.outcome], _length(o)))
        first = group[0]
        statement = catalogue.statement(requirement)
        outcome = outcome_for(group, deviations)
        found.append(
            {
                "id": requirement,
                "outcome": ACCEPTED if outcome is None else outcome.value,
                "area": area_of(first.operation, areas),
                "rule": first.rule,
                "operation": first.operation or "",
                "label": catalogue.label(first.operation),
                "message": visible(first.message or statement or requirement, 240),
                "root": behind.get(requirement, ""),
                "observations": {
                    "statement": statement,
                    "source": catalogue.sources.get(requirement, ""),
                    "label": catalogue.label(first.operation),
                    "root": visible(behind.get(requirement, "")),
                    "seen": _merged(group, deviations),
                },
            }
        )
    found.sort(key=lambda row: (row["area"], row["operation"], row["id"]))
    return found


def _merged(group: Sequence[Observation], deviations: Sequence[Deviation]) -> list[dict[str, Any]]:
    """Return what was seen, each way once, with the tests that saw it."""
    ways: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
    for o in group:
        ways[o.key].append(o)
    entries = []
    for several in ways.values():
        # sorted by the caller: the first is the one to read
        data = several[0].to_json()
        tests = [o.test for o in several if o.test]
        accepted = acceptance(several[0], deviations)
        for name in ("requirement", "rule", "verb", "test"):
            data.pop(name, None)
        data["count"] = sum(o.count for o in several)
        data["tests"] = tests[:MOST_TESTS]
        data["more"] = max(len(tests) - MOST_TESTS, 0)
        data |= {"accepted": accepted.reason} if accepted else {}
        data |= {"breaks": several[0].client.told} if several[0].client else {}
        limit = LONGEST.get(several[0].outcome.value, OTHERWISE)
        entries.append({k: _deep(v, limit) for k, v in data.items()})
    return entries


def _length(observation: Observation) -> int:
    return len(observation.evidence.curl) if observation.evidence else 1 << 30


def _deep(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return visible(value, limit)
    if isinstance(value, dict):
        return {visible(k, 200): _deep(v, limit) for k, v in value.items()}
    return [_deep(v, limit) for v in value] if isinstance(value, (list, tuple)) else value


def sections(every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list of requirements, by area, in the order of their data.

    Each row knows what its id says of its rule, and the label before it: what is so anyway is not written again.
    """
    areas: dict[str, list[dict[str, Any]]] = defaultdict(list)
    before = ""
    for row in every:
        identity = row["id"]
        implied = identity.rsplit("#", 1)[-1] if "#" in identity else BEHAVIOUR
        areas[row["area"]].append({**row, "implied": implied, "before": before})
        before = row["label"]
    return [{"area": area, "rows": members} for area, members in areas.items()]
