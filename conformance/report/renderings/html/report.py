"""``report.html``: one static file that opens from disk, works with the keyboard, and prints."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conformance.judge.findings.impact import HURTS
from conformance.report.figures import OTHER_EDITION, by_area, clock, open_findings, reached, unmeasured
from conformance.report.renderings.html import tables
from conformance.report.renderings.html.page import SIGNS, island, page
from conformance.report.renderings.html.rows import rows, sections
from conformance.report.renderings.terminal import seconds_between
from conformance.reproduce import way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.judge.findings.causes import Finding
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report

MAX_FINDINGS = 300
FIRST = 10
"""Findings that are shown at once; the others are one click away."""
SLOWEST = 12
# Of an option that is a list, so many values are shown.
LISTED = 50


def render_html(report: Report, catalogue: Catalogue) -> str:
    """The page of one run.

    Args:
        report: the run.
        catalogue: texts of operations and requirements.
    """
    edition = report.header.target.edition
    every = rows(report.observations, report.basis.deviations, catalogue, edition=edition)
    broken = open_findings(report)
    areas = catalogue.areas_for(edition)
    owed = {operation for operation, area in areas.items() if area != OTHER_EDITION}
    done = reached(report.observations)
    return page(
        "report.html.j2",
        {
            "report": report,
            "header": report.header,
            "verdict": report.end.verdict,
            "outcomes": list(SIGNS),
            "counts": Counter(row["outcome"] for row in every),
            "total": len(every),
            "findings": [_finding(f, catalogue) for f in broken[:MAX_FINDINGS]],
            "first": FIRST,
            "more_findings": max(len(broken) - MAX_FINDINGS, 0),
            "reach": {f.area: f for f in by_area(report, areas)},
            "matrix": tables.matrix(every),
            "rules": tables.rules(every, catalogue),
            "about_rules": catalogue.rules,
            "about_island": Markup(island(dict(catalogue.rules), most=sys.maxsize)[1]),  # noqa: S704 - ours, and made safe
            "sections": sections(every),
            "grid": tables.grid(report.observations, catalogue),
            "latency": tables.latency(report.statistics.elapsed, areas),
            "slowest": tables.latency(report.statistics.elapsed),
            "slowest_first": SLOWEST,
            "labels": {o: catalogue.label(o) for o in report.statistics.elapsed},
            "budgets": [
                {**line, **_budget(line["name"], catalogue)} for line in tables.latency(report.statistics.waits)
            ],
            "deviations": tables.deviations(report),
            "reached": len(done & owed),
            "offered": len(owed),
            "took": clock(seconds_between(report.header.started, report.header.finished)),
            "profiles": tables.profiles(report),
            "unmeasured": unmeasured(report),
            "options": _options(report.header.options),
        },
        data=[row["observations"] for row in every],
        unpacks=True,
    )


def _finding(finding: Finding, catalogue: Catalogue) -> dict[str, Any]:
    first = finding.first
    response = first.evidence.response if first.evidence else None
    return {
        "rule": finding.rule,
        "impact": finding.impact.value,
        "hurts": finding.impact in HURTS,
        "reason": finding.reason,
        "signature": finding.signature if finding.signature != "behaviour" and len(finding.places) > 1 else "",
        "suspect": finding.suspect,
        "asked": finding.asked,
        "blocked": finding.blocked,
        "places": [
            {
                "id": next(o.requirement for o in finding.observations if (o.operation or o.requirement) == p),
                "name": p,
            }
            for p in finding.places
        ],
        "first": first,
        "statement": catalogue.statement(first.requirement),
        "label": catalogue.label(first.operation),
        "response": f"{response['status']}\n{response.get('body') or ''}" if response else "",
        "reproduce": way(first),
    }


def _budget(name: str, catalogue: Catalogue) -> dict[str, Any]:
    known = catalogue.budgets.get(name)
    return {"allowed": known.seconds if known else None, "why": known.why if known else ""}


def _options(options: Mapping[str, Any]) -> dict[str, str]:
    """Options as a person reads them; what is empty is left out."""
    shown: dict[str, str] = {}
    for name, value in options.items():
        if isinstance(value, dict):
            shown |= {f"{name}: {key}": str(one) for key, one in value.items() if one not in (None, "")}
        elif isinstance(value, list):
            shown |= (
                {name: ", ".join(map(str, value[:LISTED])) + (" …" if len(value) > LISTED else "")} if value else {}
            )
        elif value:
            shown[name] = str(value)
    return shown
