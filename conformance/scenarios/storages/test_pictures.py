"""Pictures of a storage, in exports that carry them and in exports that only name them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.data.configs import IMAGE_BOXES
from conformance.scenarios.exports.drawn.figures import Drawn
from conformance.scenarios.exports.drawn.regions import drawn_box, png
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import annotate, export, list_tasks
from conformance.scenarios.storages.connections import Source
from conformance.scenarios.storages.stores import each

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.storages.stores import Store
    from conformance.showing import Show
    from conformance.wire import Wire

PICTURES: Final = {"plain.png": png(10, 20), "two words.png": png(20, 10)}
CARRYING: Final = ("COCO_WITH_IMAGES", "YOLO_WITH_IMAGES")


@each(45, kinds=("s3", "gcs", "azure", "local"))
@pytest.mark.requirement("LS-EXPORT-217")
def test_pictures_of_a_storage_are_exported(
    api: Wire, show: Show, eventually: Eventually, store: Store, new_project: NewProject
) -> None:
    project = new_project(label_config=IMAGE_BOXES)["id"]
    for name, content in PICTURES.items():
        store.put(name, content, False)
    source = Source(api, eventually, store, project)
    # through the server: nobody can be asked at an address that Azure or Google signs for somebody else than themselves
    source.connect(use_blob_urls=True, **({} if store.kind == "local" else {"presign": False}))
    source.sync()
    tasks = list_tasks(api, project)
    if len(tasks) < len(PICTURES):
        show.not_measured(f"of {len(PICTURES)} pictures the storage made {len(tasks)} tasks")
    for task in tasks:
        annotate(api, task, drawn_box(Drawn(label="Car", x=10, y=20, width=30, height=40)))
    for kind in CARRYING:
        answer = export(api, project, kind, expect=None)
        try:
            files = readers.unpack(answer.content)
        except Unreadable:
            files = {}
        there = {name: (True, content in files.values()) for name, content in PICTURES.items()}
        show_each(store.requirement(45), show, answer, there, about=kind)
    answer = export(api, project, "COCO", expect=None)
    try:
        named = [str(image["file_name"]) for image in readers.read_coco_images(answer.content)]
    except Unreadable:
        named = []
    show_none("LS-EXPORT-217", show, answer, [n for n in named if leads_out(n)], among=named, signature="COCO")


@pytest.mark.requirement("LS-STORAGE-026")
@pytest.mark.parametrize("store", ["redis"], indirect=True)
def test_a_value_that_is_no_json_becomes_a_task(
    api: Wire, show: Show, eventually: Eventually, store: Store, new_project: NewProject
) -> None:
    project = new_project(label_config=IMAGE_BOXES)["id"]
    store.put("plain.png", PICTURES["plain.png"], False)
    source = Source(api, eventually, store, project)
    source.connect()  # such a storage can be had
    made = source.call("create", json={**source.body, "use_blob_urls": True}, expect=None)
    if made.ok:
        source.id = made.json()["id"]
        made = source.sync()
    came = len(list_tasks(api, project))
    got = f"{made.brief()}, {came} tasks"
    show("LS-STORAGE-026", made.rejected or came == 1, expected="a 4xx, or one task", got=got, exchange=made)


def leads_out(name: str) -> bool:
    """Whether a name of a picture is a path beyond the folder that the export is unpacked to."""
    if urlsplit(name).netloc:
        return False
    return name.startswith("/") or ".." in PurePosixPath(name).parts
