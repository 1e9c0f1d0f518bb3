"""Renders a failed test for a person: one screen, without our traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.judge.deviations import acceptance
from conformance.judge.observation import Observation, Outcome
from conformance.reproduce import SCRIPTS, is_script, script_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.judge.deviations import Deviation

MOST = 5


class ConformanceFailure(AssertionError):
    """The target broke at least one requirement in this test."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self.observations = tuple(observations)
        super().__init__(render(self.observations))


def excuse(failures: Iterable[Observation], deviations: Sequence[Deviation]) -> str:
    """The reasons for which all failures of a test are accepted; empty if one of them is not, or there is none."""
    entries = [acceptance(o, deviations) for o in failures]
    return (
        ""
        if None in entries or not entries
        else "accepted: " + "; ".join(dict.fromkeys(d.reason for d in entries if d))
    )


def render(observations: Iterable[Observation]) -> str:
    """Each failure as: what broke, expected (with pointer), got, reproduce, next."""
    bad = [o for o in observations if o.outcome in {Outcome.FAIL, Outcome.ERROR, Outcome.BLOCKED}]
    bad.sort(key=lambda o: (o.outcome is not Outcome.FAIL, o.requirement))
    parts = [_one(o) for o in bad[:MOST]]
    if len(bad) > MOST:
        parts.append(f"… and {len(bad) - MOST} more; all are in conformance.json")
    return "\n\n".join(parts)


def _one(observation: Observation) -> str:
    times = f" ({observation.count} times)" if observation.count > 1 else ""
    lines = [f"{observation.requirement} {observation.outcome.value}{times}: {observation.message}"]
    if observation.expected:
        lines.append(f"  expected  {observation.expected}")
    if observation.pointer:
        lines.append(f"  as in     {observation.pointer}")
    if observation.got:
        lines.append(f"  got       {observation.got}")
    if observation.blocked_by:
        lines.append(f"  blocked   by {observation.blocked_by}")
    if observation.evidence is not None:
        if observation.evidence.response is not None:
            body = " ".join(str(observation.evidence.response["body"]).split())
            lines.append(f"  response  {observation.evidence.response['status']} {body[:200]}")
        lines.append(f"  reproduce {observation.evidence.curl}")
    if is_script(observation.script):
        lines.append(
            f"  script    {SCRIPTS}/{script_name(observation)} (in the report's folder): all steps, from nothing"
        )
    if observation.hint:
        lines.append(f"  next      {observation.hint}")
    return "\n".join(lines)
