"""Holds what a world knows in one scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import Prepared, RequestTable
    from conformance.wire import Exchange

Identity: TypeAlias = int | str


@dataclass(slots=True)
class Level:
    """One scope.

    Attributes:
        identities: of the present object of each kind; ``project of import_storage.s3`` is one that stands apart.
        called: operations that some request needs to have been called before; each is called once.
        unavailable: what was wished for and can't be made; it is not tried again.
    """

    identities: dict[str, Identity] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    unavailable: set[str] = field(default_factory=set)

    def forget(self, kind: str) -> None:
        """An object of this kind may be gone, and with it what was done, or could not be done, before."""
        for name in self._names(kind):
            del self.identities[name]
        self.called.clear()
        self.unavailable.clear()

    def holds(self, kind: str, identity: str) -> bool:
        """Return whether this is the present object of its kind, or one that stands apart."""
        return any(str(self.identities[name]) == identity for name in self._names(kind))

    def _names(self, kind: str) -> list[str]:
        return [name for name in self.identities if name.partition(" of ")[0] == kind]


class Supply(Protocol):
    """The world, as those see it that make or restore one thing in it."""

    @property
    def requests(self) -> RequestTable:
        """The templates of valid requests."""

    def get(self, kind: str) -> Identity:
        """The identity of an object of this kind, made if there is none."""

    def values(self, operation: Operation) -> dict[str, Identity]:
        """A value for each path parameter of an operation."""

    def request(self, operation_id: str, *, beside: str | None = None) -> Prepared:
        """A request that the operation should answer with its documented success, on the objects of another one."""

    def send(self, prepared: Prepared) -> Exchange:
        """Send a prepared request, whatever comes back, and note what it consumed."""

    def resolve(self, value: Any) -> Any:
        """The value with every ``$name`` in it replaced."""
