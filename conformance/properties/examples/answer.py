"""Reduces a failure to what identifies it; one example is kept for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.wire.checking.wording import cause

if TYPE_CHECKING:
    from conformance.judge.observation import Observation

BY_DEED: Final = frozenset({"valid-never-fails", "no-server-error", "accepts-valid", "answered"})
"""Rules whose signatures end with what was done to the request: many deeds have one answer."""


def key_of(observation: Observation) -> tuple[str, str]:
    """Requirement and answer: equal for failures that one example is enough for.

    A server that breaks on any body breaks on thousands of them; and a request that is made smaller is another deed.
    """
    return observation.requirement, _answer(observation)


def _answer(observation: Observation) -> str:
    """The status and the reason of an error, or else the signature."""
    if observation.rule not in BY_DEED:
        return observation.signature
    came, named, _ = observation.signature.partition(": ")
    status, _, reason = observation.got.partition(" ")
    if not named or came != f"HTTP {status}":
        return came if named else observation.signature
    return f"{came} {cause(reason)}".strip()
