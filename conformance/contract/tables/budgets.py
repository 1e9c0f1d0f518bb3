"""How long a target may take until something that it promised can be seen: ``spec/budgets.yaml`` as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.contract.reading import SPEC, entry, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A named span: ``seconds`` at most, asked every ``every`` seconds at first, then more slowly.

    Attributes:
        still: what says the same for so many seconds is what it will say; None where that tells nothing.
    """

    name: str
    seconds: float
    every: float
    why: str
    still: float | None = None


@lru_cache(maxsize=2)
def load_budgets(path: Path = SPEC / "budgets.yaml") -> Mapping[str, Budget]:
    """Read the budgets.

    Raises:
        ContractError: the file can't be read, or an entry is incomplete.
    """
    found = {}
    for name, given in read_table(path).items():
        with entry(path, name):
            found[name] = Budget(
                name=name,
                seconds=float(given["seconds"]),
                every=float(given.get("every", 0.1)),
                why=given["why"],
                still=float(given["still"]) if "still" in given else None,
            )
    return found
