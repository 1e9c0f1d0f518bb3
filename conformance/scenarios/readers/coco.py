"""COCO: the JSON file, checked by COCO's own API."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from conformance.scenarios.readers.archive import Unreadable, unpack


def _coco(content: bytes) -> Any:
    from pycocotools.coco import COCO

    files = {name: body for name, body in unpack(content).items() if name.endswith(".json")}
    if len(files) != 1:
        raise Unreadable(f"expected one JSON file in the ZIP, got {sorted(files)}")
    ((_, body),) = files.items()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "coco.json")
        path.write_bytes(body)
        try:
            json.loads(body)
            with contextlib.redirect_stdout(io.StringIO()):
                return COCO(str(path))
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as problem:
            raise Unreadable(f"no COCO: {problem!r}") from problem


def read_coco(content: bytes) -> list[dict[str, Any]]:
    """Objects in the order of images and ids: ``{"file", "size", "label", "box", "area", "outline"}``, in pixels.

    Raises:
        Unreadable: no ZIP with one COCO file, or one that COCO's own API does not take.
    """
    coco = _coco(content)
    found = []
    try:
        for number in sorted(coco.getAnnIds()):
            (thing,) = coco.loadAnns(number)
            (image,) = coco.loadImgs(thing["image_id"])
            if not all(isinstance(figure, int | float) for figure in (*thing["bbox"], thing["area"])):
                raise Unreadable(f"a box or an area that is no number: {thing['bbox']}, {thing['area']}")
            found.append(
                {
                    "file": image["file_name"],
                    "size": (image["width"], image["height"]),
                    "label": coco.loadCats(thing["category_id"])[0]["name"],
                    "box": thing["bbox"],
                    "area": thing["area"],
                    "outline": thing["segmentation"],
                }
            )
    except (KeyError, IndexError, TypeError) as problem:
        raise Unreadable(f"an annotation refers to something that is not there: {problem!r}") from problem
    return found


def read_coco_images(content: bytes) -> list[dict[str, Any]]:
    """The pictures that are listed, with or without objects, as they are.

    Raises:
        Unreadable: see :func:`read_coco`.
    """
    coco = _coco(content)
    images: list[dict[str, Any]] = coco.dataset.get("images", [])
    if not all(isinstance(image, dict) and {"id", "file_name", "width", "height"} <= set(image) for image in images):
        raise Unreadable("a picture without id, file_name, width or height")
    return images


def read_coco_points(content: bytes) -> list[dict[str, Any]]:
    """The objects that have key points, as they are.

    Raises:
        Unreadable: see :func:`read_coco`; or key points that are no triples of numbers.
    """
    coco = _coco(content)
    things = [thing for thing in coco.dataset.get("annotations", []) if "keypoints" in thing]
    if any(len(thing["keypoints"]) % 3 for thing in things):
        raise Unreadable("key points that are no triples")
    return things
