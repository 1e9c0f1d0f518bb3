"""One storage that is synchronised several times at once: by a person who is impatient, and by a timer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.parallel.test_children import PATIENCE, at_once
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
        return eventually(
            lambda: api.call("import_storage.local.get", id=storage),
            until=lambda seen: seen.json().get("status") not in {"queued", "in_progress"},
            budget="sync done",
        )

    def texts() -> list[str]:
        return sorted(task["data"]["text"] for task in list_tasks(api, project["id"]))

    wanted: list[str] = []
    wrong: list[object] = []
    for turn in range(ROUNDS):
        for number in range(OBJECTS):
            wanted.append(f"{turn}.{number}")
            (folder / f"{wanted[-1]}.json").write_text(json.dumps({"text": wanted[-1]}), encoding="utf-8")
        at_once([begin] * 4)
        seen = ended()
        if (state := seen.json().get("status")) != "completed" or texts() != wanted:
            wrong.append(f"round {turn}: {state}, and {len(texts())} tasks of {len(wanted)}")
    show.equal("LS-PARALLEL-009", expected=[], got=wrong, exchange=seen)
    begin()
    again = ended()
    show.equal(
        "LS-PARALLEL-010", expected=["completed", wanted], got=[again.json().get("status"), texts()], exchange=again
    )
