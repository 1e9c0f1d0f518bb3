"""The faults that checks were seen to find: ``found/``, in files as those of ``spec/requirements/enterprise/``."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from conformance.contract.tables.requirements import load_requirements
from conformance.judge.observation import Verb
from conformance.scenarios.table import shown_by

if TYPE_CHECKING:
    from collections.abc import Sequence

FOUND: Final = Path(__file__).with_name("found")
OPEN: Final = Path(__file__).with_name("open.txt")


def read_found(folder: Path = FOUND) -> dict[str, dict[str, Any]]:
    """Requirement -> the fault that its check finds."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.yaml")):
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["faults"]:
            found[one["finds"]] = {k: v for k, v in one.items() if k != "finds"}
    return found


def unfound() -> list[str]:
    """The musts that some scenario shows, and no fault was found for."""
    musts = {i for i, r in load_requirements().items() if r.file.startswith("enterprise/") and r.owed is Verb.MUST}
    return sorted({i for i in musts if shown_by(i)} - set(read_found()))


def write_open() -> None:
    """Write down what is left to be looked for."""
    OPEN.write_text("".join(f"{identity}\n" for identity in unfound()), encoding="utf-8")


def write_found(new: dict[str, dict[str, Any]], folder: Path = FOUND) -> None:
    """Write down what else was found, in the file that is called as that of the requirement."""
    requirements = load_requirements()
    named = {requirements[identity].file for identity in new}
    found = {i: fault for i, fault in read_found(folder).items() if requirements[i].file in named} | new
    files: dict[str, list[str]] = defaultdict(list)
    for identity in sorted(found):
        files[requirements[identity].file.removeprefix("enterprise/")].append(identity)
    for file, ids in files.items():
        rows: Sequence[str] = [_row({"finds": i, **found[i]}) for i in ids]
        head = "# Written by python -m tests.enterprise.proof.measure: requirement -> a fault that its check finds.\n"
        written = folder / f"{file}.{os.getpid()}"
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(f"{head}faults:\n{''.join(rows)}", encoding="utf-8")
        written.replace(folder / file)  # at once: others may be reading


def _row(fault: dict[str, Any]) -> str:
    text = yaml.safe_dump(fault, default_flow_style=True, sort_keys=False, width=1000, allow_unicode=True).strip()
    return f"  - {text}\n"
