"""Tracks every object of a history: whether it must exist, and what was last written to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.tables.resources import Resources


@dataclass(slots=True, kw_only=True)
class Thing:
    """One object.

    Attributes:
        number: its name in the history; identities differ from world to world.
        identity: as the target named it.
        made_by: the operation that made it, or the list that showed it.
        listed_only: nothing made it that the history knows of: a list showed it.
        gone_by: the operation that removed it; None while it has to be there.
        with_parent: what was removed is something that it hung on.
        doubtful: whether it is there can't be known: an operation that may have removed it failed.
        sent: fields that were written to it last.
        shown: these fields as they were read first after that; None before.
    """

    number: int
    kind: str
    identity: Any
    parent: Thing | None
    made_by: str
    listed_only: bool = False
    gone_by: str | None = None
    with_parent: bool = False
    doubtful: bool = False
    sent: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] | None = None

    @property
    def gone(self) -> bool:
        """Whether the object must be gone."""
        return self.gone_by is not None and not self.doubtful

    @property
    def alive(self) -> bool:
        """Whether the object must exist."""
        return self.gone_by is None and not self.doubtful

    def line(self) -> Iterator[Thing]:
        """Itself, and what it hangs on, up to the root."""
        thing: Thing | None = self
        while thing is not None:
            yield thing
            thing = thing.parent

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}"


class Model:
    """All things of one history, in the order in which they came.

    Args:
        resources: says what the kinds of things are.
    """

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.things: dict[int, Thing] = {}

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.things.values())

    def add(self, thing: Thing) -> None:
        """Take in a new thing; one that had its identity before is forgotten (identities may be used again)."""
        former = self.find(thing.kind, thing.identity)
        if former is not None:
            former.doubtful = True
        self.things[thing.number] = thing

    def find(self, kind: str, identity: Any) -> Thing | None:
        """The latest thing with this identity; identities compare as text, as URLs carry them."""
        return next((t for t in self.latest(kind) if str(t.identity) == str(identity)), None)

    def latest(self, kind: str) -> list[Thing]:
        """Things of a kind, the latest first."""
        return [t for t in reversed(self.things.values()) if t.kind == kind]

    def below(self, thing: Thing) -> Iterator[Thing]:
        """What hangs on a thing, at any depth."""
        return (t for t in self if t is not thing and thing in t.line())

    def remove(self, thing: Thing, by: str) -> None:
        """A thing was removed, and all that hung on it."""
        for one in (thing, *self.below(thing)):
            if one.gone_by is None:
                one.gone_by, one.with_parent = by, one is not thing

    def doubt(self, thing: Thing) -> None:
        """An operation that removes the thing failed: from now on nobody knows."""
        for one in (thing, *self.below(thing)):
            if one.gone_by is None:
                one.doubtful = True
