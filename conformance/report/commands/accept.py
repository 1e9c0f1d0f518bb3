"""Writes entries of accepted deviations for a person to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from packaging.version import InvalidVersion, Version

from conformance.judge.deviations import slug
from conformance.judge.findings.causes import findings, kind_of
from conformance.judge.observation import Outcome
from conformance.judge.verdict import red

if TYPE_CHECKING:
    from conformance.judge.observation import Observation
    from conformance.report.document import Report


def version_range(version: str) -> str:
    """The range of versions that share major and minor: ``>=1.23,<1.24`` for 1.23.2."""
    try:
        release = [*Version(version).release, 0]
    except InvalidVersion:
        return "==0  # TODO: the target names no version that can be compared"
    return f">={release[0]}.{release[1]},<{release[0]}.{release[1] + 1}"


def unaccepted(report: Report) -> tuple[Observation, ...]:
    """The observations that make a run red."""
    return red(report.observations, report.basis)


def render_entries(report: Report) -> str:
    """A file of deviations, without reasons: it is refused until somebody has written them.

    One entry per cause and signature; the operations that share it are listed together.
    """
    target = report.header.target
    broken = unaccepted(report)
    lines = [
        f"# Failures of {target.product} {target.version} in the run {report.header.run_id}.",
        "# Each entry needs a reason (and should have a link, an owner and an expiry), or it is refused.",
    ]
    head = {
        "product": slug(target.product),
        "edition": target.edition,
        "versions": version_range(target.version),
    }
    lines += [_yaml(head).rstrip(), "deviations:" + ("" if broken else " []")]
    for outcome in (Outcome.FAIL, Outcome.UNSUPPORTED):
        same: dict[tuple[str, ...], list[Observation]] = {}
        for finding in findings(broken, outcome=outcome):
            for o in finding.observations:
                same.setdefault((*kind_of(o), o.signature), []).append(o)
        for members in same.values():
            lines += _entry(members, outcome, members[0].signature)
    return "\n".join(lines) + "\n"


def _entry(same: list[Observation], outcome: Outcome, signature: str) -> list[str]:
    first = same[0]
    compiled = "#" in first.requirement and all(o.operation for o in same)
    entry: dict[str, object] = (
        {"rule": first.rule, "operations": sorted({o.operation for o in same if o.operation})}
        if compiled
        else {"requirement": first.requirement}
    )
    if outcome is not Outcome.FAIL:
        entry["outcome"] = outcome.value
    entry |= {"signature": signature or "TODO: this failure has no signature", "reason": "", "link": "", "owner": ""}
    body = _yaml(entry).rstrip().split("\n")
    comment = " ".join("".join(c if c.isprintable() else " " for c in first.message).split())[:100]
    return [f"# {comment}", f"- {body[0]}", *(f"  {line}" for line in body[1:])]


def _yaml(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
