"""Pictures without objects, boxes drawn towards the upper left, and pictures in snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each
from conformance.scenarios.exports.drawn.figures import READ, WITHIN, Drawn, all_near, rounded
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, picture, png
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import annotate, bring_in, export, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Wire

BOX = Drawn(label="Car", x=10, y=20, width=30, height=40)
CONFIG = config(control("RectangleLabels", "box", ["Car", "Dog"]))
FORMATS = ("COCO", "YOLO", "YOLO_OBB", "VOC")
# drawn from a corner that is not the upper left one, and the same as the box above
MIRRORED = {
    box.label: box
    for box in (
        Drawn(label="to the left", x=40, y=20, width=-30, height=40),
        Drawn(label="upwards", x=10, y=60, width=30, height=-40),
        Drawn(label="both ways", x=40, y=60, width=-30, height=-40),
    )
}


def _pictures(kind: str, content: bytes) -> list[Any]:
    """The names of the pictures that an export tells of, with objects or without."""
    if kind == "COCO":
        return [image["file_name"] for image in readers.read_coco_images(content)]
    if kind == "VOC":
        return [image["file"] for image in readers.read_voc_images(content)]
    return list(readers.read_yolo(content))


@pytest.mark.requirement("LS-EXPORT-139")
def test_pictures_on_which_nothing_is_are_told(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(CONFIG, [annotated(picture("with.jpg"), [drawn_box(BOX)]), annotated(picture("empty.jpg"), [])])
    for kind in FORMATS:
        answer = export(api, project, kind, expect=None)
        try:
            names = _pictures(kind, answer.content)
        except Unreadable:
            names = []
        there = {name: (True, any(name in told for told in names)) for name in ("with", "empty")}
        show_each("LS-EXPORT-139", show, answer, there, about=kind)


@pytest.mark.requirement("LS-EXPORT-188")
def test_boxes_are_the_same_wherever_one_began(api: Wire, show: Show, labelled: Labelled) -> None:
    tasks = [annotated(picture(f"{n}.jpg"), [drawn_box(box)]) for n, box in enumerate(MIRRORED.values())]
    project = labelled(config(control("RectangleLabels", "box", list(MIRRORED))), tasks)
    for kind in ("COCO", "YOLO", "VOC"):
        answer = export(api, project, kind, expect=None)
        try:
            found = READ[kind](answer.content, dict.fromkeys(MIRRORED, BOX.size))
        except Unreadable:
            found = {}
        same = [rounded(BOX.bounds())]
        cases = {label: (same, [rounded(one) for one in found.get(label, [])]) for label in MIRRORED}
        show_each("LS-EXPORT-188", show, answer, cases, about=kind, agree=all_near(WITHIN[kind]))


PICTURES = {"one.png": png(21, 17), "two.png": png(23, 19)}
CARRYING = ("COCO_WITH_IMAGES", "YOLO_WITH_IMAGES", "YOLO_OBB_WITH_IMAGES")


@pytest.fixture
def uploaded(api: Wire, new_project: NewProject) -> int:
    """A project with uploaded pictures, a box on each."""
    project: int = new_project(label_config=CONFIG)["id"]
    for name, content in PICTURES.items():
        bring_in(api, project, files=[("file", (name, content, "image/png"))])
    for task in list_tasks(api, project):
        annotate(api, task, drawn_box(BOX))
    return project


def carried(content: bytes) -> list[str]:
    """Which of the pictures an export contains."""
    try:
        held = list(readers.unpack(content).values())
    except Unreadable:
        held = []
    return [name for name, picture_ in PICTURES.items() if picture_ in held]


@pytest.mark.requirement("LS-EXPORT-205")
def test_resources_come_if_they_are_asked_for(api: Wire, show: Show, uploaded: int) -> None:
    for kind in ("COCO", "YOLO", "VOC"):
        for wanted in (True, False):
            answer = api.call(
                "projects.exports.download_sync",
                id=uploaded,
                query={"export_type": kind, "download_resources": wanted},
                expect=None,
            )
            show.equal(
                "LS-EXPORT-205",
                expected=list(PICTURES) if wanted else [],
                got=carried(answer.content),
                exchange=answer,
                signature=f"{kind}: {'with' if wanted else 'without'}",
            )


@pytest.mark.requirement("LS-EXPORT-204")
def test_a_snapshot_carries_pictures(api: Wire, show: Show, uploaded: int) -> None:
    project = uploaded
    snapshot = api.call("projects.exports.create", id=project, json={"title": "with pictures"}).json()["id"]
    for kind in CARRYING:
        body = {"export_type": kind, "download_resources": True}
        api.call("projects.exports.convert", id=project, export_pk=snapshot, json=body, expect=None)
        answer = api.call(
            "projects.exports.download", id=project, export_pk=snapshot, query={"exportType": kind}, expect=None
        )
        there = {name: (True, name in carried(answer.content)) for name in PICTURES}
        show_each("LS-EXPORT-204", show, answer, there, about=kind)
