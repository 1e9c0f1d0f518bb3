"""The catalogue: what is wrong, where, and who should say so."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from conformance.contract import load_contract
from conformance.judge.observation import Impact
from tests.faults import rooms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.faults.messages import Answered, Call
    from tests.faults.rooms.making import Act

FOLDER: Final = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fault:
    """One thing that is wrong with the server.

    Attributes:
        area: the file that it is from.
        operations: that have it.
        does: name of the function in ``rooms``, with its arguments in ``given``.
        effect: what somebody who uses the server would notice, one sentence.
        expect: operations that a finding about it may name.
        impact: what it should be told as, where that is clear.
        survives: why no test is to find it; empty for what has to be found.
    """

    id: str
    area: str
    operations: tuple[str, ...]
    does: str
    effect: str
    expect: tuple[str, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    impact: Impact | None = None
    survives: str = ""

    def meets(self, operation: str, method: str) -> bool:
        """Has the operation this fault? HEAD is a method of its own."""
        return operation in self.operations and (method != "HEAD" or self.does.startswith("head_"))

    async def act(self, call: Call) -> Answered:
        """Answer the call as the faulty server would."""
        return await functions()[self.does](call, **self.given)


@cache
def functions() -> Mapping[str, Act]:
    """All functions of the rooms, by name."""
    from tests.faults.rooms.making import ACTS  # noqa: PLC0415 - filled by importing the rooms

    for module in pkgutil.iter_modules(rooms.__path__):
        importlib.import_module(f"{rooms.__name__}.{module.name}")
    return ACTS


@cache
def load_catalogue(folder: Path = FOLDER) -> tuple[Fault, ...]:
    """All faults, in the order of the files.

    Args:
        folder: where the files are.

    Raises:
        ValueError: an entry is wrong.
    """
    faults = [_fault(path.stem, entry) for path in sorted(folder.glob("*.yaml")) for entry in _entries(path)]
    names = [f.id for f in faults]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise ValueError(f"two faults have one name: {', '.join(twice)}")
    return tuple(faults)


def _entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entries


def _fault(area: str, entry: dict[str, Any]) -> Fault:
    operations = _names(entry, "at")
    fault = Fault(
        id=entry["id"],
        area=area,
        operations=operations,
        does=entry["does"],
        given=entry.get("with", {}),
        effect=entry["effect"],
        expect=_names(entry, "expect") or operations,
        impact=Impact(entry["impact"]) if "impact" in entry else None,
        survives=entry.get("survives", ""),
    )
    for name in {*fault.operations, *fault.expect}:
        load_contract()[name]
    if fault.does not in functions():
        raise ValueError(f"{fault.id}: there is no function {fault.does!r} in tests/faults/rooms")
    if unknown := set(entry) - {"id", "at", "does", "with", "effect", "expect", "impact", "survives"}:
        raise ValueError(f"{fault.id}: unknown {', '.join(sorted(unknown))}")
    return fault


def _names(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    return (value,) if isinstance(value, str) else tuple(value)
