"""Pixel figures, worked out from the percentages of a region: what an export has to agree with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.scenarios import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Point = tuple[float, float]
# left, top, right, bottom
Bounds = tuple[float, float, float, float]
Size = tuple[int, int]
# label -> what was found under it
Found = dict[str, list[Bounds]]

# Formats with fractions and floats lose nothing; Pascal VOC has whole pixels.
EXACT: Final = 0.02
PIXEL: Final = 1.0
BOX: Final = 4
CORNERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A box as the editor keeps it: in per cent of the picture, turned clockwise by degrees about its top left corner.

    Attributes:
        label: no two boxes of a project have the same, so that each is found again whatever the file is called.
        size: width and height of the picture in pixels.
    """

    label: str
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0
    size: Size = (1000, 500)

    def corners(self) -> list[Point]:
        """Top left, top right, bottom right, bottom left (of the unturned box), after the turn, in pixels."""
        wide, high = self.size
        left, top = self.x * wide / 100, self.y * high / 100
        across, down = self.width * wide / 100, self.height * high / 100
        cosine, sine = math.cos(math.radians(self.rotation)), math.sin(math.radians(self.rotation))
        return [
            (left + dx * cosine - dy * sine, top + dx * sine + dy * cosine)
            for dx, dy in ((0, 0), (across, 0), (across, down), (0, down))
        ]

    def bounds(self) -> Bounds:
        """Of the turned box."""
        return bounds_of(self.corners())


def bounds_of(points: Iterable[Point]) -> Bounds:
    """The smallest upright box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def near(expected: Sequence[float], got: Sequence[float], *, within: float = EXACT) -> bool:
    """The same number of figures, each as expected."""
    return len(expected) == len(got) and all(abs(a - b) <= within for a, b in zip(expected, got, strict=True))


def all_near(within: float) -> Callable[[Sequence[Sequence[float]], Sequence[Sequence[float]]], bool]:
    """Return whether as many things were found as were drawn, each where it was drawn; in any order."""

    def agree(expected: Sequence[Sequence[float]], got: Sequence[Sequence[float]]) -> bool:
        pairs = zip(sorted(map(tuple, expected)), sorted(map(tuple, got)), strict=False)
        return len(expected) == len(got) and all(near(one, other, within=within) for one, other in pairs)

    return agree


def rounded(figures: Iterable[float]) -> list[float]:
    """For messages."""
    return [round(figure, 2) for figure in figures]


def in_coco(content: bytes, sizes: Mapping[str, Size]) -> Found:
    """Bounds by label in a COCO export."""
    del sizes  # the format has pixels
    found: Found = {}
    for thing in readers.read_coco(content):
        x, y, width, height = thing["box"]
        found.setdefault(thing["label"], []).append((x, y, x + width, y + height))
    return found


def in_voc(content: bytes, sizes: Mapping[str, Size]) -> Found:
    """Bounds by label in a Pascal VOC export."""
    del sizes
    found: Found = {}
    for image in readers.read_voc_images(content):
        for label, bounds in image["objects"]:
            found.setdefault(label, []).append(bounds)
    return found


def corners_in_yolo(content: bytes, sizes: Mapping[str, Size]) -> dict[str, list[list[Point]]]:
    """Points in pixels by label: corners where a line has four figures or eight, of the outline where it has more."""
    found: dict[str, list[list[Point]]] = {}
    for objects in readers.read_yolo(content).values():
        for label, figures in objects:
            wide, high = sizes.get(label, (1, 1))
            if len(figures) == BOX:
                x, y, width, height = figures
                halves = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
                points = [((x + dx * width) * wide, (y + dy * height) * high) for dx, dy in halves]
            else:
                points = [(x * wide, y * high) for x, y in zip(figures[::2], figures[1::2], strict=True)]
            found.setdefault(label, []).append(points)
    return found


def in_yolo(content: bytes, sizes: Mapping[str, Size]) -> Found:
    """Bounds by label in a YOLO export of either kind."""
    return {
        label: [bounds_of(points) for points in things] for label, things in corners_in_yolo(content, sizes).items()
    }


READ: Final[dict[str, Callable[[bytes, Mapping[str, Size]], Found]]] = {
    "COCO": in_coco,
    "VOC": in_voc,
    "YOLO": in_yolo,
    "YOLO_OBB": in_yolo,
}
# How far the figures of a format may be from the truth, in pixels.
WITHIN: Final = {"COCO": EXACT, "VOC": PIXEL, "YOLO": EXACT, "YOLO_OBB": EXACT}
