"""Renders what changed between two runs: Markdown for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from conformance.judge.compare import RED, Change
from conformance.report.figures import count, headline
from conformance.report.renderings.summary import code, table, text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from conformance.judge.compare import Difference
    from conformance.report.document import Report

MAX_ROWS = 200


def is_red(differences: Sequence[Difference], allowed: Collection[Change] = ()) -> bool:
    """Return whether a comparison fails."""
    return any(d.change in RED and d.change not in allowed for d in differences)


def name(report: Report) -> str:
    """How a run is called beside another one."""
    target = report.header.target
    return " ".join(part for part in (target.product, target.version, target.edition) if part)


def notes(before: Report, after: Report) -> list[str]:
    """Why a comparison may say less than it seems to."""
    pairs = (
        ("contract", before.header.contract, after.header.contract),
        ("suite", before.header.suite, after.header.suite),
        ("depth", before.header.depth, after.header.depth),
        ("seed", str(before.header.seed), str(after.header.seed)),
    )
    return [f"The runs differ in their {what}: {old} and {new}." for what, old, new in pairs if old != new]


def diff_json(before: Report, after: Report, differences: Sequence[Difference]) -> dict[str, Any]:
    """The comparison as plain JSON values."""
    return {
        "before": {"run_id": before.header.run_id, "target": name(before), "digest": before.end.digest},
        "after": {"run_id": after.header.run_id, "target": name(after), "digest": after.end.digest},
        "notes": notes(before, after),
        "counts": dict(Counter(d.change.value for d in differences)),
        "differences": [
            {
                "requirement": d.requirement,
                "change": d.change.value,
                "before": d.before.value if d.before else None,
                "after": d.after.value if d.after else None,
                "impact": d.impact.value if d.impact else None,
                "message": d.message,
            }
            for d in differences
        ],
    }


def _headlines(*reports: Report) -> list[str]:
    """The levels of both runs, one under the other."""
    lines = []
    for report in reports:
        profile = report.end.verdict["profiles"].get(report.basis.profile)
        if profile:
            lines.append(f"- {text(name(report))}, {text(report.basis.profile)}: {text(headline(profile))}")
    return [*lines, ""] if lines else []


def render_diff(before: Report, after: Report, differences: Sequence[Difference]) -> str:
    """The comparison as Markdown."""
    counts = Counter(d.change for d in differences)
    summary = ", ".join(f"{counts[c]} {c.value}" for c in Change if counts[c]) or "no difference"
    lines = [f"# {text(name(before))} → {text(name(after))}", "", f"{summary}.", "", *_headlines(before, after)]
    lines += [f"> {text(note)}" for note in notes(before, after)]
    for change in Change:
        group = [d for d in differences if d.change is change]
        if not group:
            continue
        lines += ["", f"## {count(len(group), 'requirement')} {change.value}", ""]
        rows = [
            (
                code(d.requirement),
                d.impact.value if d.impact else "",
                d.before.value if d.before else "-",
                d.after.value if d.after else "-",
                text(d.message, 160),
            )
            for d in group[:MAX_ROWS]
        ]
        lines += table(("requirement", "who is hurt", "before", "after", "says"), rows)
        if len(group) > MAX_ROWS:
            lines += ["", f"… and {len(group) - MAX_ROWS} more."]
    return "\n".join(lines) + "\n"
