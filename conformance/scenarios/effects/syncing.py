"""A folder that is connected and synchronised, once or again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.wire import Exchange, Wire


def synchronised(api: Wire, eventually: Eventually, side: str, storage: int, *, deed: str | None = None) -> Exchange:
    """Synchronise and wait until that is over; gives the storage as it is then, or the refusal."""
    answer = api.call(f"{side}.local.sync", id=storage, expect=None, deed=deed)
    if not answer.succeeded:
        return answer
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
