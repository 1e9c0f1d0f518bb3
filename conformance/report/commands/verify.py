"""Checks that a report's verdict follows from its observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.judge.plan import tally
from conformance.judge.verdict import judge
from conformance.report.inputs import load_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.judge.verdict import Verdict
    from conformance.report.document import Report


def rejudge(report: Report) -> Verdict:
    """The verdict, computed anew from what the report holds."""
    return judge(report.observations, results=report.tests, plan=report.header.plan, basis=report.basis)


def _without_prose(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_prose(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if key not in {"reason", "stale", "disagreements"}
    }


def problems(report: Report, *, suite: str | None = None) -> list[str]:
    """Return what does not hold together, one sentence each; empty if all does.

    The digest is checked when the file is read. This is against a file that was edited and sealed again.

    Args:
        report: as read.
        suite: version of the suite that is installed; a report of the same one has the same profiles.
    """
    found = []
    # sentences may be worded otherwise by another version; what they say is in the other values
    same = suite in (None, report.header.suite)
    again = rejudge(report).to_json()
    written = dict(report.end.verdict)
    if not same:
        again, written = _without_prose(again), _without_prose(written)
    for key, value in again.items():
        said = written.get(key)
        if said != value:
            short = f" it says {said!r}, they give {value!r}." if isinstance(value, (str, int)) else ""
            found.append(f"The verdict does not follow from the observations: {key}.{short}")
    found.extend(
        f"The observations of {was.id} are not the ones that it made."
        for was, now in zip(report.tests, tally(report.tests, report.observations), strict=True)
        if was != now
    )
    if suite == report.header.suite and report.basis.profile:
        ours, theirs = load_profiles(), report.basis.profiles
        if ours != theirs:
            found.append(f"Its profiles are not those of version {suite} of the suite.")
    return found
