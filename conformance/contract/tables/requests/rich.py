"""``spec/rich.yaml`` as values: objects with every writable field set, none at its default."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.reading import SPEC, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping


LONG: Final = " ".join(f"Zeile {number} “😀”," for number in range(1, 101))
"""What ``¶`` stands for: longer than what a list, a column or a preview may cut a text to; its end tells of a cut."""
LENGTHY: Final = " ".join(f"Nr. {number} “Ü”," for number in range(1, 16))
"""What ``¦`` stands for: as long as what the contract allows 256 characters for may well be."""


@lru_cache(maxsize=1)
def load_rich() -> Mapping[str, Any]:
    """The objects, the formats that are read, what is volatile, and what no object sets.

    Raises:
        ContractError: the file can't be used.
    """
    table: Mapping[str, Any] = _lengthened(read_table(SPEC / "rich.yaml", *_PARTS))
    return table


_PARTS: Final = ("config", "objects", "left_out", "exports", "volatile")


def _lengthened(value: Any) -> Any:
    match value:
        case dict():
            return {key: _lengthened(item) for key, item in value.items()}
        case list():
            return [_lengthened(item) for item in value]
        case str():
            return value.replace("¶", LONG).replace("¦", LENGTHY)
    return value
