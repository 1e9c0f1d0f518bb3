"""``matrix.html``: vendors or versions as columns, requirements as rows."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

from conformance.judge.compare import by_requirement, compare, standing
from conformance.judge.observation import Aspect, Outcome
from conformance.report.commands.diff import name
from conformance.report.figures import headline, set_aside, share
from conformance.report.renderings.html import LEVELS, page, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.judge.observation import Observation
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report

_CALM = frozenset({"pass", "unsupported"})
USUAL_DATABASE = "sqlite"


def render_matrix(reports: Sequence[Report], catalogue: Catalogue, *, notable: bool = False) -> str:
    """One static page over several runs, in the order in which they are given.

    Args:
        reports: at least one.
        catalogue: texts of operations and requirements.
        notable: leave out what holds in every run, or is offered by none.
    """
    runs = [by_requirement(r.observations) for r in reports]
    rows = [_row(requirement, runs, catalogue) for requirement in sorted({i for run in runs for i in run})]
    rows.sort(key=lambda row: (row["area"], row["id"]))
    total, changed = len(rows), sum(row["changed"] for row in rows)
    if notable:
        rows = [row for row in rows if row["changed"] or row["cells"][0]["outcome"] not in _CALM]
    changes = ["", *(_changes(before, after) for before, after in itertools.pairwise(reports))]
    areas: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        areas.setdefault(row["area"], []).append(row)
    return page(
        "matrix.html.j2",
        {
            "columns": [
                {**_column(report, run), "changes": change}
                for report, run, change in zip(reports, runs, changes, strict=True)
            ],
            "areas": areas,
            "total": total,
            "left_out": total - len(rows),
            "changed": changed,
            "levels": LEVELS,
            "aspects": [aspect.value for aspect in Aspect],
            "depths": sorted({r.header.depth for r in reports}),
            "locks": sorted({f"suite {r.header.suite}, contract {r.header.contract[:19]}" for r in reports}),
        },
        data=[row["says"] for row in rows],
    )


def _changes(before: Report, after: Report) -> str:
    """Return what changed from one column to the next, counted: ``5 fixed, 2 regressed``."""
    counts = Counter(d.change for d in compare(before.observations, after.observations))
    return ", ".join(f"{n} {change.value}" for change, n in counts.most_common()) or "no difference"


def _column(report: Report, run: dict[str, list[Observation]]) -> dict[str, Any]:
    verdict = report.end.verdict
    profile = verdict["profiles"].get(report.basis.profile)
    outcomes = [standing(seen) for seen in run.values()]
    return {
        "name": f"{name(report)}{_database(report)}",
        "version": _version(report),
        "run": report.header.run_id,
        "when": report.header.finished,
        "state": verdict["state"],
        "reason": verdict["reason"],
        "level": headline(profile) if profile else "",
        "aside": set_aside(profile) if profile else "",
        "aspects": _aspects(profile),
        "profile": report.basis.profile,
        "passed": sum(o is Outcome.PASS for o in outcomes),
        "failed": sum(o is Outcome.FAIL for o in outcomes),
        "total": len(outcomes),
    }


def _version(report: Report) -> str:
    """The version; where it is not the usual database that it keeps its rows in, with that."""
    return (report.header.target.version or report.header.run_id) + _database(report)


def _database(report: Report) -> str:
    database = str(report.header.options.get("facts", {}).get("database", ""))
    return f" on {database}" if database not in {"", USUAL_DATABASE} else ""


def _aspects(profile: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """Level, share and reason of each aspect of the claimed profile."""
    return {
        name: {
            "level": aspect["level"],
            "share": share(aspect["held"], aspect["asked"]),
            "figures": f"{aspect['held']:,} of {aspect['asked']:,}",
            "reason": aspect["reason"],
        }
        for name, aspect in (profile or {}).get("aspects", {}).items()
    }


def _row(requirement: str, runs: Sequence[dict[str, list[Observation]]], catalogue: Catalogue) -> dict[str, Any]:
    cells: list[dict[str, str]] = []
    says = []
    operation = None
    for run in runs:
        seen = run.get(requirement)
        if not seen:
            cells.append({"outcome": "", "turned": ""})
            says.append("not asked")
            continue
        outcome = standing(seen)
        operation = operation or seen[0].operation
        told = next((o.message or o.got for o in seen if o.outcome is outcome), "")
        cells.append({"outcome": outcome.value, "turned": ""})
        says.append(visible(f"{outcome.value}: {told}" if told and outcome is not Outcome.PASS else outcome.value, 240))
    for before, after in itertools.pairwise(cells):
        after["turned"] = _turned(before["outcome"], after["outcome"])
    return {
        "says": says,
        "id": requirement,
        "area": catalogue.area(operation),
        "label": catalogue.label(operation),
        "statement": catalogue.statement(requirement),
        "cells": cells,
        "changed": len({c["outcome"] for c in cells}) > 1,
        "failed": any(c["outcome"] == "fail" for c in cells),
    }


def _turned(before: str, after: str) -> str:
    """How a cell differs from the one before it: ``worse``, ``better``, ``other``; empty where it does not."""
    if before == after:
        return ""
    if after == "fail" or before == "pass":
        return "worse"
    return "better" if after == "pass" else "other"
