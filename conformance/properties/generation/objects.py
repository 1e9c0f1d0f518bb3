"""What generated requests ask of those who make objects for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import RequestTable


class Objects(Protocol):
    """Where objects come from: a world, or one of names."""

    @property
    def requests(self) -> RequestTable:
        """The templates of valid requests."""

    def provide(self, operation_id: str) -> None:
        """Make what an operation needs besides what its request names."""

    def values(self, operation: Operation) -> Mapping[str, Any]:
        """A value for each path parameter."""

    def resolve(self, value: Any) -> Any:
        """The value with every reference in it replaced."""

    def get(self, kind: str) -> Any:
        """The identity of an object of this kind."""
