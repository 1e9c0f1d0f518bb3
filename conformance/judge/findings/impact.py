"""Computes who is hurt by a finding: from what was asked, and from what was seen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.judge.observation import Aspect, Impact, Outcome, Reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.judge.observation import Observation

FOLLOWS: Final[Mapping[Aspect, Impact]] = {
    Aspect.INTEROPERABLE: Impact.WRONG_ANSWER,
    Aspect.STRICT: Impact.CONTRACT_ONLY,
    Aspect.ROBUST: Impact.WRONG_ANSWER,
    Aspect.SECURE: Impact.OPEN_DOOR,
}
"""Who is hurt where neither the requirement nor the exchange says more."""

HURTS: Final = frozenset({Impact.DATA_LOSS, Impact.OPEN_DOOR, Impact.OUTAGE, Impact.WRONG_ANSWER, Impact.BROKEN_CLIENT})
"""Impacts that somebody who uses the server feels; the others are between the server and the contract."""

BROKEN: Final = frozenset({Outcome.FAIL, Outcome.WARN, Outcome.UNSUPPORTED, Outcome.FLAKY})
"""Outcomes that can hurt somebody."""

_ORDER = {impact: rank for rank, impact in enumerate(Impact)}
# What these send is broken on purpose: a 5xx to it is untidy, and harms nobody as long as nothing else is seen.
_HOSTILE = frozenset({"no-server-error", "refuses-malformed", "refuses-body", "create-while-deleting"})
_READS = frozenset({"GET", "HEAD"})
_SERVER_ERROR = 500


def severity(impact: Impact) -> int:
    """0 for the worst."""
    return _ORDER[impact]


def worst(impacts: Iterable[Impact]) -> Impact:
    """The worst of several (at least one)."""
    return min(impacts, key=severity)


def assess(observation: Observation, *, stated: Impact | None = None) -> Impact:
    """Return who is hurt by what an observation shows.

    What is stated of a rule or requirement holds, unless what was seen is worse: a valid object that can't be read any
    more is an outage, whatever the check was about. Where nothing is stated, a 5xx to hostile input is ``hygiene``
    as long as nothing else is seen of it; that it stored, or broke readers, are observations of their own, which share
    its exchange, and the worst of a finding's impacts is the finding's. A broken schema on which the official client
    raises is more than a broken contract.

    Args:
        observation: of a broken requirement.
        stated: what ``spec/`` says of the requirement or rule; None where it leaves that to this function.
    """
    status = _status(observation)
    broke = status is not None and status >= _SERVER_ERROR
    if observation.rule in _HOSTILE:
        return stated or (Impact.HYGIENE if broke else Impact.CONTRACT_ONLY)
    usual = stated or FOLLOWS[observation.aspect]
    if observation.client is Reads.RAISES:
        usual = worst((usual, Impact.BROKEN_CLIENT))
    if broke and observation.aspect is Aspect.INTEROPERABLE and _method(observation) in _READS:
        return worst((usual, Impact.OUTAGE))
    return usual


def impact_of(observation: Observation) -> Impact:
    """The impact that an observation carries; of one from an older report, what follows from the observation."""
    return observation.impact or assess(observation)


def _status(observation: Observation) -> int | None:
    response = observation.evidence.response if observation.evidence else None
    status = response.get("status") if response else None
    return status if isinstance(status, int) else None


def _method(observation: Observation) -> str:
    return str(observation.evidence.request.get("method", "")) if observation.evidence else ""
