"""Exports that carry pictures: uploaded ones and served ones, of one name and of odd names, each beside its objects."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.exports.drawn.figures import Drawn
from conformance.scenarios.exports.drawn.regions import config, control, drawn_box, png
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import annotate, bring_in, export, list_tasks

if TYPE_CHECKING:
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

UPLOADED = ("plain.png", "two words.png", "Größe.png", "UPPER.PNG", "v1.2.png")
SERVED = ("one/same.png", "two/same.png")


PICTURES = {name: png(20 + n, 40 - n) for n, name in enumerate((*UPLOADED, *SERVED))}


@pytest.mark.requirement("LS-EXPORT-185", "LS-EXPORT-186", "LS-EXPORT-187", "LS-EXPORT-189")
def test_pictures_come_with_their_objects(api: Wire, show: Show, peers: Peers, new_project: NewProject) -> None:
    project = new_project(label_config=config(control("RectangleLabels", "box", list(PICTURES))))
    # one by one, so that it is sure which task has which picture: an import promises no order
    for name in UPLOADED:
        bring_in(api, project["id"], files=[("file", (name, PICTURES[name], "image/png"))])
    for name in SERVED:
        url = peers.files.serve(name, PICTURES[name], content_type="image/png").url
        bring_in(api, project["id"], json=[{"image": url}])
    for n, (task, name) in enumerate(zip(list_tasks(api, project["id"]), PICTURES, strict=True)):
        box = Drawn(label=name, x=10, y=20, width=30, height=40, size=(20 + n, 40 - n))
        annotate(api, task, drawn_box(box))
    named: dict[str, list[str]] = {}
    answers = {kind: export(api, project["id"], kind, expect=None) for kind in ("COCO_WITH_IMAGES", "YOLO_WITH_IMAGES")}
    for kind, answer in answers.items():
        try:
            files = readers.unpack(answer.content)
            beside = _beside(kind, answer.content)
        except Unreadable:
            files, beside = {}, {}
        there = {name: (True, picture in files.values()) for name, picture in PICTURES.items()}
        show_each("LS-EXPORT-185", show, answer, there, about=kind)
        right = {name: (True, _found(files, beside.get(name)) == picture) for name, picture in PICTURES.items()}
        show_each("LS-EXPORT-186", show, answer, right, about=kind)
        named[kind] = list(files)

    answer = export(api, project["id"], "VOC", expect=None)
    try:
        files = readers.unpack(answer.content)
        images = readers.read_voc_images(answer.content)
    except Unreadable:
        files, images = {}, []
    drawn_on = {label: f"images/{image['file']}" for image in images for label, _ in image["objects"]}
    right = {name: (True, files.get(drawn_on.get(name, "")) == picture) for name, picture in PICTURES.items()}
    show_each("LS-EXPORT-189", show, answer, right)
    for kind, names in named.items():
        odd = [name for name in names if name.startswith("/") or ".." in PurePosixPath(name).parts]
        show_none("LS-EXPORT-187", show, answers[kind], odd, among=names, signature=kind)


def _beside(kind: str, content: bytes) -> dict[str, Any]:
    """Label → the path of its picture, without suffix for YOLO."""
    if kind.startswith("COCO"):
        return {thing["label"]: thing["file"] for thing in readers.read_coco(content)}
    return {label: file for file, things in readers.read_yolo(content).items() for label, _ in things}


def _found(files: dict[str, bytes], path: str | None) -> bytes | None:
    if path is None:
        return None
    exact = files.get(path)
    return exact or next((body for name, body in files.items() if name.rpartition(".")[0] == f"images/{path}"), None)
