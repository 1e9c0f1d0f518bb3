"""Key points in COCO and YOLO: where they were set, and whose they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.exports.drawn.figures import Drawn
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, on_image, picture
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SIZE = (1000, 500)
SEEN = 2  # COCO's word for labelled and visible
BOX = 4
PERSON = Drawn(label="Person", x=10, y=20, width=30, height=60, size=SIZE)
OTHER = Drawn(label="Person", x=60, y=10, width=25, height=70, size=SIZE)
# the config counts from the eye to the ear; the editor was used in another order
INDEXED = {"Nose": 'model_index="1"', "Eye": 'model_index="0"', "Ear": 'model_index="2"'}
POINTS = {"Nose": (20.0, 30.0), "Eye": (22.4, 25.2)}
THEIRS = {"Nose": (70.0, 20.0), "Ear": (75.5, 21.0)}


def points(where: dict[str, tuple[float, float]], parent: str | None) -> list[dict[str, Any]]:
    """Key points, of a box or of nothing."""
    owned = {"parentID": parent} if parent else {}
    return [
        on_image(
            "keypointlabels",
            {"x": x, "y": y, "width": 0.5, "keypointlabels": [label]},
            source="points",
            region_id=f"{parent}-{label}",
            size=SIZE,
            **owned,
        )
        for label, (x, y) in where.items()
    ]


def coco_points(where: dict[str, tuple[float, float]]) -> list[float]:
    """x, y, visibility of eye, nose, ear, as COCO has them."""
    return [
        figure
        for label in ("Eye", "Nose", "Ear")
        for figure in (
            (round(where[label][0] * SIZE[0] / 100), round(where[label][1] * SIZE[1] / 100), SEEN)
            if label in where
            else (0, 0, 0)
        )
    ]


def yolo_line(box: Drawn, where: dict[str, tuple[float, float]]) -> list[float]:
    """Centre and size of the box, then x, y, visibility of eye, nose, ear, as fractions."""
    place = [(box.x + box.width / 2) / 100, (box.y + box.height / 2) / 100, box.width / 100, box.height / 100]
    for label in ("Eye", "Nose", "Ear"):
        x, y = where.get(label, (0, 0))
        place += [x / 100, y / 100, SEEN if label in where else 0]
    return [round(figure, 6) for figure in place]


def readable(read: Callable[[bytes], Any], answer: Exchange) -> Any:
    """Return what a reader finds, or why it finds nothing."""
    try:
        return read(answer.content)
    except (Unreadable, LookupError, TypeError) as problem:
        return f"unreadable: {problem}"


@pytest.mark.requirement("LS-EXPORT-129", "LS-EXPORT-130", "LS-EXPORT-131", "LS-EXPORT-132", "LS-EXPORT-133")
def test_key_points_are_where_they_were_set(api: Wire, show: Show, labelled: Labelled) -> None:
    people = config(control("RectangleLabels", "box", ["Person"]), control("KeyPointLabels", "points", INDEXED))
    single = [drawn_box(PERSON, region_id="p1"), *points(POINTS, "p1")]
    couple = [*single, drawn_box(OTHER, region_id="p2"), *points(THEIRS, "p2")]
    stray = [drawn_box(PERSON, region_id="p1"), *points(POINTS, None)]
    for kind, result, wanted in (
        ("one person", single, [(PERSON, POINTS)]),
        ("two people", couple, [(PERSON, POINTS), (OTHER, THEIRS)]),
    ):
        project = labelled(people, [annotated(picture("people.jpg"), result)])
        answer = export(api, project, "COCO", expect=None)
        got = readable(_coco_points, answer)
        expected = sorted(coco_points(where) for _, where in wanted)
        show.equal(
            "LS-EXPORT-129" if len(wanted) == 1 else "LS-EXPORT-130",
            expected=expected,
            got=got,
            exchange=answer,
            signature=kind,
        )
        answer = export(api, project, "YOLO", expect=None)
        got = readable(_yolo_lines, answer)
        lines = sorted(yolo_line(box, where) for box, where in wanted)
        show.equal("LS-EXPORT-131", expected=lines, got=got, exchange=answer, signature=kind)
        answer = export(api, project, "YOLO_OBB", expect=None)
        figures = readable(_yolo_lengths, answer)
        show.equal("LS-EXPORT-133", expected=[BOX * 2], got=figures, exchange=answer, signature=kind)

    project = labelled(people, [annotated(picture("stray.jpg"), stray)])
    for name in ("COCO", "YOLO"):
        answer = export(api, project, name, expect=None)
        told = readable(partial(_points_told, name), answer)
        show.equal("LS-EXPORT-132", expected=len(POINTS), got=told, exchange=answer, signature=name)


def _coco_points(content: bytes) -> list[list[float]]:
    return sorted(thing["keypoints"] for thing in readers.read_coco_points(content))


def _yolo_lengths(content: bytes) -> list[int]:
    return sorted({len(figures) for figures in _yolo_lines(content)})


def _yolo_lines(content: bytes) -> list[list[float]]:
    """Lines without their class; figures of visibility are no fractions, so the reader of boxes does not take them."""
    files = readers.unpack(content)
    lines = [line for name, body in files.items() if name.startswith("labels/") for line in body.decode().splitlines()]
    return sorted([round(float(figure), 6) for figure in line.split()[1:]] for line in lines)


def _points_told(name: str, content: bytes) -> int:
    """Return how many points an export says are to be seen."""
    if name == "COCO":
        return sum(o["keypoints"][2::3].count(SEEN) for o in readers.read_coco_points(content))
    return sum(line[BOX + 2 :: 3].count(SEEN) for line in _yolo_lines(content))
