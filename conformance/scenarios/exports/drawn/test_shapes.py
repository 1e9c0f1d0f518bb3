"""Polygons, ellipses, shapes that get their label from another control, key points and brushes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each
from conformance.scenarios.exports.drawn.boxes import read, show_boxes
from conformance.scenarios.exports.drawn.figures import Drawn, all_near, bounds_of, rounded
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, on_image, picture
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.scenarios.exports.drawn.figures import Point, Size
    from conformance.showing import Show
    from conformance.wire import Wire


def _star(number: int) -> Point:
    radius = 30 - 15 * (number % 2)
    return 50 + radius * math.cos(number), 50 + radius * math.sin(number)


# in per cent of a picture of that size
OUTLINES: dict[str, tuple[Size, list[Point]]] = {
    "triangle": ((1000, 500), [(10, 10), (50, 10), (50, 60)]),
    "many digits": ((1333, 777), [(1.23456789, 2.3456789), (33.3333333, 5.5555555), (66.6666667, 77.7777778), (3, 44)]),
    "star": ((333, 777), [_star(number) for number in range(6)]),
    "hundred points": ((1920, 1080), [(50 + 40 * math.cos(n / 16), 50 + 40 * math.sin(n / 16)) for n in range(100)]),
}


def in_pixels(points: list[Point], size: Size) -> list[Point]:
    """From per cent."""
    return [(x * size[0] / 100, y * size[1] / 100) for x, y in points]


def flat(points: list[Point]) -> list[float]:
    """One number after another."""
    return rounded(figure for point in points for figure in point)


def polygon(points: list[Point], labels: list[str], size: Size) -> dict[str, Any]:
    """A region of PolygonLabels."""
    value = {"points": points, "closed": True, "polygonlabels": labels}
    return on_image("polygonlabels", value, source="shape", size=size)


@pytest.mark.requirement("LS-EXPORT-121", "LS-EXPORT-122")
def test_polygons_keep_their_points(api: Wire, show: Show, labelled: Labelled) -> None:
    both = ["one of two", "other of two"]
    square: list[Point] = [(20, 20), (40, 20), (40, 60), (20, 60)]
    outlines = {**OUTLINES, **dict.fromkeys(both, ((1000, 500), square))}
    tasks = [
        annotated(picture(f"{label}.jpg"), [polygon(points, [label], size)])
        for label, (size, points) in OUTLINES.items()
    ]
    tasks.append(annotated(picture("both.jpg"), [polygon(square, both, (1000, 500))]))
    project = labelled(config(control("PolygonLabels", "shape", list(outlines))), tasks)
    for name in ("COCO", "YOLO"):
        answer = export(api, project, name, expect=None)
        found = _outlines(name, answer.content, {label: size for label, (size, _) in outlines.items()})
        cases = {
            label: ([flat(in_pixels(points, size))], found.get(label, [])) for label, (size, points) in outlines.items()
        }
        single = {label: case for label, case in cases.items() if label not in both}
        show_each("LS-EXPORT-121", show, answer, single, about=name, agree=all_near(0.02))
        several = {label: cases[label] for label in both}
        show_each("LS-EXPORT-122", show, answer, several, about=name, agree=all_near(0.02))


def _outlines(name: str, content: bytes, sizes: dict[str, Size]) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {}
    try:
        if name == "COCO":
            for thing in readers.read_coco(content):
                # a mask in runs is an object, and no outline
                for outline in thing["outline"] if isinstance(thing["outline"], list) else []:
                    found.setdefault(thing["label"], []).append(rounded(outline))
            return found
        for label, figures in (one for things in readers.read_yolo(content).values() for one in things):
            points = in_pixels(
                [(x * 100, y * 100) for x, y in zip(figures[::2], figures[1::2], strict=True)], sizes[label]
            )
            found.setdefault(label, []).append(flat(points))
    except Unreadable:
        return {}
    return found


@pytest.mark.requirement("LS-EXPORT-125", "LS-EXPORT-126", "LS-EXPORT-127")
def test_shapes_that_get_their_label_elsewhere(api: Wire, show: Show, labelled: Labelled) -> None:
    """The shape is one region of the result, its label another of the same id."""
    box = Drawn(label="Box", x=10, y=20, width=30, height=40)
    around = Drawn(label="Ellipse", x=40, y=30, width=20, height=40)  # what the ellipse covers
    outline: list[Point] = [(10, 10), (50, 10), (50, 60)]
    left, top, right, bottom = bounds_of(outline)
    cover = Drawn(label="Polygon", x=left, y=top, width=right - left, height=bottom - top)
    shapes: dict[str, dict[str, Any]] = {
        "rectangle": {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0},
        "ellipse": {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0},
        "polygon": {"points": outline, "closed": True},
    }
    labels = {"rectangle": box, "ellipse": around, "polygon": cover}
    tasks = {
        kind: annotated(
            picture(f"{kind}.jpg"),
            [
                on_image(kind, value, source=kind, region_id=kind),
                on_image("labels", {**value, "labels": [labels[kind].label]}, source="label", region_id=kind),
            ],
        )
        for kind, value in shapes.items()
    }
    controls = ('<Rectangle name="rectangle" toName="image"/>', '<Ellipse name="ellipse" toName="image"/>')
    polygons = '<Polygon name="polygon" toName="image"/>'
    names = control("Labels", "label", [drawn.label for drawn in labels.values()])
    for requirement, kinds in (
        ("LS-EXPORT-125", ["rectangle"]),
        ("LS-EXPORT-126", ["rectangle", "ellipse"]),
        ("LS-EXPORT-127", ["rectangle", "polygon"]),
    ):
        project = labelled(config(*controls, polygons, names), [tasks[kind] for kind in kinds])
        for name in ("COCO", "VOC", "YOLO"):
            answer = export(api, project, name, expect=None)
            show_boxes(requirement, show, answer, name, [labels[kind] for kind in kinds])


@pytest.mark.requirement("LS-EXPORT-128")
def test_an_ellipse_beside_boxes_is_not_lost(api: Wire, show: Show, labelled: Labelled) -> None:
    box = Drawn(label="Box", x=10, y=20, width=30, height=40)
    around = Drawn(label="Ellipse", x=40, y=30, width=20, height=40)
    value = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0, "ellipselabels": ["Ellipse"]}
    project = labelled(
        config(control("RectangleLabels", "box", ["Box"]), control("EllipseLabels", "round", ["Ellipse"])),
        [
            annotated(
                picture("a.jpg"), [drawn_box(box), on_image("ellipselabels", value, source="round", region_id="e")]
            )
        ],
    )
    for name in ("COCO", "VOC", "YOLO"):
        answer = export(api, project, name, expect=None)
        found = read(answer, name, [box, around])
        expected = {"Box": 1, "Ellipse": 1}
        got = {label: len(found.get(label, [])) for label in expected}
        show.equal("LS-EXPORT-128", expected=expected, got=got, exchange=answer, signature=name)
