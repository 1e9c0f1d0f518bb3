"""The faults that checks were seen to find: ``found/<area>.yaml``."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from conformance.contract.tables.requirements import load_requirements

if TYPE_CHECKING:
    from collections.abc import Sequence

FOUND: Final = Path(__file__).with_name("found")


def read_found(folder: Path = FOUND) -> dict[str, dict[str, Any]]:
    """Requirement -> the fault that its check finds."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["faults"]:
            found[one["finds"]] = {k: v for k, v in one.items() if k != "finds"}
    return found


def write_found(new: dict[str, dict[str, Any]], folder: Path = FOUND) -> None:
    """Write down what else was found, in the file of its area."""
    requirements = load_requirements()
    named = {requirements[identity].area for identity in new}
    found = {i: fault for i, fault in read_found(folder).items() if requirements[i].area in named} | new
    areas: dict[str, list[str]] = defaultdict(list)
    for identity in sorted(found):
        areas[requirements[identity].area.removeprefix("enterprise-")].append(identity)
    folder.mkdir(exist_ok=True)
    for area, ids in areas.items():
        rows: Sequence[str] = [_row({"finds": i, **found[i]}) for i in ids]
        head = "# Written by python -m tests.enterprise.proof.measure: requirement -> a fault that its check finds.\n"
        written = folder / f"{area}.{os.getpid()}"
        written.write_text(f"{head}faults:\n{''.join(rows)}", encoding="utf-8")
        written.replace(folder / f"{area}.yaml")  # at once: others may be reading


def _row(fault: dict[str, Any]) -> str:
    text = yaml.safe_dump(fault, default_flow_style=True, sort_keys=False, width=1000, allow_unicode=True).strip()
    return f"  - {text}\n"
