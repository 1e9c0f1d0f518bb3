"""What a deep run leaves besides its result: examples for later runs, and what it did not get to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from conformance.contract import ContractError
from conformance.properties.examples.keeping import NOTE, USUAL
from conformance.properties.examples.model import Example
from conformance.properties.examples.store import keep
from conformance.run.pacing import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from conformance.judge.observation import Observation
    from conformance.run.options import RunOptions


def keep_examples(
    notes: Mapping[str, list[Any]], observations: Iterable[Observation], open_ended: Collection[str], folder: Path
) -> list[str]:
    """Write what the workers found and gate would not find by itself.

    Args:
        notes: of the workers.
        observations: of the run.
        open_ended: ids of the tests that went on for longer than gate does.
        folder: where examples are kept.

    Returns:
        The names of what is new, or why it could not be kept.
    """
    shown = {(o.requirement, o.signature) for o in observations if o.test not in open_ended}
    shown |= {(requirement, signature) for requirement, signature in notes.get(USUAL, [])}
    found = [Example.from_json(data["operation"], data) for data in notes.get(NOTE, [])]
    found = [example for example in found if example.key not in shown]
    if not found:
        return []
    try:
        return keep(found, folder)
    except (OSError, ContractError) as problem:
        return [f"not kept: {problem}"]


def deep_lines(notes: Mapping[str, list[Any]], examples: Sequence[str], options: RunOptions) -> str:
    """What a person has to know of it, for the last screen; empty where there is nothing."""
    text = ""
    unreached = len(notes.get(UNREACHED, []))
    if unreached:
        budget = f"--time-budget {options.time_budget:g}"
        text += f"\nnot reached within {budget}: parts of {unreached} tests (options.unreached in conformance.json)"
    if examples:
        folder = os.path.relpath(options.examples)
        text += f"\nfound, and replayed from now on: {len(examples)} examples in {folder}"
    return text
