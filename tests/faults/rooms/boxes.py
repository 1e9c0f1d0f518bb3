"""Boxes in exports: corners, sizes, sides, classes, pictures that are others than were drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from defusedxml import ElementTree

from tests.faults.rooms.files import each_file, is_of, json_of
from tests.faults.rooms.making import answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.messages import Answered, Call

CENTRED: Final = 4
"""Figures of a box by its centre and size; one that is turned has eight."""
BOXES: Final[dict[str, Callable[[list[float]], list[float]]]] = {
    "swapped": lambda b: [b[1], b[0], b[3], b[2]],
    "corners": lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]],
    "whole_pixels": lambda b: [int(v) for v in b],
}
LINES: Final[dict[str, Callable[[list[float]], list[float]]]] = {
    "corner": lambda v: [v[0] - v[2] / 2, v[1] - v[3] / 2, *v[2:]] if len(v) == CENTRED else v,
    "swapped": lambda v: [x for pair in zip(v[1::2], v[0::2], strict=False) for x in pair],
    "rounded": lambda v: [round(x, 1) for x in v],
    "pixels": lambda v: [x * 100 for x in v],
    "shifted": lambda v: v,
}


def _coco(value: dict[str, Any], how: str) -> None:
    for one in value["annotations"]:
        if how in BOXES and one.get("bbox"):
            one["bbox"] = BOXES[how](one["bbox"])
        elif how == "area":
            one["area"] = 0
        elif how == "category":
            one["category_id"] = (one["category_id"] + 1) % max(1, len(value["categories"]))
        elif how == "picture":
            one["image_id"] = 0
    for picture in value["images"] if how == "sizes" else ():
        picture["width"], picture["height"] = picture["height"], picture["width"]


@answers
def coco(call: Call, answered: Answered, *, how: str) -> Answered:
    """Boxes in COCO: sides swapped, corners for sizes, categories from one, the wrong picture."""

    def changed(name: str, data: bytes) -> bytes:
        value = json_of(data) if name in {"", "result.json"} else None
        if not isinstance(value, dict) or "annotations" not in value:
            return data
        _coco(value, how)
        return json.dumps(value).encode()

    return each_file(answered, changed) if is_of(call, ["COCO", "COCO_WITH_IMAGES"]) else answered


def _line(text: str, how: str) -> str:
    kind, *numbers = text.split()
    figures = LINES[how]([float(n) for n in numbers])
    return " ".join([str(int(kind) + (how == "shifted")), *map(repr, figures)])


@answers
def yolo(call: Call, answered: Answered, *, how: str) -> Answered:
    """Boxes in YOLO: corners for centres, sides swapped, classes shifted by one, fewer digits, one box only."""

    def changed(name: str, data: bytes) -> bytes:
        lines = [text for text in data.decode().splitlines() if text.strip()] if name.endswith(".txt") else []
        if name.startswith("labels/") and lines and how != "classes":
            lines = lines[:1] if how == "first_only" else [_line(text, how) for text in lines]
            return ("\n".join(lines) + "\n").encode()
        if how == "classes" and name == "classes.txt":
            return "\n".join(reversed(data.decode().split("\n"))).encode()
        return data

    kinds = ["YOLO", "YOLO_OBB", "YOLO_WITH_IMAGES", "YOLO_OBB_WITH_IMAGES"]
    return each_file(answered, changed) if is_of(call, kinds) else answered


@answers
def voc(call: Call, answered: Answered, *, how: str) -> Answered:
    """Boxes in Pascal VOC: x and y swapped, a pixel too wide, another name."""

    def changed(name: str, data: bytes) -> bytes:
        if not name.endswith(".xml"):
            return data
        root = ElementTree.fromstring(data)
        for box in root.iter("bndbox"):
            part = {e.tag: e for e in box}
            if how == "swapped":
                for side in ("min", "max"):
                    part[f"x{side}"].text, part[f"y{side}"].text = part[f"y{side}"].text, part[f"x{side}"].text
            elif how == "off_by_one":
                part["xmax"].text = str(int(float(part["xmax"].text or 0)) + 1)
        for tag in root.iterfind("object/name") if how == "name" else ():
            tag.text = (tag.text or "").lower().replace(" ", "_")
        written: bytes = ElementTree.tostring(root)
        return written

    return each_file(answered, changed) if is_of(call, ["VOC", "VOC_WITH_IMAGES"]) else answered
