"""The kill table: fault by found by by impact by named rightly, and the rate; for people and for programs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.faults.kills import Kill
    from tests.faults.loading import Fault

REAL = "a real server"


def rate(kills: Sequence[Kill]) -> float:
    """The share that was killed."""
    return sum(k.killed for k in kills) / len(kills) if kills else 0.0


def figures(kills: Sequence[Kill]) -> str:
    """The figures of the table, one sentence each."""
    killed = [k for k in kills if k.killed]
    told = [len(k.about) + len(k.beside) for k in killed]
    found, first = sum(bool(k.about or k.beside) for k in kills), sum(k.first for k in killed)
    alone, usual = sum(not k.beside for k in killed), median(told) if told else 0
    lines = (
        f"{len(killed)} of {len(kills)} killed ({100 * rate(kills):.1f} %); {found} were found by something.",
        f"The first finding names the right operation in {first} of those killed, and {alone} have no finding beside;",
        f"the median is {usual:g} findings for one fault.",
    )
    return "\n".join(lines)


def line(one: Kill) -> str:
    """What became of one fault, for somebody who waits."""
    if one.killed:
        told = one.about[0]
        what = f"killed by {told.requirement} at {told.place} ({told.impact})"
    else:
        what = f"SURVIVED: {one.why_not}"
    told_of = f"{len(one.about)}+{len(one.beside)}, met {one.met}, acted {one.acted}"
    return f"{one.seconds:6.1f} s  {one.fault}: {what}, {told_of}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def markdown(kills: Sequence[Kill], faults: Mapping[str, Fault], *, seconds: float, before: str = REAL) -> str:
    """The table as Markdown.

    Args:
        kills: what became of each fault.
        faults: by id.
        seconds: what it took.
        before: what the faults stood in front of.
    """
    killed = [k for k in kills if k.killed]
    lines = [
        f"# Single faults in front of {before}",
        "",
        figures(kills),
        f"It took {seconds / 60:.0f} minutes.",
        "",
        "| fault | what it does | found by | impact | names | named first | beside |",
        "| --- | --- | --- | --- | --- | --- | --: |",
    ]
    for k in sorted(killed, key=lambda k: k.fault):
        told = k.about[0]
        first = "yes" if k.first else "no"
        effect = _cell(faults[k.fault].effect)
        lines.append(
            f"| {k.fault} | {effect} | {told.requirement} | {told.impact} | {told.place} | {first} | {len(k.beside)} |"
        )
    lines += ["", "## Survivors", "", "| fault | what it does | why | told of |", "| --- | --- | --- | --- |"]
    for k in sorted((k for k in kills if not k.killed), key=lambda k: k.fault):
        named = Counter(t.place for t in (*k.about, *k.beside, *k.warned)).most_common(4)
        told_of = ", ".join(f"{place} ({n})" for place, n in named)
        lines.append(f"| {k.fault} | {_cell(faults[k.fault].effect)} | {_cell(k.why_not)} | {told_of} |")
    lines += ["", "## By area", "", "| area | faults | killed |", "| --- | --: | --: |"]
    areas: dict[str, list[Kill]] = defaultdict(list)
    for k in kills:
        areas[faults[k.fault].area].append(k)
    lines += [f"| {area} | {len(of)} | {sum(k.killed for k in of)} |" for area, of in sorted(areas.items())]
    return "\n".join(lines) + "\n"


def write(
    kills: Sequence[Kill], faults: Mapping[str, Fault], folder: Path, *, seconds: float, before: str = REAL
) -> None:
    """Write ``kills.json`` and ``kills.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "faults": len(kills),
        "killed": sum(k.killed for k in kills),
        "rate": round(rate(kills), 4),
        "seconds": round(seconds, 1),
        "kills": [k.to_json() for k in sorted(kills, key=lambda k: k.fault)],
    }
    (folder / "kills.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "kills.md").write_text(markdown(kills, faults, seconds=seconds, before=before), encoding="utf-8")
