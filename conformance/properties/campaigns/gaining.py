"""Chooses, at the end of a deep run, which of the workers' examples are written for later runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract import ContractError
from conformance.properties.campaigns.keeping import NOTE, USUAL
from conformance.properties.examples.answer import key_of
from conformance.properties.examples.model import Example
from conformance.properties.examples.store import keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from conformance.judge.observation import Observation


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
    shown = {key_of(o) for o in observations if o.test not in open_ended}
    shown |= {(requirement, answer) for requirement, answer in notes.get(USUAL, [])}
    found = [Example.from_json(data["operation"], data) for data in notes.get(NOTE, [])]
    found = [example for example in found if example.key not in shown]
    if not found:
        return []
    try:
        return keep(found, folder)
    except (OSError, ContractError) as problem:
        return [f"not kept: {problem}"]
