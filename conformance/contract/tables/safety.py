"""How much an operation can do to a target: the class of each, derived, with exceptions as data."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.contract.load import load_contract
from conformance.contract.reading import SPEC, ContractError, read_table
from conformance.contract.tables.resources import load_resources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.contract.model import Operation
    from conformance.contract.tables.resources import Resources


class Safety(IntEnum):
    """What may happen to what is not the run's own, from nothing to everything; each class holds those before it."""

    READ_ONLY = 0
    """Nothing is made, changed or removed."""
    ADDITIVE = 1
    """Something is made beside what is there."""
    MUTATING = 2
    """What is there is changed."""
    DESTRUCTIVE = 3
    """What is there is removed."""
    ADMIN = 4
    """Keys, accounts or settings of the instance are changed."""

    @property
    def label(self) -> str:
        """As it is written on a command line: ``read-only``."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def named(cls, label: str) -> Safety:
        """The class of a name.

        Raises:
            ValueError: there is none.
        """
        for one in cls:
            if one.label == label.strip().lower():
                return one
        raise ValueError(f"{', '.join(one.label for one in cls)} are known, got {label!r}.")


@lru_cache(maxsize=4)
def load_safety(path: Path = SPEC / "resources.yaml") -> Mapping[str, Safety]:
    """The class of each operation of the contract.

    Raises:
        ContractError: the table of exceptions names no class or no operation.
    """
    contract, resources = load_contract(), load_resources()
    found = {operation.id: _derived(operation, resources) for operation in contract}
    for operation_id, label in (read_table(path).get("safety") or {}).items():
        if operation_id not in found:
            raise ContractError(f"{path}: safety: the contract has no operation {operation_id}")
        try:
            found[operation_id] = Safety.named(label)
        except ValueError as problem:
            raise ContractError(f"{path}: safety.{operation_id}: {problem}") from problem
    return found


def _derived(operation: Operation, resources: Resources) -> Safety:
    if operation.id in resources.hazards:
        return Safety.ADMIN
    if operation.reads():
        return Safety.READ_ONLY
    if operation.method == "DELETE" or operation.id in {*resources.empties, *resources.consumes}:
        return Safety.DESTRUCTIVE
    if operation.id in {*resources.harmless, *resources.creates} or resources.created_by(operation.id) is not None:
        return Safety.ADDITIVE
    return Safety.MUTATING
