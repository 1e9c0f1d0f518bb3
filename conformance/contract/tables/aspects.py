"""Looks up in ``spec/`` what an observation is about and who is hurt by it, once for all that is observed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.judge.findings.impact import BROKEN, assess
from conformance.judge.observation import Aspect

if TYPE_CHECKING:
    from conformance.judge.observation import Impact, Observation


def asked_by(requirement_id: str) -> tuple[Aspect, Impact | None]:
    """The aspect of a requirement, written or compiled, and what is stated of its impact."""
    _, mark, rule = requirement_id.partition("#")
    known = load_rules().rules.get(rule.partition(":")[0]) if mark else load_requirements().get(requirement_id)
    return (known.aspect, known.impact) if known else (Aspect.INTEROPERABLE, None)


def told_of(observation: Observation) -> Observation:
    """The observation with its aspect and, where something is broken, its impact."""
    aspect, stated = asked_by(observation.requirement)
    known = replace(observation, aspect=aspect)
    broken = observation.outcome in BROKEN
    return replace(known, impact=observation.impact or assess(known, stated=stated)) if broken else known
