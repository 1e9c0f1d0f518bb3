"""Limits of histories at each depth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPolicy:
    """How much is walked of each family.

    Attributes:
        histories: of each family.
        steps: of each history, for each kind of the family; the looks at what they did come on top.
        rounds: how often each race is run, unless it goes wrong before.
    """

    histories: int
    steps: int
    rounds: int


HISTORY_POLICIES = {
    "quick": HistoryPolicy(histories=0, steps=0, rounds=0),
    "gate": HistoryPolicy(histories=1, steps=10, rounds=2),
    "deep": HistoryPolicy(histories=200, steps=20, rounds=20),
}
