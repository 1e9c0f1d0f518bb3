"""Pictures and their tasks: equal and awkward names, several annotations, nothing to see."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each, show_read
from conformance.scenarios.exports.drawn.boxes import read, show_boxes
from conformance.scenarios.exports.drawn.figures import READ, WITHIN, Drawn, all_near, rounded
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, picture
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.scenarios.exports.drawn.figures import Bounds
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SIZE = (800, 300)
AWKWARD = {
    "blanks": "a b  c.jpg",
    "encoded blanks": "a%20b%20c.jpg",
    "umlauts": "Größe.jpg",
    "Chinese": "世界.jpg",
    "several dots": "v1.2.final.jpg",
    "no suffix": "picture",
    "two suffixes": "picture.jpg.png",
    "quotes": 'it\'s "quoted".jpg',
    "separators": "a;b,c&d=e.jpg",
    "percent": "100%.jpg",
    "upper case": "PICTURE.JPG",
    "leading dot": ".hidden.jpg",
    "fragment": "a.jpg#part",
}
# 255 bytes is what most file systems take
LONG = {"of an ordinary name": "a.jpg", "too many letters": "x" * 300 + ".jpg", "too many bytes": "ü" * 150 + ".jpg"}


def one_each(names: list[str], *, across: float = 5) -> list[Drawn]:
    """A box for each name, none in the place of another."""
    return [
        Drawn(label=name, x=2 + across * n % 90, y=3 + 2 * n, width=4 + n / 8, height=7, size=SIZE)
        for n, name in enumerate(names)
    ]


@pytest.mark.requirement("LS-EXPORT-111", "LS-EXPORT-113", "LS-EXPORT-114", "LS-EXPORT-115")
def test_every_annotation_of_a_task_is_there(api: Wire, show: Show, labelled: Labelled) -> None:
    """Three people's annotations of one picture, an empty one, a skipped one, and a prediction."""
    boxes = one_each(["first", "second", "third", "alone"])
    skipped, guessed = one_each(["skipped", "guessed"], across=40)
    several = annotated(picture("several.jpg"), *([drawn_box(box)] for box in boxes[:3]))
    alone = annotated(picture("alone.jpg"), [drawn_box(boxes[3])])
    nothing = annotated(picture("nothing.jpg"), [])
    left = annotated(picture("left.jpg"), [drawn_box(skipped)], was_cancelled=True)
    predicted = {"data": picture("predicted.jpg"), "predictions": [{"result": [drawn_box(guessed)]}]}
    project = labelled(
        config(control("RectangleLabels", "box", [box.label for box in (*boxes, skipped, guessed)])),
        [several, alone, nothing, left, predicted],
    )
    for name in READ:
        answer = export(api, project, name, expect=None)
        show_boxes("LS-EXPORT-111", show, answer, name, boxes)
        everything = export(api, project, name, everything=True, expect=None)
        nobodys = {
            asked: sorted({"skipped", "guessed"} & set(read(seen, name, [*boxes, skipped, guessed])))
            for asked, seen in (("annotated", answer), ("all", everything))
        }
        show.equal(
            "LS-EXPORT-115", expected={"annotated": [], "all": []}, got=nobodys, exchange=everything, signature=name
        )
        if name == "COCO":
            _show_images(show, answer)
            _show_images(show, everything)


def _show_images(show: Show, answer: Exchange) -> None:
    def names(content: bytes) -> list[str]:
        return sorted(image["file_name"].rpartition("/")[2][-len("several.jpg") :] for image in listed(content))

    def listed(content: bytes) -> list[dict[str, Any]]:
        return readers.read_coco_images(content)

    def repeated(content: bytes) -> list[str]:
        return sorted({name for name in names(content) if names(content).count(name) > 1})

    show_read("LS-EXPORT-113", show, answer, repeated, [])
    show_read(
        "LS-EXPORT-114",
        show,
        answer,
        lambda content: [i for i in listed(content) if not {type(i["width"]), type(i["height"])} <= {int, float}],
        [],
    )


@pytest.mark.requirement("LS-EXPORT-112", "LS-EXPORT-116", "LS-EXPORT-117")
def test_pictures_are_told_apart_by_their_address(api: Wire, show: Show, labelled: Labelled) -> None:
    folders = one_each(["in one", "in two", "in one/three"])
    awkward = one_each(list(AWKWARD), across=6)
    asked = one_each(["asked"], across=11)
    addresses = {
        "in one": "one/same.jpg",
        "in two": "two/same.jpg",
        "in one/three": "one/three/same.jpg",
        "asked": "asked.png?size=big&v=2",
        **AWKWARD,
    }
    boxes = [*folders, *awkward, *asked]
    project = labelled(
        config(control("RectangleLabels", "box", [box.label for box in boxes])),
        [annotated(picture(addresses[box.label]), [drawn_box(box)]) for box in boxes],
    )
    for name in READ:
        answer = export(api, project, name, expect=None)
        show_boxes("LS-EXPORT-112", show, answer, name, folders)
        show_boxes("LS-EXPORT-117", show, answer, name, awkward)
        show_read("LS-EXPORT-116", show, answer, partial(_with_query, name), [])


def _with_query(name: str, content: bytes) -> list[str]:
    """File names, inside and of files, that hold the query of the address."""
    files = list(readers.unpack(content))
    if name == "COCO":
        files += [str(image["file_name"]) for image in readers.read_coco_images(content)]
    if name == "VOC":
        files += [str(image["file"]) for image in readers.read_voc_images(content)]
    return [file for file in files if "size=" in file]


@pytest.mark.requirement("LS-EXPORT-219")
def test_two_tasks_of_one_picture_are_both_there(api: Wire, show: Show, labelled: Labelled) -> None:
    boxes = one_each(["of one task", "of another"])
    project = labelled(
        config(control("RectangleLabels", "box", [box.label for box in boxes])),
        [annotated(picture("shared.jpg"), [drawn_box(box)]) for box in boxes],
    )
    for name in READ:
        show_boxes("LS-EXPORT-219", show, export(api, project, name, expect=None), name, boxes)


@pytest.mark.requirement("LS-EXPORT-220")
def test_a_box_ends_at_the_edge_of_its_picture(api: Wire, show: Show, labelled: Labelled) -> None:
    places = {"left": (-5, 40, 20, 20), "right": (90, 40, 20, 20), "above": (40, -5, 20, 20), "below": (40, 90, 20, 20)}
    boxes = [Drawn(label=name, x=x, y=y, width=w, height=h, size=SIZE) for name, (x, y, w, h) in places.items()]
    project = labelled(
        config(control("RectangleLabels", "box", list(places))),
        [annotated(picture(f"{box.label}.jpg"), [drawn_box(box)]) for box in boxes],
    )
    for name in READ:
        answer = export(api, project, name, expect=None)
        found = read(answer, name, boxes)
        cases = {
            box.label: ([rounded(within(box))], [rounded(one) for one in found.get(box.label, [])]) for box in boxes
        }
        show_each("LS-EXPORT-220", show, answer, cases, about=name, agree=all_near(WITHIN[name]))


def within(box: Drawn) -> Bounds:
    """The part of a box that lies on its picture."""
    left, top, right, bottom = box.bounds()
    return max(left, 0), max(top, 0), min(right, box.size[0]), min(bottom, box.size[1])


@pytest.mark.requirement("LS-EXPORT-124")
def test_a_long_name_breaks_nothing(api: Wire, show: Show, labelled: Labelled) -> None:
    boxes = one_each(list(LONG))
    project = labelled(
        config(control("RectangleLabels", "box", list(LONG))),
        [annotated(picture(LONG[box.label]), [drawn_box(box)]) for box in boxes],
    )
    for name in READ:
        show_boxes("LS-EXPORT-124", show, export(api, project, name, expect=None), name, boxes)


@pytest.mark.requirement("LS-EXPORT-216")
def test_a_box_is_beside_the_picture_that_it_was_drawn_on(api: Wire, show: Show, labelled: Labelled) -> None:
    """A task with a list of pictures: each region says by its ``item_index`` of which."""
    boxes = one_each(["first", "second", "third"])
    addresses = [picture(f"{box.label}.jpg")["image"] for box in boxes]
    regions = [drawn_box(box, item_index=n, region_id=box.label) for n, box in enumerate(boxes)]
    one_picture = config(control("RectangleLabels", "box", [box.label for box in boxes]))
    several = one_picture.replace('value="$image"', 'valueList="$image"')
    project = labelled(several, [annotated({"image": addresses}, regions)])
    for name in READ:
        answer = export(api, project, name, expect=None)
        try:
            beside = _beside(name, answer.content) if answer.ok else {}
        except readers.Unreadable:
            beside = {}
        right = {
            box.label: (True, [box.label in file for file in beside.get(box.label, [])] == [True]) for box in boxes
        }
        show_each("LS-EXPORT-216", show, answer, right, about=name if answer.ok else f"{name} HTTP {answer.status}")


def _beside(name: str, content: bytes) -> dict[str, list[str]]:
    """Label → the names of the pictures that it is on."""
    if name == "COCO":
        pairs = [(thing["label"], str(thing["file"])) for thing in readers.read_coco(content)]
    elif name == "VOC":
        images = readers.read_voc_images(content)
        pairs = [(label, str(image["file"])) for image in images for label, _ in image["objects"]]
    else:
        pairs = [(label, file) for file, things in readers.read_yolo(content).items() for label, _ in things]
    found: dict[str, list[str]] = {}
    for label, file in pairs:
        found.setdefault(label, []).append(file)
    return found
