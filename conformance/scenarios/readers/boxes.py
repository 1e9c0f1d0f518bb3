"""YOLO (a text file per image) and Pascal VOC (an XML file per image)."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from conformance.scenarios.readers.archive import Unreadable, unpack

EDGES = ("xmin", "ymin", "xmax", "ymax")


def read_yolo(content: bytes) -> dict[str, list[tuple[str, list[float]]]]:
    """Image name without its suffix → objects, each its label and its figures (fractions of width and height).

    Raises:
        Unreadable: no ``classes.txt``, a class that it does not name, or a line that is not figures between 0 and 1.
    """
    files = unpack(content)
    if "classes.txt" not in files:
        raise Unreadable(f"no classes.txt among {sorted(files)}")
    try:
        texts = {name: body.decode() for name, body in files.items() if name.endswith(".txt")}
    except UnicodeDecodeError as problem:
        raise Unreadable(f"no UTF-8: {problem}") from problem
    classes = texts["classes.txt"].split("\n")
    found = {}
    for name, body in texts.items():
        if name.startswith("labels/"):
            objects = [_yolo_line(line, classes) for line in body.splitlines()]
            found[name.removeprefix("labels/").removesuffix(".txt")] = objects
    return found


def _yolo_line(line: str, classes: list[str]) -> tuple[str, list[float]]:
    try:
        number, *figures = line.split()
        label, values = classes[int(number)], [float(figure) for figure in figures]
    except (ValueError, IndexError) as problem:
        raise Unreadable(f"no line of YOLO: {line!r}") from problem
    if not label or not all(0 <= value <= 1 for value in values):
        raise Unreadable(f"an unknown class, or a figure out of bounds: {line!r}")
    return label, values


def read_voc(content: bytes) -> dict[str, dict[str, Any]]:
    """Image file → ``{"size": (width, height, depth), "objects": [(label, (xmin, ymin, xmax, ymax)), ...]}``.

    Raises:
        Unreadable: no XML, or without a part that the format has.
    """
    return {image["file"]: {key: image[key] for key in ("size", "objects")} for image in read_voc_images(content)}


def read_voc_images(content: bytes) -> list[dict[str, Any]]:
    """All images, also those that have one name: ``{"file", "size", "objects"}``.

    Raises:
        Unreadable: no XML, or without a part that the format has.
    """
    found = []
    for name, body in unpack(content).items():
        if not name.endswith(".xml"):
            continue
        try:
            root = fromstring(body)
            size = tuple(int(_text(root, f"size/{side}")) for side in ("width", "height", "depth"))
            objects = [
                (_text(thing, "name"), tuple(int(_text(thing, f"bndbox/{edge}")) for edge in EDGES))
                for thing in root.iter("object")
            ]
            found.append({"file": _text(root, "filename"), "size": size, "objects": objects})
        except (ParseError, DefusedXmlException, ValueError) as problem:
            raise Unreadable(f"{name}: {problem}") from problem
    return found


def _text(element: Element, path: str) -> str:
    text = element.findtext(path)
    if not text:
        raise Unreadable(f"no {path}")
    return text
