"""Symbolic links that lead out of the server's root for local files: what lies there is neither read nor written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.effects.syncing import brought, synchronised
from conformance.scenarios.steps import annotate, import_tasks, list_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Wire

USUAL, SECRET = "usual", "not for everybody"


@pytest.fixture
def beyond(tmp_path: Path) -> Path:
    """A folder beyond the root, with a task in it."""
    place = tmp_path / "beyond"
    place.mkdir()
    (place / "secret.json").write_text(json.dumps({"text": SECRET}), encoding="utf-8")
    return place


def reached(api: Wire, project: dict[str, Any], place: Path, text: str, file: str) -> list[str]:
    """What was read of a folder that had one file with one text, and what was written to it."""
    read = [task["data"].get("text") for task in list_tasks(api, project["id"])]
    return [one for one in read if one == text] + [path.name for path in place.iterdir() if path.name != file]


@pytest.mark.requirement("LS-STORAGE-022")
def test_a_link_to_a_file_beyond_is_no_task(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path, beyond: Path
) -> None:
    (folder / "usual.json").write_text(json.dumps({"text": USUAL}), encoding="utf-8")
    link = folder / "link.json"
    link.symlink_to(beyond / "secret.json")
    synced = brought(api, eventually, project, folder)
    came = [task["data"].get("text") for task in list_tasks(api, project["id"])]
    if not came:
        link.unlink()
        synced = brought(api, eventually, project, folder)
        if not list_tasks(api, project["id"]):
            show.not_measured("no file of the folder becomes a task, either")
    told = [text for text in came if text == SECRET]
    show.equal("LS-STORAGE-022", expected=[], got=told, exchange=synced)


@pytest.mark.requirement("LS-STORAGE-023")
@pytest.mark.parametrize("side", ["import_storage", "export_storage"])
def test_a_link_is_no_folder_below_the_root(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path, beyond: Path, side: str
) -> None:
    """A storage whose path is a link to a folder beyond: refused, or nothing is read or written there."""
    task = import_tasks(api, project["id"], [{"data": {"text": "a"}}])[0]
    (folder / "usual.json").write_text(json.dumps({"text": USUAL}), encoding="utf-8")
    usual = {"project": project["id"], "path": str(folder), "use_blob_urls": False}
    plain = api.call(f"{side}.local.create", json=usual, expect=None)
    if not plain.ok:
        show.not_measured("a storage of a folder below the root is refused, too")
    annotate(api, task, choice("Positive"))
    synchronised(api, eventually, side, plain.json()["id"])
    if not reached(api, project, folder, USUAL, "usual.json"):
        show.not_measured("a folder below the root is neither read nor written, either")
    api.call(f"{side}.local.delete", id=plain.json()["id"])  # two at once are not what this is about
    link = folder.with_name(f"{folder.name}-link")
    link.symlink_to(beyond)
    try:
        body = {**usual, "path": str(link)}
        made = api.call(f"{side}.local.create", json=body, expect=None)
        if made.ok:
            annotate(api, task, choice("Positive"))
            synchronised(api, eventually, side, made.json()["id"])
        there = reached(api, project, beyond, SECRET, "secret.json")
        show(
            "LS-STORAGE-023",
            (made.ok or made.rejected) and not there,
            expected="a 4xx, or nothing read or written there",
            got=f"{made.brief()}; {len(there)} read or written",
            exchange=made,
            signature=side,
        )
    finally:
        link.unlink()
