"""Boxes in COCO, Pascal VOC, YOLO and oriented YOLO: the same pixels, whatever the box, the picture and the format."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.exports.drawn.figures import (
    EXACT,
    PIXEL,
    READ,
    WITHIN,
    Drawn,
    Found,
    all_near,
    corners_in_yolo,
    rounded,
)
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, on_image, picture
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

UPRIGHT = [
    Drawn(label="round figures", x=10, y=20, width=30, height=40),
    Drawn(label="many digits", x=33.333333333, y=66.6666667, width=12.3456789, height=9.87654321, size=(1333, 777)),
    Drawn(label="tall picture", x=12.5, y=3.75, width=50, height=1.25, size=(333, 7777)),
    Drawn(label="whole picture", x=0, y=0, width=100, height=100, size=(640, 480)),
    Drawn(label="at the far corner", x=99, y=98, width=1, height=2, size=(1920, 1080)),
    Drawn(label="thin", x=50, y=10, width=0.25, height=80, size=(4000, 300)),
]
TURNED = [
    Drawn(label="a quarter", x=50, y=20, width=10, height=60, rotation=90),
    Drawn(label="a third of a right angle", x=40, y=20, width=30.33333, height=11.77777, rotation=30),
    Drawn(label="upside down", x=60, y=70, width=20, height=30, rotation=180, size=(333, 777)),
    Drawn(label="three quarters", x=20, y=80, width=10, height=20, rotation=270, size=(1333, 777)),
    Drawn(label="the other way", x=30, y=60, width=25, height=10, rotation=-45, size=(1600, 900)),
    Drawn(label="a little", x=30, y=30, width=20, height=20, rotation=1.5, size=(900, 1600)),
]
BOTH = [*UPRIGHT, *TURNED]


class Place(TypedDict):
    """Of a box."""

    x: float
    y: float
    width: float
    height: float


PLACE: Place = {"x": 10, "y": 20, "width": 30, "height": 40}
FRACTIONS = ("YOLO", "YOLO_OBB")
TURNED_IN = {"COCO": "LS-EXPORT-101", "VOC": "LS-EXPORT-102", "YOLO": "LS-EXPORT-103"}


Boxes = tuple[dict[str, "Exchange"], dict[str, Found]]


def boxes_config(boxes: list[Drawn], *more: str) -> str:
    """A config that has the labels of these boxes."""
    return config(control("RectangleLabels", "box", [box.label for box in boxes]), *more)


def exported(api: Wire, project: int, sizes: Mapping[str, tuple[int, int]], *formats: str) -> Boxes:
    """The answers by format, and what is in them; nothing where it can't be read."""
    answers = {name: export(api, project, name, expect=None) for name in formats or READ}
    found: dict[str, Found] = {}
    for name, answer in answers.items():
        try:
            found[name] = READ[name](answer.content, sizes) if answer.ok else {}
        except Unreadable:
            found[name] = {}
    return answers, found


@pytest.mark.requirement(
    "LS-EXPORT-101",
    "LS-EXPORT-102",
    "LS-EXPORT-103",
    "LS-EXPORT-104",
    "LS-EXPORT-105",
    "LS-EXPORT-106",
    "LS-EXPORT-107",
)
def test_boxes_have_their_pixels(api: Wire, show: Show, labelled: Labelled) -> None:
    tasks = [annotated(picture(f"{n}.jpg"), [drawn_box(box)]) for n, box in enumerate(BOTH)]
    project = labelled(boxes_config(BOTH), tasks)
    sizes = {box.label: box.size for box in BOTH}
    answers, found = exported(api, project, sizes)
    for name, answer in answers.items():
        upright = "LS-EXPORT-106" if name == "VOC" else "LS-EXPORT-105"
        _show_bounds(upright, show, answer, name, UPRIGHT, found[name])
        if name != "YOLO_OBB":  # its corners are looked at below
            _show_bounds(TURNED_IN[name], show, answer, name, TURNED, found[name])
    _show_corners(show, answers["YOLO_OBB"], sizes)
    _show_agreement(show, answers, found)


def _show_bounds(requirement: str, show: Show, answer: Exchange, name: str, boxes: list[Drawn], found: Found) -> None:
    show_each(
        requirement,
        show,
        answer,
        {box.label: ([rounded(box.bounds())], [rounded(one) for one in found.get(box.label, [])]) for box in boxes},
        about=name,
        agree=all_near(WITHIN[name]),
    )


def _show_corners(show: Show, answer: Exchange, sizes: Mapping[str, tuple[int, int]]) -> None:
    try:
        corners = corners_in_yolo(answer.content, sizes)
    except Unreadable:
        corners = {}
    cases = {box.label: ([_flat(box.corners())], [_flat(one) for one in corners.get(box.label, [])]) for box in TURNED}
    show_each("LS-EXPORT-104", show, answer, cases, agree=all_near(EXACT))


def _flat(points: list[tuple[float, float]]) -> list[float]:
    return rounded(figure for point in points for figure in point)


def _show_agreement(show: Show, answers: Mapping[str, Exchange], found: Mapping[str, Found]) -> None:
    """Formats among themselves, whatever was drawn."""
    for kind, boxes in (("upright", UPRIGHT), ("turned", TURNED)):
        cases: dict[str, tuple[object, object]] = {}
        for one, other in combinations(READ, 2):
            agree = all_near(PIXEL if "VOC" in {one, other} else EXACT)
            pairs = [(found[one].get(box.label, []), found[other].get(box.label, [])) for box in boxes]
            apart = next((pair for pair in pairs if not pair[0] or not agree(*pair)), None)
            cases[f"{one} and {other}"] = apart or ([], [])
        show_each("LS-EXPORT-107", show, answers["COCO"], cases, about=kind)


@pytest.mark.requirement(
    "LS-EXPORT-108", "LS-EXPORT-109", "LS-EXPORT-110", "LS-EXPORT-119", "LS-EXPORT-120", "LS-EXPORT-123"
)
def test_boxes_are_all_there(api: Wire, show: Show, labelled: Labelled) -> None:
    """Several labels, odd names, keys that may be left out, a label that the config does not have."""
    names = ["two words", "Größe/Länge", '<tag> & "quote"', "0", "a'b;c,d", "世界🌍"]
    single: dict[str, tuple[str, dict[str, Any]]] = {
        "no rotation": ("LS-EXPORT-109", drawn_box(Drawn(label="no rotation", **PLACE), without=("rotation",))),
        "no image_rotation": (
            "LS-EXPORT-109",
            drawn_box(Drawn(label="no image_rotation", **PLACE), without=("image_rotation",)),
        ),
        "no size": (
            "LS-EXPORT-110",
            drawn_box(Drawn(label="no size", **PLACE), without=("original_width", "original_height")),
        ),
        "not in the config": ("LS-EXPORT-119", drawn_box(Drawn(label="not in the config", **PLACE))),
        **{name: ("LS-EXPORT-120", drawn_box(Drawn(label=name, **PLACE))) for name in names},
    }
    several = drawn_box(Drawn(label="first", **PLACE), labels=["first", "second"])
    known = [Drawn(label=name, **PLACE) for name in [*single, "first", "second"] if name != "not in the config"]
    tasks = [annotated(picture(f"{n}.jpg"), [one]) for n, (_, one) in enumerate(single.values())]
    tasks.append(annotated(picture("several.jpg"), [several]))
    project = labelled(boxes_config(known), tasks)
    answers, found = exported(
        api, project, {box.label: (1000, 500) for box in known} | {"not in the config": (1000, 500)}
    )
    requirements = {
        **{label: i for label, (i, _) in single.items()},
        "first": "LS-EXPORT-108",
        "second": "LS-EXPORT-108",
    }
    for name, answer in answers.items():
        for requirement in sorted(set(requirements.values())):
            if requirement == "LS-EXPORT-110" and name not in FRACTIONS:
                continue  # pixels can't be had of a picture whose size nobody said
            cases = {
                label: ([[100, 100, 400, 300]], [rounded(one) for one in found[name].get(label, [])])
                for label, shown in requirements.items()
                if shown == requirement
            }
            show_each(requirement, show, answer, cases, about=name, agree=all_near(WITHIN[name]))
    for name, answer in answers.items():
        surplus = sorted(set(found[name]) - set(requirements))
        show_none("LS-EXPORT-123", show, answer, surplus, among=found[name], signature=name)


@pytest.mark.requirement("LS-EXPORT-206")
def test_classes_are_what_can_be_drawn(api: Wire, show: Show, labelled: Labelled) -> None:
    """Beside a choice for the whole picture: a model that is trained would wait for that in vain."""
    whole = on_image("choices", {"choices": ["Night"]}, source="time", region_id="c1")
    controls = control("RectangleLabels", "box", ["Car", "Tree"]), control("Choices", "time", ["Night", "Day"])
    project = labelled(
        config(*controls), [annotated(picture("1.jpg"), [drawn_box(Drawn(label="Car", **PLACE)), whole])]
    )
    for name in ("COCO", "YOLO", "YOLO_OBB"):
        answer = export(api, project, name, expect=None)
        files = readers.unpack(answer.content) if answer.ok else {}
        if name == "COCO":
            result = json.loads(files.get("result.json", b"{}"))
            got = sorted(kind["name"] for kind in result.get("categories", []))
        else:
            got = sorted(files.get("classes.txt", b"").decode().split())
        show.equal("LS-EXPORT-206", expected=["Car", "Tree"], got=got, exchange=answer, signature=name)


@pytest.mark.requirement("LS-EXPORT-118")
def test_a_class_number_stands_for_the_label(api: Wire, show: Show, labelled: Labelled) -> None:
    boxes = [Drawn(label=label, **PLACE) for label in ("Car", "Tree", "Cat")]
    tasks = [annotated(picture(f"{box.label}.jpg"), [drawn_box(box)]) for box in boxes]
    for numbers in ({"Car": "7", "Tree": "3", "Cat": "5"}, {"Car": "1", "Tree": "", "Cat": ""}):
        labels = {label: f'category="{number}"' if number else "" for label, number in numbers.items()}
        project = labelled(config(control("RectangleLabels", "box", labels)), tasks)
        for name in ("COCO", "YOLO", "YOLO_OBB"):
            answer = export(api, project, name, expect=None)
            try:
                got: Any = _label_of_each_picture(name, answer.content)
            except (Unreadable, LookupError) as problem:
                got = f"unreadable: {problem}"
            show.equal(
                "LS-EXPORT-118",
                expected={"Car": ["Car"], "Tree": ["Tree"], "Cat": ["Cat"]},
                got=got,
                exchange=answer,
                signature=f"{name}: {'all' if all(numbers.values()) else 'some'} have a number",
            )


def _label_of_each_picture(name: str, content: bytes) -> dict[str, list[str]]:
    if name == "COCO":
        pairs = [(thing["file"].removesuffix(".jpg"), thing["label"]) for thing in readers.read_coco(content)]
    else:
        pairs = [(file, label) for file, things in readers.read_yolo(content).items() for label, _ in things]
    found: dict[str, list[str]] = {}
    for file, label in pairs:
        found.setdefault(next(stem for stem in ("Car", "Tree", "Cat") if file.endswith(stem)), []).append(label)
    return found
