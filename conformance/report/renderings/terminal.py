"""The one screen at the end of a run: plain text that fits the terminal."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conformance.judge.observation import Outcome
from conformance.report.figures import (
    OTHER_EDITION,
    SEPARATOR,
    by_area,
    clock,
    count,
    headline,
    one_line,
    open_findings,
    set_aside,
    unmeasured,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.judge.findings.causes import Finding
    from conformance.report.document import Report
    from conformance.report.figures import AreaFigures

MAX_LINES = 40
MAX_AREAS = 16
# Of what needs a person, so many are named.
NAMED = 2
# As many kinds of peer as there are: each that is missing has its line.
MISSING = 6
_NARROWEST = 60
UNLIMITED = 10_000
"""Columns where no terminal is: a log, a file, a pipe."""


def render_terminal(
    report: Report, contract_areas: Mapping[str, str], width: int = 100, *, where: str = "reports/latest"
) -> str:
    """The last screen of a run, at most 40 lines.

    Args:
        report: the run.
        contract_areas: operationId -> tag of the contract, of all operations asked of the target.
        width: columns of the terminal.
        where: the folder that the report is in, as a person would type it.

    Returns:
        Plain text, no line longer than ``width`` (60 at least), without a final newline.
    """
    width = max(width, _NARROWEST)
    every = by_area(report, contract_areas)
    # what the target's edition does not owe is told, but not added up
    figures = [f for f in every if f.area != OTHER_EDITION]
    lines = [*_head(report, width), "", *_areas(figures, width), ""]
    tail = ["", *_tail(report, figures, width, where)]
    broken = open_findings(report)
    if broken:
        lines += _findings(broken, width, MAX_LINES - len(lines) - len(tail))
    else:
        lines.append("no failure that nobody accepted" if report.end.verdict["accepted"] else "no failure")
    lines += tail
    return "\n".join(line.rstrip() for line in lines)


def _head(report: Report, width: int) -> list[str]:
    header, target = report.header, report.header.target
    name = " ".join(p for p in (target.product, target.version, f"({target.edition})") if p)
    how = f"{header.depth}, seed {header.seed}" + (f", part {header.plan.shard}" if header.plan.shard else "")
    return [one_line(f"{name} at {target.url}", width), one_line(how, width)]


def _areas(figures: Sequence[AreaFigures], width: int) -> list[str]:
    shown, folded = _fold(figures)
    name = min(max([len(f.area) for f in shown] + [len("area"), len("total")]), width - 36)
    lines = [f"{'area':<{name}}  {'reached':>9}  {'passed':>7}  {'failed':>7}"]
    for f in shown:
        ratio = f"{f.reached}/{f.operations}" if f.operations else "-"
        mark = "" if not f.failed else "  ✗"
        lines.append(f"{one_line(f.area, name):<{name}}  {ratio:>9}  {f.passed:>7}  {f.failed:>7}{mark}")
    lines += [one_line(text, width) for text in folded]
    ratio = f"{sum(f.reached for f in figures)}/{sum(f.operations for f in figures)}"
    passed, failed = sum(f.passed for f in figures), sum(f.failed for f in figures)
    lines.append(f"{'total':<{name}}  {ratio:>9}  {passed:>7}  {failed:>7}")
    return lines


def _fold(figures: Sequence[AreaFigures]) -> tuple[list[AreaFigures], list[str]]:
    """The areas to show one by one, and a line for each kind of the others."""
    asked = [f for f in figures if f.executed]
    silent = [f for f in figures if not f.executed]
    shown, texts = list(asked), []
    if len(shown) > MAX_AREAS:
        calm = [f for f in shown if not f.failed and f.reached >= f.operations]
        shown = [f for f in shown if f not in calm]
        texts.append(f"{count(len(calm), 'more area')}: every operation reached, nothing failed")
    if len(shown) > MAX_AREAS:
        kept = sorted(shown, key=lambda f: (-f.failed, f.reached - f.operations, f.area))[:MAX_AREAS]
        rest = [f for f in shown if f not in kept]
        shown = [f for f in shown if f in kept]
        failed = sum(f.failed for f in rest)
        texts.append(f"{count(len(rest), 'more area')}: {count(failed, 'failed requirement')}")
    if silent:
        operations = sum(f.operations for f in silent)
        texts.append(f"{count(len(silent), 'area')} not offered or not asked ({count(operations, 'operation')})")
    return shown, texts


def _findings(broken: Sequence[Finding], width: int, space: int) -> list[str]:
    """As many findings as fit into ``space`` lines, its title and the line on the rest included."""
    # what differs in its signature only reads the same: one line, and how often
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in broken:
        groups.setdefault((finding.place, finding.rule, finding.reason), []).append(finding)
    told = [(same[0], len(same)) for same in groups.values()]
    fit = space - 1 if len(told) < space else space - 2
    lines = [f"{count(len(broken), 'distinct failure')}, the worst first:"]
    for finding, alike in told[:fit]:
        places = finding.places
        more = f" (+{len(places) - 1} more)" if len(places) > 1 else ""
        more += f" after {finding.asked}" if finding.asked else ""
        blocked = f", blocks {finding.blocked}" if finding.blocked else ""
        times = f" ({alike} ways)" if alike > 1 else ""
        place = one_line(
            f"{finding.impact.value}: {finding.place}{more} {finding.rule}{times}{blocked}", width * 2 // 3
        )
        lines.append(f"✗ {place}: {one_line(finding.reason, width - len(place) - 4)}")
    if len(told) > fit:
        lines.append(f"  … and {len(told) - fit} more in the report")
    return lines


def _tail(report: Report, figures: Sequence[AreaFigures], width: int, where: str) -> list[str]:
    outcomes = report.end.counts["outcomes"]
    accepted = sum(f.accepted for f in figures)
    other = [f"{accepted} accepted"] if accepted else []
    other += [
        f"{sum(f.outcomes.get(o, 0) for f in figures)} {o.value}"
        for o in Outcome
        if o not in {Outcome.PASS, Outcome.FAIL} and outcomes.get(o.value)
    ]
    s = report.statistics
    took = clock(seconds_between(report.header.started, report.header.finished))
    sent = f"{count(s.requests, 'request')} ({s.rate:.1f}/s) in {took}"
    lines = _whole(f"{sent}; {count(len(report.tests), 'test')}", width)
    if other:
        lines += _whole("not counted above: " + ", ".join(other), width)
    verdict = report.end.verdict
    profile = verdict["profiles"].get(report.basis.profile)
    if profile:
        lines += _levels(report.basis.profile, profile, width)
    reasons = unmeasured(report)
    lines += [one_line(f"{count(n, 'requirement')} not measured: {why}", width) for why, n in reasons[:MISSING]]
    if len(reasons) > MISSING:
        lines.append(f"… and {count(len(reasons) - MISSING, 'other reason')} why something was not measured")
    lines += [one_line(f"accepted deviation, {s}", width) for s in verdict["stale"][:NAMED]]
    if (more := len(verdict["stale"]) - NAMED) > 0:
        lines.append(f"… and {more} more accepted deviations that need a person")
    lines += [
        one_line(f"feature {d['feature']}: {d['says']}", width) for d in verdict["disagreements"] if d["binding"]
    ][:NAMED]
    lines += _whole(f"{str(verdict['state']).upper()}: {verdict['reason']}", width)
    lines += _whole(f"report: {where}/summary.md, {where}/conformance.json", width)
    return lines


def _whole(text: str, width: int) -> list[str]:
    """What nobody can do without, on as many lines as it needs: numbers, the verdict, and where the report is."""
    return textwrap.wrap(
        one_line(text, UNLIMITED), width, subsequent_indent="  ", break_on_hyphens=False, max_lines=3, placeholder=" …"
    )


def _levels(name: str, profile: Mapping[str, Any], width: int) -> list[str]:
    """The headline, on as many lines as it needs; what is short; and the levels that acceptance holds back."""
    parts = headline(profile).split(SEPARATOR)
    lines = [f"{name}: {parts[0]}"]
    for part in parts[1:]:
        if len(lines[-1]) + len(SEPARATOR) + len(part) <= width:
            lines[-1] += SEPARATOR + part
        else:
            lines.append(f"  {part}")
    lines.append(f"  {profile['reason']}")
    lines = [one_line(line, width) if not line.startswith("  ") else "  " + one_line(line, width - 2) for line in lines]
    if aside := set_aside(profile):
        lines += [f"  {line}" for line in _whole(f"accepted deviations set aside: {aside}", width - 2)]
    return lines


def seconds_between(started: str, finished: str) -> float:
    """Seconds between two ISO 8601 times; 0 where they are the wrong way round."""
    return max((datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds(), 0.0)
