"""What the server alone says of a storage, written by somebody else: the storage still works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.showing import Show
    from conformance.wire import Wire

# what it is made → the field, and what no state of a storage is
ODD: Final[dict[str, dict[str, Any]]] = {
    "no meta": {"meta": None},
    "a meta that is a list": {"meta": []},
    "a time that is a word": {"meta": {"time_last_ping": "yesterday"}},
    "no status": {"status": None},
    "no trace": {"traceback": None},
    "no job": {"last_sync_job": None},
}

DEED: Final = "a storage whose state somebody else wrote"


@pytest.mark.requirement("LS-OWNED-032")
@pytest.mark.parametrize("side", ["import", "export"])
def test_a_storage_is_not_lost_by_its_state(
    api: Wire, show: Show, project: dict[str, Any], folder: Path, side: str
) -> None:
    kind = f"{side}_storage.local"
    body = {"project": project["id"], "path": str(folder), "title": "kept"}
    for case, odd in ODD.items():
        storage = api.call(f"{kind}.create", json=body).json()["id"]
        usual = api.call(f"{kind}.sync", id=storage, expect=None)
        if not usual.ok:
            show.not_measured(f"a storage whose state nobody wrote cannot be synchronised, either: {usual.brief()}")
        answer = api.call(f"{kind}.update", id=storage, json={**body, **odd}, expect=None, deed=case)
        asked = {
            "list": api.call(f"{kind}.list", query={"project": project["id"]}, expect=None, deed=DEED),
            "sync": api.call(f"{kind}.sync", id=storage, expect=None, deed=DEED),
        }
        for name, seen in asked.items():
            show(
                "LS-OWNED-032",
                seen.ok,
                expected="a success, as before the update",
                got=f"{seen.brief()} after {answer.brief()}",
                exchange=seen,
                signature=f"{case}: {name}",
            )
        api.call(f"{kind}.delete", id=storage)
