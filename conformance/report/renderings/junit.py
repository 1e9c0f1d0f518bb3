"""``junit.xml`` from a report: one case per test, with the failure text that a person needs."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from conformance.judge.observation import Outcome

if TYPE_CHECKING:
    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult
    from conformance.report.document import Report

# What XML 1.0 cannot hold at all, not even escaped.
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """JUnit XML as CI systems read it.

    A test that only observed accepted deviations is no failure here either; its text tells of them.
    """
    of: dict[str, list[Observation]] = defaultdict(list)
    for o in report.observations:
        of[o.test].append(o)
    suite = ET.Element("testsuite", {"name": "label-studio-conformance", "timestamp": report.header.started})
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for test in report.tests:
        totals["tests"] += 1
        kind = _case(suite, test, of[test.id], report)
        if kind:
            totals[kind] += 1
    for name, value in totals.items():
        suite.set(name, str(value))
    suite.set("time", f"{sum(t.duration for t in report.tests):.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, test: NodeResult, seen: list[Observation], report: Report) -> str | None:
    """Add one case; say which total it counts to."""
    file, _, name = test.id.partition("::")
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(file.removesuffix(".py").replace("/", ".")),
            "name": _clean(name or file),
            "time": f"{test.duration:.3f}",
        },
    )
    failed = [o for o in seen if o.outcome is Outcome.FAIL]
    accepted = [o for o in failed if any(d.accepts(o) for d in report.basis.deviations)]
    bad = [o for o in failed if o not in accepted]
    if bad or (test.outcome == "failed" and not failed):
        _say(case, "failure", bad or [o for o in seen if o.outcome is not Outcome.PASS])
        return "failures"
    if accepted:
        ET.SubElement(case, "system-out").text = _clean("accepted:\n" + "\n\n".join(map(_text, accepted)))
    if test.outcome == "error" or any(o.outcome is Outcome.ERROR for o in seen):
        _say(case, "error", [o for o in seen if o.outcome is Outcome.ERROR])
        return "errors"
    shown = [o for o in seen if o.outcome is not Outcome.PASS]
    if test.outcome == "skipped" or (seen and len(shown) == len(seen) and not failed):
        reason = shown[0].message or shown[0].outcome.value if shown else "skipped"
        ET.SubElement(case, "skipped", {"message": _clean(reason)})
        return "skipped"
    return None


def _say(case: ET.Element, tag: str, seen: list[Observation]) -> None:
    message = "; ".join(f"{o.requirement}: {o.message}" for o in seen[:3]) or "no observation says why"
    ET.SubElement(case, tag, {"message": _clean(message)[:500]}).text = _clean("\n\n".join(map(_text, seen)))


def _text(o: Observation) -> str:
    lines = [f"{o.requirement} {o.outcome.value}: {o.message}"]
    for label, value in (
        ("expected", o.expected),
        ("as in", o.pointer),
        ("got", o.got),
        ("client", o.client.told if o.client else None),
        ("blocked by", o.blocked_by),
        ("reproduce", o.evidence.curl if o.evidence else None),
        ("next", o.hint),
    ):
        if value:
            lines.append(f"  {label:<10} {value}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
