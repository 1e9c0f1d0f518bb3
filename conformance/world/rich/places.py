"""What a rich world consists of: objects, and the places that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.wire import RefusedByGuard
from conformance.world.making import CannotMake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.world.level import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rich:
    """One rich object.

    Attributes:
        name: as in ``spec/rich.yaml``.
        kind: as in ``spec/resources.yaml``.
        id: its identity.
        sent: the body of its creation, references resolved; empty for an upload.
        answered: what the creation said.
    """

    name: str
    kind: str
    id: Identity
    sent: Mapping[str, Any]
    answered: Any


@dataclass(slots=True)
class Place:
    """One project and all that is in it, by name."""

    name: str
    objects: dict[str, Rich] = field(default_factory=dict)
    missing: dict[str, Exception] = field(default_factory=dict)
    """Name → why it could not be made: what a target does not offer is left out, and whoever needs it is told."""

    def __getitem__(self, name: str) -> Rich:
        if name not in self.objects:
            problem = self.missing.get(name)
            if isinstance(problem, RefusedByGuard):
                raise problem
            raise CannotMake("", f"no rich {name}: {problem or 'its part was not asked for'}")
        return self.objects[name]

    def __contains__(self, name: str) -> bool:
        return name in self.objects

    def __iter__(self) -> Iterator[Rich]:
        return iter(self.objects.values())

    def of(self, kind: str) -> list[Rich]:
        """Every object of a kind."""
        return [o for o in self if o.kind == kind]
