"""Shows differences: Markdown for people, JSON for programs, one line for the end of the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from conformance.drift.compare import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.drift.compare import Difference
    from conformance.drift.shape import Description

_NAMED = 3
"""So many operations are named; of the others, how many there are."""
_HEADINGS = {
    Part.OPERATION: "Operations",
    Part.PARAMETER: "Parameters of the query",
    Part.PROPERTY: "Properties",
    Part.REQUIRED: "What is required",
    Part.TYPE: "Types",
    Part.ENUM: "Values of enumerations",
    Part.NULLABLE: "Null",
}


def counted(differences: Sequence[Difference]) -> str:
    """Return how many of each part: ``12 operations, 40 properties``."""
    counts = Counter(d.part for d in differences)
    return ", ".join(f"{counts[part]} {_HEADINGS[part].lower()}" for part in Part if counts[part]) or "no difference"


def render_markdown(contract: Description, other: Description, differences: Sequence[Difference]) -> str:
    """A page with a table for each part."""
    common = len(contract.operations.keys() & other.operations.keys())
    found = counted(differences)
    lines = [
        f"# Drift: {other.source} against {contract.source}",
        "",
        (
            f"{len(contract.operations)} operations in the contract, {len(other.operations)} in {other.source}; "
            f"{common} in both. {found[:1].upper()}{found[1:]}."
        ),
        "",
        "Each difference stands once, with the operations where it is met. What one side does not say is none.",
    ]
    for part in Part:
        of_part = [d for d in differences if d.part is part]
        if of_part:
            lines += ["", f"## {_HEADINGS[part]} ({len(of_part)})", "", *_table(part, of_part, other.source)]
    return "\n".join(lines) + "\n"


def _table(part: Part, found: Sequence[Difference], other: str) -> list[str]:
    if part is Part.OPERATION:
        rows = [f"| {_code(d.before)} | {_code(d.after)} |" for d in found]
        return [f"| contract | {other} |", "| --- | --- |", *rows]
    rows = [
        f"| `{d.where}` | {_cell(d.before)} | {_cell(d.after)} | {named(d.operations)} |"
        for d in sorted(found, key=lambda d: (-len(d.operations), d.where))
    ]
    return [f"| where | contract | {other} | operations |", "| --- | --- | --- | --- |", *rows]


def named(operations: Sequence[str]) -> str:
    """The first operations by name, and how many more there are."""
    more = len(operations) - _NAMED
    return ", ".join(operations[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def drift_json(contract: Description, other: Description, differences: Sequence[Difference]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "contract": contract.source,
        "other": other.source,
        "operations": {
            "contract": len(contract.operations),
            "other": len(other.operations),
            "both": len(contract.operations.keys() & other.operations.keys()),
        },
        "differences": [
            {
                "part": d.part.value,
                "where": d.where,
                "contract": d.before,
                "other": d.after,
                "operations": list(d.operations),
            }
            for d in differences
        ],
    }


def _code(text: str) -> str:
    return f"`{text}`" if " " in text else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
