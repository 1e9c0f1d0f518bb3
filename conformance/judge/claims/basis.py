"""Holds what a run is judged by; it is part of the report, so that anyone can judge again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from conformance.judge.claims.profiles import Profiles
from conformance.judge.deviations import Deviation

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Rules of one judgement.

    Attributes:
        profiles: features and profiles; without any, only the observations themselves are judged.
        profile: name of the profile that the target claims; empty = none.
        deviations: the accepted deviations that apply to the target.
        strict: whether a deviation entry that needs a person turns the run red.
        declared: features that the target's owner claims (target file). A claimed one must be there.
        announced: features that the target's own schema offers; None = it publishes none.
        day: on which deviations may be expired.
    """

    profiles: Profiles = field(default_factory=Profiles)
    profile: str = ""
    deviations: tuple[Deviation, ...] = ()
    strict: bool = False
    declared: frozenset[str] = frozenset()
    announced: frozenset[str] | None = None
    day: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "profiles": self.profiles.to_json(),
            "profile": self.profile,
            "deviations": [d.to_json() for d in self.deviations],
            "strict": self.strict,
            "declared": sorted(self.declared),
            "announced": None if self.announced is None else sorted(self.announced),
            "day": self.day.isoformat() if self.day else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            profiles=Profiles.from_json(data["profiles"]),
            profile=data["profile"],
            deviations=tuple(Deviation.from_json(d) for d in data["deviations"]),
            strict=data["strict"],
            declared=frozenset(data["declared"]),
            announced=None if data["announced"] is None else frozenset(data["announced"]),
            day=date.fromisoformat(data["day"]) if data["day"] else None,
        )
