"""Leaves out of a file of accepted deviations what no run shows any more: ``accept RESULT… --prune FILE``.

A gate run does not see what a deep run sees, so that several results count together: an entry goes where at least one
complete run asked for what it accepts, and none saw it. The rest of the file stays as it is, letter by letter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.errors import InputError
from conformance.judge.deviations import stale
from conformance.report.commands.migrate import entry_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.judge.deviations import Deviation, DeviationFile
    from conformance.judge.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What becomes of the entries of a file.

    Attributes:
        kept: as they are.
        narrowed: entry -> the same, about the operations where it still accepts something.
        gone: those that accept nothing.
    """

    kept: tuple[Deviation, ...]
    narrowed: tuple[tuple[Deviation, Deviation], ...]
    gone: tuple[Deviation, ...]


def prune(entries: Sequence[Deviation], runs: Sequence[Sequence[Observation]]) -> Pruning:
    """Work out what becomes of entries.

    Args:
        entries: of the file.
        runs: the observations of each complete run of the target. What comes and goes is kept whatever they saw.
    """
    kept, narrowed, gone = [], [], []
    asked_in_vain: dict[Deviation, set[str]] = {}
    for observations in runs:
        for one in stale(observations, entries, day=None, whole=True):
            if one.deviation.operations or any(map(one.deviation.about, observations)):
                asked_in_vain.setdefault(one.deviation, set()).add(one.operation)
    for entry in entries:
        seen = {o.operation or "" for observations in runs for o in observations if entry.accepts(o)}
        vain = asked_in_vain.get(entry, set()) - seen
        left = entry.operations - vain
        if not vain or (len(entry.operations) <= 1 and seen):
            kept.append(entry)
        elif len(entry.operations) > 1 and left:
            narrowed.append((entry, replace(entry, operations=frozenset(left))))
        else:
            gone.append(entry)
    return Pruning(kept=tuple(kept), narrowed=tuple(narrowed), gone=tuple(gone))


def pruned_text(text: str, file: DeviationFile, found: Pruning) -> str:
    """The file without what is gone.

    Args:
        text: of the file.
        file: what it says.
        found: of its entries.

    Raises:
        InputError: the file is not written as `accept` writes it, an entry at the beginning of a line each.
    """
    head, blocks = _blocks(text)
    if len(blocks) != len(file.deviations):
        raise InputError(f"{file.source}: each entry is expected to begin with '- ' at the beginning of a line.")
    lesser = dict(found.narrowed)
    gone = set(found.gone)
    lines = list(head)
    for entry, block in zip(file.deviations, blocks, strict=True):
        if entry not in gone:
            lines += entry_lines(lesser[entry]) if entry in lesser else block
    return "\n".join(lines) + "\n"


def _blocks(text: str) -> tuple[list[str], list[list[str]]]:
    """The lines before the first entry, and those of each entry; comments before an entry are the entry's."""
    head: list[str] = []
    blocks: list[list[str]] = []
    waiting: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if line.startswith("- "):
            blocks.append([*waiting, line])
            waiting = []
        elif line.startswith("#") and (blocks or head[-1:] == ["deviations:"]):
            waiting.append(line)
        else:
            (blocks[-1] if blocks else head).extend([*waiting, line])
            waiting = []
    return head, blocks
