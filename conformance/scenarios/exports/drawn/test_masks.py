"""Brushes: several labels, several regions, several people, labels that are awkward as file names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.exports.drawn.regions import annotated, config, control, on_image, picture
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SIZE = (64, 24)
LABELS = ("Car", "Tree", "Größe", "a b", "up/down", "..", "a:b*c?")
Place = tuple[int, int, int, int]
# left, top, right, bottom of what was painted
PLACES: dict[str, Place] = {
    "Car": (2, 2, 20, 10),
    "Car again": (40, 12, 60, 20),
    "Tree": (10, 14, 30, 22),
    "Größe": (1, 1, 9, 9),
    "a b": (30, 3, 44, 11),
    "up/down": (50, 2, 62, 9),
    "..": (5, 15, 15, 23),
    "a:b*c?": (22, 6, 29, 13),
    "of another": (33, 13, 39, 23),
    "both": (45, 1, 49, 22),
}


def painted(place: Place) -> list[list[bool]]:
    """Rows of pixels."""
    left, top, right, bottom = place
    return [[left <= x < right and top <= y < bottom for x in range(SIZE[0])] for y in range(SIZE[1])]


def brush(case: str, *labels: str) -> dict[str, Any]:
    """A region of that place."""
    value = {"format": "rle", "rle": readers.paint(painted(PLACES[case])), "brushlabels": list(labels)}
    return on_image("brushlabels", value, source="mask", region_id=case, size=SIZE)


def masks(content: bytes) -> dict[str, set[tuple[int, int]]]:
    """File name → painted pixels."""
    return {
        name: {(x, y) for y, row in enumerate((mask > 0).tolist()) for x, dot in enumerate(row) if dot}
        for name, mask in readers.read_masks(content).items()
    }


def pixels(case: str) -> set[tuple[int, int]]:
    """Painted ones."""
    return {(x, y) for y, row in enumerate(painted(PLACES[case])) for x, dot in enumerate(row) if dot}


@pytest.mark.requirement("LS-EXPORT-136", "LS-EXPORT-137", "LS-EXPORT-138")
def test_every_brush_is_exported(api: Wire, show: Show, labelled: Labelled) -> None:
    whole = [brush("Car", "Car"), brush("Car again", "Car"), brush("Tree", "Tree"), brush("both", "Car", "Tree")]
    whole += [brush(label, label) for label in LABELS[2:]]
    tasks = [
        {
            "data": picture("a.jpg"),
            "annotations": [
                {"result": whole, "ground_truth": False},
                {"result": [brush("of another", "Tree")], "ground_truth": False},
            ],
        }
    ]
    project = labelled(config(control("BrushLabels", "mask", LABELS)), tasks)
    wanted = {case: pixels(case) for case in PLACES}
    everything: set[tuple[int, int]] = set().union(*wanted.values())
    covering: list[tuple[str, Exchange, set[tuple[int, int]]]] = []
    for name in ("BRUSH_TO_PNG", "BRUSH_TO_NUMPY"):
        answer = export(api, project, name, expect=None)
        try:
            found = masks(answer.content)
        except Unreadable as problem:
            found = {str(problem): {(-1, -1)}}
        covered = {case: (True, any(dots <= held for held in found.values())) for case, dots in wanted.items()}
        show_each("LS-EXPORT-136", show, answer, covered, about=name)
        covering.append((name, answer, {dot for held in found.values() for dot in held}))
    answer = export(api, project, "BRUSH_TO_COCO", expect=None)
    try:
        things = readers.read_coco(answer.content)
    except Unreadable:
        things = []
    told = {(thing["label"], *(round(figure) for figure in thing["box"])) for thing in things if thing["size"] == SIZE}
    boxes = {
        f"{case} as {label}": (label, place[0], place[1], place[2] - place[0], place[3] - place[1])
        for case, place in PLACES.items()
        for label in {"Car again": ["Car"], "of another": ["Tree"], "both": ["Car", "Tree"]}.get(case, [case])
    }
    show_each("LS-EXPORT-138", show, answer, {case: (True, box in told) for case, box in boxes.items()})
    for name, answer, dots in covering:
        show_none("LS-EXPORT-137", show, answer, sorted(dots - everything)[:5], among=dots, signature=name)


# name → places that were painted, and one that was not, in pixels of a picture of SIZE
ODD: dict[str, tuple[list[Place], Place | None]] = {
    "in one piece": ([(2, 2, 60, 22)], None),
    "in two pieces": ([(1, 1, 30, 23), (34, 1, 63, 23)], None),
    "around a hole": ([(2, 1, 62, 23)], (12, 5, 52, 19)),
}
NEAR_AREA = 0.2


@pytest.mark.requirement("LS-EXPORT-214", "LS-EXPORT-215")
def test_a_brushed_region_is_one_object_with_its_area(api: Wire, show: Show, labelled: Labelled) -> None:
    regions, areas = [], {}
    for name, (places, hole) in ODD.items():
        dots = [
            [any(held(place, x, y) for place in places) and not (hole and held(hole, x, y)) for x in range(SIZE[0])]
            for y in range(SIZE[1])
        ]
        areas[name] = sum(map(sum, dots))
        value = {"format": "rle", "rle": readers.paint(dots), "brushlabels": [name]}
        regions.append(on_image("brushlabels", value, source="mask", region_id=name, size=SIZE))
    project = labelled(config(control("BrushLabels", "mask", list(ODD))), [annotated(picture("a.jpg"), regions)])
    answer = export(api, project, "BRUSH_TO_COCO", expect=None)
    try:
        things = readers.read_coco(answer.content)
    except Unreadable:
        things = []
    told = {name: [thing["area"] for thing in things if thing["label"] == name] for name in ODD}
    show_each("LS-EXPORT-214", show, answer, {name: (1, len(found)) for name, found in told.items()})
    totals: dict[str, tuple[object, object]] = {name: (areas[name], sum(found)) for name, found in told.items()}
    show_each("LS-EXPORT-215", show, answer, totals, agree=lambda right, got: abs(got - right) <= NEAR_AREA * right)


def held(place: Place, x: int, y: int) -> bool:
    """Whether a pixel is in a place."""
    return place[0] <= x < place[2] and place[1] <= y < place[3]
