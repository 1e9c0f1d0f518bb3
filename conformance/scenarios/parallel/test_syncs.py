"""One storage that is synchronised several times at once: by a person who is impatient, and by a timer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.effects.syncing import settled
from conformance.scenarios.parallel.racing import PATIENCE, at_once
from conformance.scenarios.steps import list_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

ROUNDS = 4
OBJECTS = 6
"""New ones in each round."""


@pytest.mark.requirement("LS-PARALLEL-009", "LS-PARALLEL-010")
def test_a_storage_is_synchronised_several_times_at_once(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    body = {"project": project["id"], "path": str(folder)}
    storage = api.call("import_storage.local.create", json=body).json()["id"]

    def begin() -> Exchange:
        return api.call("import_storage.local.sync", id=storage, expect=None, timeout=PATIENCE)

    def ended() -> Exchange:
        return settled(api, eventually, "import_storage", storage)

    def texts() -> list[str]:
        return sorted(task["data"]["text"] for task in list_tasks(api, project["id"]))

    def told(requirement: str, seen: Exchange) -> None:
        """Show, each by itself, that it has ended well, that nothing is missing, and that nothing is there twice."""
        state, have = seen.json().get("status"), texts()
        show.equal(requirement, expected="completed", got=state, exchange=seen, signature=f"status {state}")
        missing, twice = sorted(set(wanted) - set(have)), sorted({text for text in have if have.count(text) > 1})
        show.equal(requirement, expected=[], got=missing, exchange=seen, signature="objects without a task")
        show.equal(requirement, expected=[], got=twice, exchange=seen, signature="objects with several tasks")

    wanted: list[str] = []
    for turn in range(ROUNDS):
        for number in range(OBJECTS):
            wanted.append(f"{turn}.{number}")
            (folder / f"{wanted[-1]}.json").write_text(json.dumps({"text": wanted[-1]}), encoding="utf-8")
        at_once([begin] * 4)
        told("LS-PARALLEL-009", ended())
    again = begin()
    told("LS-PARALLEL-010", ended() if again.succeeded else again)
