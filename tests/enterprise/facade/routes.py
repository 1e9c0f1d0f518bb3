"""Which operations a path serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.contract import Edition

if TYPE_CHECKING:
    from conformance.contract import Contract, Operation

# what the contract has of Community, and the real server has not
LACKING = frozenset({"annotations.create_bulk", "annotations.delete_bulk", "tasks.create_event"})


@dataclass(frozen=True, slots=True)
class Place:
    """A path of the contract that a request names.

    Attributes:
        operations: by method.
        values: raw values of the path's parameters.
    """

    operations: dict[str, Operation]
    values: dict[str, str]

    @property
    def enterprise_only(self) -> bool:
        """Does the real server know nothing of it?"""
        return all(o.edition is Edition.ENTERPRISE or o.id in LACKING for o in self.operations.values())

    @property
    def methods(self) -> tuple[str, ...]:
        """What ``Allow`` is to name."""
        return tuple(sorted({*self.operations, *({"HEAD"} if "GET" in self.operations else ())}))


class Routes:
    """Finds the path that a request names; a literal one wins over a template."""

    def __init__(self, contract: Contract) -> None:
        paths: dict[str, dict[str, Operation]] = {}
        for operation in contract:
            paths.setdefault(operation.path, {})[operation.method] = operation
        self._paths = sorted(paths.values(), key=lambda ops: len(next(iter(ops.values())).slots))

    def find(self, path: str) -> Place | None:
        """The place that a concrete path names."""
        for operations in self._paths:
            first = next(iter(operations.values()))
            hit = first.pattern.match(path)
            if hit is not None:
                return Place(operations, dict(zip(first.slots, hit.groups(), strict=True)))
        return None
