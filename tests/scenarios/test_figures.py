"""Pixel figures are worked out from percentages, in pixels and not in per cent; readers list what is there."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.exports.drawn.figures import Drawn, all_near, bounds_of, near, rounded
from conformance.scenarios.readers import Unreadable


def packed(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "."), body)
    return held.getvalue()


def test_a_box_is_turned_in_pixels_about_its_top_left_corner() -> None:
    quarter = Drawn(label="a", x=50, y=20, width=10, height=60, rotation=90, size=(1000, 500))
    assert rounded(quarter.bounds()) == [200, 100, 500, 200]
    assert [rounded(corner) for corner in quarter.corners()] == [[500, 100], [500, 200], [200, 200], [200, 100]]
    upright = Drawn(label="a", x=10, y=20, width=30, height=40, size=(200, 100))
    assert rounded(upright.bounds()) == [20, 20, 80, 60]


def test_figures_are_near_in_number_and_place() -> None:
    assert near((1, 2), (1.01, 2))
    assert not near((1, 2), (1.1, 2))
    assert not near((1, 2), (1,))
    assert all_near(1)([[5, 6], [1, 2]], [[1, 2], [5, 6.5]])
    assert not all_near(1)([[1, 2]], [])
    assert not all_near(1)([[1, 2]], [[1, 2], [1, 2]])
    assert bounds_of([(3, 1), (1, 2)]) == (1, 1, 3, 2)


VOC = """<annotation><filename>same.jpg</filename><size><width>2</width><height>1</height><depth>3</depth></size>
<object><name>{}</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></object></annotation>"""


def test_images_of_one_name_are_read_one_by_one() -> None:
    found = readers.read_voc_images(packed(a__xml=VOC.format("Car"), b__xml=VOC.format("Tree")))
    assert [(image["file"], image["objects"][0][0]) for image in found] == [("same.jpg", "Car"), ("same.jpg", "Tree")]


def coco(**parts: Any) -> bytes:
    whole = {"images": [], "categories": [{"id": 1, "name": "a"}], "annotations": [], **parts}
    return packed(result__json=json.dumps(whole))


def test_pictures_and_points_of_coco_are_read_as_they_are() -> None:
    image = {"id": 1, "file_name": "a", "width": None, "height": None}
    assert readers.read_coco_images(coco(images=[image])) == [image]
    with pytest.raises(Unreadable, match="without id"):
        readers.read_coco_images(coco(images=[{"id": 1}]))
    things = [
        {"id": n, "image_id": 1, "category_id": 1, **more} for n, more in enumerate([{"keypoints": [1, 2, 2]}, {}])
    ]
    assert [thing["id"] for thing in readers.read_coco_points(coco(images=[image], annotations=things))] == [0]
    things[0]["keypoints"] = [1, 2]
    with pytest.raises(Unreadable, match="triples"):
        readers.read_coco_points(coco(images=[image], annotations=things))


def test_words_in_another_encoding_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="no UTF-8"):
        readers.read_conll("-DOCSTART- -X- O\nZoë -X- _ O\n".encode("latin-1"))
