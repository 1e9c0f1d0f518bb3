"""Connects a folder as a storage and synchronises it, once or again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.outcomes import NotMeasured
from conformance.scenarios.steps import list_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.wire import Exchange, Wire


def synchronised(api: Wire, eventually: Eventually, side: str, storage: int, *, deed: str | None = None) -> Exchange:
    """Synchronise and wait until that is over; gives the storage as it is then, or the refusal."""
    answer = api.call(f"{side}.local.sync", id=storage, expect=None, deed=deed)
    if not answer.succeeded:
        return answer
    return settled(api, eventually, side, storage)


def settled(api: Wire, eventually: Eventually, side: str, storage: int) -> Exchange:
    """Wait until a synchronisation is over; gives the storage as it is then."""
    return eventually(
        lambda: api.call(f"{side}.local.get", id=storage),
        until=lambda seen: seen.json().get("status") not in {"queued", "in_progress"},
        budget="sync done",
    )


def brought(api: Wire, eventually: Eventually, project: dict[str, Any], folder: Path) -> Exchange:
    """Connect the folder for import and synchronise."""
    body = {"project": project["id"], "path": str(folder), "use_blob_urls": False}
    storage = api.call("import_storage.local.create", json=body).json()["id"]
    return synchronised(api, eventually, "import_storage", storage)


def needs_synchronisation(api: Wire, eventually: Eventually, project: dict[str, Any], folder: Path) -> None:
    """Synchronise an empty project with the folder, in which there is one right object and nothing else from now on.

    Raises:
        NotMeasured: no task comes: that none comes of odd objects would show nothing.
    """
    for path in folder.iterdir():
        path.unlink()
    (folder / "a.json").write_text(json.dumps({"text": "right"}), encoding="utf-8")
    brought(api, eventually, project, folder)
    if not list_tasks(api, project["id"]):
        raise NotMeasured("needs a synchronisation that brings a task of a right object")
