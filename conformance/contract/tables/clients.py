"""Which versions of the official client read the answers of a target: ``spec/clients.yaml`` as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.contract.reading import SPEC, ContractError, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Versions of ``label-studio-sdk``.

    Attributes:
        contract: the one that was made from the contract.
        comes_with: release of Label Studio -> the version that it requires.
    """

    contract: str
    comes_with: Mapping[str, str]

    def of(self, release: str) -> tuple[str, ...]:
        """The versions that read what a release answers, the contract's first; of an unknown release only that."""
        own = self.comes_with.get(release)
        return (self.contract,) if own in {None, self.contract} else (self.contract, str(own))


@lru_cache(maxsize=2)
def load_clients(path: Path = SPEC / "clients.yaml") -> Clients:
    """Read the versions.

    Raises:
        ContractError: the file can't be read, or something in it is no version.
    """
    data = read_table(path, "contract", "comes_with")
    for version in (data["contract"], *data["comes_with"], *data["comes_with"].values()):
        if not isinstance(version, str):
            raise ContractError(f"{path}: {version!r} is no text: put it in quotes")
    return Clients(contract=data["contract"], comes_with=data["comes_with"])
