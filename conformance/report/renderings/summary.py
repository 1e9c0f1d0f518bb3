"""``summary.md``: a page of Markdown, made for ``$GITHUB_STEP_SUMMARY`` and for reading as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.judge.findings.wording import some
from conformance.judge.observation import Outcome
from conformance.report.figures import (
    OTHER_EDITION,
    by_area,
    count,
    headline,
    one_line,
    open_findings,
    set_aside,
    share,
    unmeasured,
)
from conformance.reproduce import way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.findings.causes import Finding
    from conformance.report.document import Report

MAX_FINDINGS = 50
MAX_ENTRIES = 10
MAX_PLACES = 20
_SIGNS = {"conformant": "✅", "deviations": "❌", "not-measured": "⚪"}
_SPECIAL = {ord(c): f"\\{c}" for c in "\\`*_{}[]()#+!|~@$"} | {
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("&"): "&amp;",
}


def text(value: object, limit: int = 300) -> str:
    """Text of unknown origin as Markdown that shows it literally, on one line, also within a table."""
    return one_line(str(value), limit).translate(_SPECIAL)


def code(value: object, limit: int = 300) -> str:
    """Text of unknown origin as an HTML ``code`` element (a back-tick span can be broken out of)."""
    return f"<code>{text(value, limit)}</code>"


def fence(value: str, limit: int = 2000) -> list[str]:
    """A code block that no content can end early."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in value)[:limit]
    longest, run = 0, 0
    for c in clean:
        run = run + 1 if c == "`" else 0
        longest = max(longest, run)
    bar = "`" * max(3, longest + 1)
    return [bar, *clean.split("\n"), bar]


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> list[str]:
    """A Markdown table; ``align`` has a letter ``l`` or ``r`` per column."""
    sides = align or "l" * len(head)
    ruler = ["--:" if side == "r" else "---" for side in sides]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]


def render_summary(report: Report, contract_areas: Mapping[str, str]) -> str:
    """The Markdown page of a run.

    Args:
        report: the run.
        contract_areas: operationId -> tag of the contract.
    """
    header, target, verdict = report.header, report.header.target, report.end.verdict
    name = " ".join(part for part in (target.product, target.version, target.edition) if part)
    lines = [
        f"# {_SIGNS[verdict['state']]} {text(name)}: {text(verdict['state'])}",
        "",
        text(verdict["reason"]),
        "",
        *table(
            ("", ""),
            [
                ("target", code(target.url)),
                ("suite", f"{text(header.suite)}, contract {code(header.contract[:19])}"),
                ("run", f"{code(header.run_id)}, {text(header.depth)}, seed {header.seed}"),
                ("time", f"{text(header.started)} to {text(header.finished)}"),
                ("requests", f"{report.statistics.requests:,} ({report.statistics.rate:.1f}/s)"),
                *([("part", text(header.plan.shard))] if header.plan.shard else []),
            ],
        ),
        "",
        *_profiles(report),
        *_list("Not measured", [f"{count(n, 'requirement')}: {text(why)}" for why, n in unmeasured(report)]),
        "## Areas",
        "",
        *_areas(report, contract_areas),
    ]
    broken = open_findings(report)
    lines += ["", f"## {count(len(broken), 'distinct failure')}", ""]
    for number, finding in enumerate(broken[:MAX_FINDINGS], start=1):
        lines += [*_finding(number, finding), ""]
    if not broken:
        lines += ["None.", ""]
    if len(broken) > MAX_FINDINGS:
        lines += [f"… and {len(broken) - MAX_FINDINGS} more in `conformance.json`.", ""]
    unreached = header.options.get("unreached") or ()
    lines += _list("Not reached within the time budget", [text(str(one)) for one in unreached])
    lines += ["## Reproduce", "", *fence(header.reproduce), ""]
    return "\n".join(lines)


def _profiles(report: Report) -> list[str]:
    """Levels, and what of claims and accepted deviations needs a person."""
    verdict = report.end.verdict
    if not verdict["profiles"]:
        return []
    rows = [
        (f"**{text(name)}**" if name == report.basis.profile else text(name), text(headline(p)), text(set_aside(p)))
        for name, p in verdict["profiles"].items()
    ]
    lines = ["## Profiles", "", *table(("profile", "levels", "accepted deviations set aside"), rows), ""]
    lines += _aspects(report)
    differ = [f"{code(d['feature'])}: {text(d['says'])}" for d in verdict["disagreements"]]
    lines += _list("Accepted deviations that need a person", [text(s) for s in verdict["stale"]])
    return lines + _list("Features that are declared, announced or observed otherwise", differ)


def _aspects(report: Report) -> list[str]:
    """Each aspect of the claimed profile: its level, its figures, and what is short."""
    profile = report.end.verdict["profiles"].get(report.basis.profile)
    if not profile or not profile.get("aspects"):
        return []
    rows = [
        (
            name,
            f"**{aspect['level']}**",
            share(aspect["held"], aspect["asked"]),
            f"{aspect['held']:,} of {aspect['asked']:,}",
            str(aspect["unmeasured"] or ""),
            text(aspect["reason"]),
        )
        for name, aspect in profile["aspects"].items()
    ]
    return [*table(("aspect", "level", "holds", "musts", "not measured", "why"), rows, "llrrrl"), ""]


def _list(title: str, entries: Sequence[str]) -> list[str]:
    """A titled list, its first entries only; nothing where there are none."""
    if not entries:
        return []
    more = [f"- … and {len(entries) - MAX_ENTRIES} more in the report"] if len(entries) > MAX_ENTRIES else []
    return [f"### {title}", "", *(f"- {entry}" for entry in entries[:MAX_ENTRIES]), *more, ""]


def _areas(report: Report, contract_areas: Mapping[str, str]) -> list[str]:
    figures = [f for f in by_area(report, contract_areas) if f.area != OTHER_EDITION]
    shown = [o for o in Outcome if any(f.outcomes.get(o) for f in figures)]
    rows = [
        (
            text(f.area),
            f"{f.reached}/{f.operations}" if f.operations else "-",
            *(str(f.outcomes.get(outcome, 0) or "") for outcome in shown),
        )
        for f in figures
    ]
    total = (
        "**total**",
        f"**{sum(f.reached for f in figures)}/{sum(f.operations for f in figures)}**",
        *(f"**{sum(f.outcomes.get(outcome, 0) for f in figures)}**" for outcome in shown),
    )
    return table(("area", "reached", *(o.value for o in shown)), [*rows, total], "lr" + "r" * len(shown))


def _finding(number: int, finding: Finding) -> list[str]:
    first = finding.first
    places = finding.places
    blocked = f", blocks {count(finding.blocked, 'check')}" if finding.blocked else ""
    where = f"in {count(len(places), 'place')}{blocked}"
    title = f"<b>{finding.impact.value}</b>, {text(finding.rule)} {where}: {text(finding.reason)}"
    lines = [
        f"<details><summary>{number}. {title}</summary>",
        "",
        *([f"- at fault: {code(finding.suspect)}"] if finding.suspect else []),
        *([f"- asked of: {code(finding.asked)}, which came before"] if finding.asked else []),
        f"- places: {some([code(place) for place in places], MAX_PLACES)}",
        f"- requirement: {code(first.requirement)}",
    ]
    facts = (
        ("expected", first.expected),
        ("written in", first.pointer),
        ("got", first.got),
        ("breaks the client", first.client and first.client.told),
    )
    for label, value in facts:
        if value:
            lines.append(f"- {label}: {text(value)}")
    if first.hint:
        lines.append(f"- next: {text(first.hint)}")
    if first.script or first.evidence:
        lines += ["", *fence(way(first))]
    return [*lines, "", "</details>"]
