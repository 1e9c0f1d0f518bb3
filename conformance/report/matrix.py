"""``matrix.html``: vendors or versions as columns, requirements as rows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from conformance.judge.compare import by_requirement, standing
from conformance.judge.observation import Outcome
from conformance.report.diff import name
from conformance.report.html import LEVELS, page, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.judge.observation import Observation
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report


def render_matrix(reports: Sequence[Report], catalogue: Catalogue) -> str:
    """One static page over several runs, in the order in which they are given.

    Args:
        reports: at least one.
        catalogue: texts of operations and requirements.
    """
    runs = [by_requirement(r.observations) for r in reports]
    rows = [_row(requirement, runs, catalogue) for requirement in sorted({i for run in runs for i in run})]
    rows.sort(key=lambda row: (row["area"], row["id"]))
    areas: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        areas.setdefault(row["area"], []).append(row)
    return page(
        "matrix.html.j2",
        {
            "columns": [_column(report, run) for report, run in zip(reports, runs, strict=True)],
            "areas": areas,
            "total": len(rows),
            "changed": sum(row["changed"] for row in rows),
            "levels": LEVELS,
            "locks": sorted({f"suite {r.header.suite}, contract {r.header.contract[:19]}" for r in reports}),
        },
    )


def _column(report: Report, run: dict[str, list[Observation]]) -> dict[str, Any]:
    verdict = report.end.verdict
    profile = verdict["profiles"].get(report.basis.profile)
    outcomes = [standing(seen) for seen in run.values()]
    return {
        "name": name(report),
        "version": report.header.target.version or report.header.run_id,
        "run": report.header.run_id,
        "when": report.header.finished,
        "state": verdict["state"],
        "reason": verdict["reason"],
        "level": (profile["level"] if profile["measured"] else "not measured") if profile else "",
        "profile": report.basis.profile,
        "passed": sum(o is Outcome.PASS for o in outcomes),
        "failed": sum(o is Outcome.FAIL for o in outcomes),
        "total": len(outcomes),
    }


def _row(requirement: str, runs: Sequence[dict[str, list[Observation]]], catalogue: Catalogue) -> dict[str, Any]:
    cells = []
    operation = None
    for run in runs:
        seen = run.get(requirement)
        if not seen:
            cells.append({"outcome": "", "says": "not asked", "turned": False})
            continue
        outcome = standing(seen)
        operation = operation or seen[0].operation
        says = next((o.message or o.got for o in seen if o.outcome is outcome), "") or outcome.value
        cells.append({"outcome": outcome.value, "says": visible(says, 240), "turned": False})
    for before, after in itertools.pairwise(cells):
        after["turned"] = before["outcome"] != after["outcome"]
    return {
        "id": requirement,
        "area": catalogue.area(operation),
        "label": catalogue.label(operation),
        "statement": catalogue.statement(requirement),
        "cells": cells,
        "changed": len({c["outcome"] for c in cells}) > 1,
        "failed": any(c["outcome"] == "fail" for c in cells),
    }
