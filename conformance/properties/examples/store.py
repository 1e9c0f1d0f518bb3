"""The folder of examples: a JSON file for each operation, in an order that keeps differences small."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path  # noqa: TC003 - part of the public signature
from typing import TYPE_CHECKING

from conformance.contract import ContractError, load_contract
from conformance.contract.reading import entry
from conformance.contract.tables.raw import EXAMPLES, example_files
from conformance.properties.examples.model import Example

if TYPE_CHECKING:
    from collections.abc import Iterable


@lru_cache(maxsize=4)
def load_examples(folder: Path = EXAMPLES) -> tuple[Example, ...]:
    """All examples of a folder, in the order of their operations and ids; none where there is no folder.

    Raises:
        ContractError: a file can't be used: the message says why.
    """
    found = []
    known = load_contract().operations
    for path, data in example_files(folder):
        with entry(path, "no examples"):
            operation, examples = data["operation"], data["examples"]
            if operation not in known:
                raise ContractError(f"{path}: the contract has no operation {operation}")
            found += [Example.from_json(operation, one) for one in examples]
    return tuple(sorted(found, key=lambda e: (e.operation, e.id)))


def keep(examples: Iterable[Example], folder: Path = EXAMPLES) -> list[str]:
    """Add examples to a folder; of the same operation, rule and signature the smallest stays.

    Returns:
        ``operation id`` of each that is new, or smaller than the one that was there.

    Raises:
        ContractError: the folder holds something that can't be used.
        OSError: it can't be written.
    """
    load_examples.cache_clear()
    kept = {(e.operation, e.id): e for e in load_examples(folder)}
    new: dict[tuple[str, str], Example] = {}
    for example in sorted(examples, key=lambda e: e.size):
        key = (example.operation, example.id)
        known = new.get(key) or kept.get(key)
        if known is None or example.size < known.size:
            new[key] = example
    for operation in {operation for operation, _ in new}:
        merged = {key: e for key, e in {**kept, **new}.items() if key[0] == operation}
        content = {"operation": operation, "examples": [merged[key].to_json() for key in sorted(merged)]}
        folder.mkdir(parents=True, exist_ok=True)
        # ASCII: a lone surrogate has no other form
        (folder / f"{operation}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")
    load_examples.cache_clear()
    return [f"{operation} {name}" for operation, name in sorted(new)]
