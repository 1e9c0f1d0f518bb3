"""``spec/rich.yaml``: objects as the field has them, as data."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract.reading import SPEC, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping


@lru_cache(maxsize=1)
def load_rich() -> Mapping[str, Any]:
    """The objects, the formats that are read, what is volatile, and what no object sets.

    Raises:
        ContractError: the file can't be used.
    """
    return read_table(SPEC / "rich.yaml", "config", "objects", "left_out", "exports", "volatile")
