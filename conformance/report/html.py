"""``report.html``: one static file that opens from disk, works with the keyboard, and prints.

Everything that a server sent is escaped by the template engine or put into the page as text by the script;
should an escape ever fail, the page's content security policy lets no script run but the one that it names by hash.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import statistics
import sys
from collections import Counter, defaultdict
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from conformance.judge.causes import findings, roots
from conformance.judge.observation import Outcome
from conformance.report.figures import WORST_FIRST, by_area, clock, reached, worst
from conformance.report.terminal import seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.causes import Finding
    from conformance.judge.observation import Observation
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report

SIGNS = {
    "pass": "✓",
    "fail": "✗",
    "warn": "!",
    "blocked": "⊘",
    "unsupported": "–",  # noqa: RUF001 - a dash as wide as the other signs
    "not-measured": "?",
    "error": "⚠",
    "flaky": "≈",
    "refused": "⊗",
}
LEVELS = ("none", "partial", "core", "full")
_FEATURE_COLOURS = {"holds": "pass", "broken": "fail", "incomplete": "warn"}
MAX_FINDINGS = 200
_KEYS = re.compile(r"refuses-(anonymous|[a-z]+-key)")
_ROLE = re.compile(r"\[([a-z]+)-([a-z0-9_.]+)\]$")


def render_html(report: Report, catalogue: Catalogue) -> str:
    """The page of one run.

    Args:
        report: the run.
        catalogue: texts of operations and requirements.
    """
    rows = _rows(report.observations, catalogue)
    broken = findings(report.observations)
    verdict = report.end.verdict
    return page(
        "report.html.j2",
        {
            "report": report,
            "header": report.header,
            "verdict": verdict,
            "levels": LEVELS,
            "signs": SIGNS,
            "outcomes": [o.value for o in Outcome],
            "counts": Counter(row["outcome"] for row in rows),
            "total": len(rows),
            "findings": [_finding(f, catalogue) for f in broken[:MAX_FINDINGS]],
            "more_findings": max(len(broken) - MAX_FINDINGS, 0),
            "areas": by_area(report, _asked(report, catalogue)),
            "matrix": _matrix(rows),
            "rules": sorted({row["rule"] for row in rows}),
            "sections": _sections(rows),
            "grid": _grid(report.observations, catalogue),
            "latency": _latency(report.observations, catalogue),
            "budgets": report.header.options.get("latencies") or {},
            "deviations": _deviations(report),
            "reached": len(reached(report.observations)),
            "took": clock(seconds_between(report.header.started, report.header.finished)),
            "profiles": _profiles(report),
        },
        data=[row["observations"] for row in rows],
    )


def page(template: str, values: Mapping[str, Any], *, data: object = None) -> str:
    """Render a template into a page that needs nothing else.

    Args:
        template: its file name.
        values: for the template.
        data: JSON values for the script.
    """
    script = _text(template.replace(".html.j2", ".js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    # within a script element only "<" can end it; the others are for readers that take the page for XML
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            # all four are ours, or made safe above
            style=Markup(_text("style.css")),  # noqa: S704
            script=Markup(script),  # noqa: S704
            data=Markup(safe),  # noqa: S704
            script_hash=Markup(digest),  # noqa: S704
        )
    )


def _text(name: str) -> str:
    return resources.files("conformance.report").joinpath("templates", name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # for all text, so that no place in a template can forget it
        finalize=lambda v: visible(v, sys.maxsize) if isinstance(v, str) and not isinstance(v, Markup) else v,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda n: f"{n:,}"
    environment.filters["visible"] = visible
    return environment


def visible(value: object, limit: int = 2000) -> str:
    r"""Text in which nothing hides: surrogates, control characters and direction marks become ``\uXXXX``.

    A server could otherwise turn the reading order of a line around, or make the file no UTF-8.
    """
    text = str(value)
    out = "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text[:limit])
    return out if len(text) <= limit else out + f"… ({len(text) - limit} more characters)"


def _asked(report: Report, catalogue: Catalogue) -> dict[str, str]:
    """Areas of the operations that this run was about."""
    known = {o.operation for o in report.observations}
    return {operation: area for operation, area in catalogue.areas.items() if operation in known}


def _rows(observations: Iterable[Observation], catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row per requirement, with all its observations."""
    groups: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        groups[o.requirement].append(o)
    behind = roots(o for group in groups.values() for o in group)
    rows = []
    for requirement, group in groups.items():
        group.sort(key=lambda o: WORST_FIRST.index(o.outcome))
        first = group[0]
        statement = catalogue.statement(requirement)
        rows.append(
            {
                "id": requirement,
                "outcome": worst(o.outcome for o in group).value,
                "area": catalogue.area(first.operation),
                "rule": first.rule,
                "operation": first.operation or "",
                "label": catalogue.label(first.operation),
                "message": visible(first.message or statement or requirement, 240),
                "root": behind.get(requirement, ""),
                "observations": {
                    "statement": statement,
                    "source": catalogue.sources.get(requirement, ""),
                    "root": visible(behind.get(requirement, "")),
                    "seen": [_shown(o) for o in group],
                },
            }
        )
    rows.sort(key=lambda row: (row["area"], row["operation"], row["id"]))
    return rows


def _shown(observation: Observation) -> dict[str, Any]:
    data = observation.to_json()
    del data["requirement"]
    return {k: _deep(v) for k, v in data.items()}


def _deep(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value, 8000)
    if isinstance(value, dict):
        return {visible(k, 200): _deep(v) for k, v in value.items()}
    return [_deep(v) for v in value] if isinstance(value, (list, tuple)) else value


def _finding(finding: Finding, catalogue: Catalogue) -> dict[str, Any]:
    first = finding.first
    return {
        "rule": finding.rule,
        "reason": finding.reason,
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
        "response": first.evidence.response if first.evidence else None,
        "reproduce": first.script or (first.evidence.curl if first.evidence else ""),
    }


def _matrix(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line per area: rule -> worst outcome, number of bad requirements and of all."""
    lines: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        lines[row["area"]][row["rule"]].append(row["outcome"])
    return [
        {
            "area": area,
            "offered": any(o != "unsupported" for outcomes in cells.values() for o in outcomes),
            "cells": {
                rule: {
                    "worst": worst(map(Outcome, outcomes)).value,
                    "bad": sum(o == "fail" for o in outcomes),
                    "passed": sum(o == "pass" for o in outcomes),
                    "all": len(outcomes),
                }
                for rule, outcomes in cells.items()
            },
        }
        for area, cells in sorted(lines.items())
    ]


def _sections(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list of requirements, by area; each row knows where its data stands."""
    areas: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for index, row in enumerate(rows):
        areas[row["area"]].append({**row, "index": index})
    return [{"area": area, "rows": members} for area, members in areas.items()]


def _grid(observations: Iterable[Observation], catalogue: Catalogue) -> dict[str, Any]:
    """Who may do what: operations against roles, and against the rules on keys.

    A cell of the table of roles is a test of its own, with role and operation in its id.
    """
    cells: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for o in observations:
        named = _ROLE.search(o.test)
        if o.requirement.startswith("LS-AUTHZ-") and named and named[2] in catalogue.operations:
            cells[named[2]][named[1]].append(o)
        elif o.operation and _KEYS.fullmatch(o.rule):
            cells[o.operation][o.rule].append(o)
    columns = {column for row in cells.values() for column in row}
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for operation, row in sorted(cells.items()):
        rows[operation] = {}
        for column, seen in row.items():
            first = min(seen, key=lambda o: WORST_FIRST.index(o.outcome))
            says = f"{first.expected}, got {first.got}" if first.got else ""
            rows[operation][column] = {"id": first.requirement, "outcome": first.outcome.value, "says": says}
    return {"columns": sorted(columns, key=lambda c: (bool(_KEYS.fullmatch(c)), c)), "operations": rows}


def _latency(observations: Iterable[Observation], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Median, 95th percentile and maximum per area, in milliseconds, over the exchanges that are kept."""
    times: dict[str, list[float]] = defaultdict(list)
    for o in observations:
        if o.evidence is not None and o.evidence.response is not None:
            times[catalogue.area(o.operation)].append(o.evidence.elapsed * 1000)
    lines = []
    for area, values in sorted(times.items()):
        ordered = sorted(values)
        lines.append(
            {
                "area": area,
                "count": len(ordered),
                "median": statistics.median(ordered),
                "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
                "max": ordered[-1],
            }
        )
    return lines


def _deviations(report: Report) -> list[dict[str, Any]]:
    return [
        {"entry": d, "matched": len({o.requirement for o in report.observations if d.accepts(o)})}
        for d in report.basis.deviations
    ]


def _profiles(report: Report) -> list[dict[str, Any]]:
    """Each profile with its level and the state of its features."""
    verdict = report.end.verdict
    return [
        {
            "name": profile.name,
            "about": profile.about,
            "claimed": profile.name == report.basis.profile,
            "rank": LEVELS.index(verdict["profiles"][profile.name]["level"]),
            **verdict["profiles"][profile.name],
            "features": [
                {
                    "name": name,
                    "core": name in profile.core,
                    "about": report.basis.profiles.features[name].about,
                    "declared": name in report.basis.declared,
                    "colour": _FEATURE_COLOURS.get(verdict["features"][name]["state"], "unsupported"),
                    "announced": None if report.basis.announced is None else name in report.basis.announced,
                    **verdict["features"][name],
                }
                for name in profile.features
            ],
        }
        for profile in report.basis.profiles.profiles.values()
        if profile.name in verdict["profiles"]
    ]
