"""Formats that are listed as usable export whatever was annotated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES, TEXT_LABELS, choice, region
from conformance.scenarios.exports.drawn.figures import Drawn
from conformance.scenarios.exports.drawn.regions import annotated, config, control, drawn_box, on_image, picture
from conformance.scenarios.readers.archive import unpack
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

CAR = {"rectanglelabels": ["Car"]}
BOX = Drawn(label="Car", x=10, y=20, width=30, height=40)
BOXES = control("RectangleLabels", "box", ["Car"])
MASKS = control("BrushLabels", "mask", ["Car"])
POINT = {"x": 10, "y": 20, "width": 0.5, "keypointlabels": ["Nose"]}
SOUND = """<View><Audio name="audio" value="$audio"/><TextArea name="said" toName="audio"/></View>"""
PAGES = """<View><Image name="image" valueList="$pages"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels></View>"""
HEARD = {"audio": "https://sounds.invalid/a.wav"}
LEAVES = {"pages": ["https://images.invalid/1.jpg", "https://images.invalid/2.jpg"]}
DEEP = {"a": {"b": "https://images.invalid/1.jpg"}}
# one picture for each page that a task has
REPEATED = """<View><Repeater on="$leaves" indexFlag="{{n}}"><Image name="leaf_{{n}}" value="$leaves[{{n}}].url"/>
<RectangleLabels name="box_{{n}}" toName="leaf_{{n}}"><Label value="Car"/></RectangleLabels></Repeater></View>"""
MANY = {"leaves": [{"url": "https://images.invalid/1.jpg"}, {"url": "https://images.invalid/2.jpg"}]}
# config and tasks
Case = tuple[str, list[dict[str, Any]]]


def image_case(*results: list[dict[str, Any]], controls: Sequence[str] = (BOXES,)) -> Case:
    """Pictures with these controls, each annotated with one of the results."""
    return config(*controls), [annotated(picture(f"{n}.jpg"), result) for n, result in enumerate(results)]


def span(value: dict[str, Any]) -> dict[str, Any]:
    """A region of a text, complete or not."""
    return region("labels", value, source="ner", target="text")


def _without(whole: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key not in keys}


CASES: dict[str, Case] = {
    "points without model_index": image_case(
        [on_image("keypointlabels", POINT, source="points")], controls=[control("KeyPointLabels", "points", ["Nose"])]
    ),
    "points without model_index beside boxes": image_case(
        [drawn_box(BOX), on_image("keypointlabels", POINT, source="points", region_id="p")],
        controls=[BOXES, control("KeyPointLabels", "points", ["Nose"])],
    ),
    "boxes without keys that say little": image_case(
        [drawn_box(BOX, labels=[])],
        [drawn_box(BOX, without=("rectanglelabels",))],
        [_without(drawn_box(BOX), "type", "id")],
        [_without(drawn_box(BOX), "from_name"), drawn_box(BOX, region_id="b2")],
        [drawn_box(BOX, source="gone")],
        [drawn_box(BOX), {"type": "relation", "from_id": "r1", "to_id": "r1", "direction": "right"}],
        [],
    ),
    "a box without a place": image_case([drawn_box(BOX, without=("x", "width"))]),
    "a turned box without a width": image_case(
        [drawn_box(Drawn(label="Car", x=10, y=20, width=0, height=40, rotation=30))], [drawn_box(BOX)]
    ),
    "a box with null as its place": image_case(
        [on_image("rectanglelabels", {"x": None, "y": 1, "width": 2, "height": 3, **CAR}, source="box")],
    ),
    "a region without value": image_case([_without(drawn_box(BOX), "value"), drawn_box(BOX, region_id="b2")]),
    "a polygon without points": image_case(
        [on_image("polygonlabels", {"points": [], "polygonlabels": ["Car"]}, source="shape")],
        controls=[control("PolygonLabels", "shape", ["Car"])],
    ),
    "a polygon of one point, and of two": image_case(
        [on_image("polygonlabels", {"points": [[1, 2]], "polygonlabels": ["Car"]}, source="shape")],
        [on_image("polygonlabels", {"points": [[1, 2], [3, 4]], "polygonlabels": ["Car"]}, source="shape")],
        controls=[control("PolygonLabels", "shape", ["Car"])],
    ),
    "a brush with a damaged rle": image_case(
        [on_image("brushlabels", {"format": "rle", "rle": [0, 0, 1], "brushlabels": ["Car"]}, source="mask")],
        controls=[MASKS],
    ),
    "a brush without rle": image_case(
        [on_image("brushlabels", {"format": "rle", "brushlabels": ["Car"]}, source="mask")], controls=[MASKS]
    ),
    "a brush without labels": image_case(
        [on_image("brushlabels", {"format": "rle", "rle": [], "brushlabels": []}, source="mask")], controls=[MASKS]
    ),
    "spans without labels or a place, and no text": (
        TEXT_LABELS,
        [
            annotated({"text": "a b"}, [span({"start": 0, "end": 1, "text": "a"})], [span({"labels": ["PER"]})]),
            annotated({"text": ""}, []),
        ],
    ),
    "a text that is a number": (TEXT_LABELS, [annotated({"text": 5}, [])]),
    "a choice that is null": (TEXT_CHOICES, [annotated({"text": "a"}, [{**choice(), "value": {"choices": None}}])]),
    "a value that is null": (TEXT_CHOICES, [annotated({"text": "a"}, [{**choice(), "value": None}])]),
    "sounds without a transcript, and with an empty one": (
        SOUND,
        [annotated(HEARD, []), annotated(HEARD, [region("textarea", {"text": []}, source="said", target="audio")])],
    ),
    "a picture in an object": (config(BOXES).replace('"$image"', '"$a.b"'), [annotated(DEEP, [drawn_box(BOX)])]),
    "a sound in an object": (
        SOUND.replace('"$audio"', '"$a.b"'),
        [annotated(DEEP, [region("textarea", {"text": ["hi"]}, source="said", target="audio")])],
    ),
    "a text in an object": (
        TEXT_LABELS.replace('"$text"', '"$a.b"'),
        [annotated(DEEP, [span({"start": 0, "end": 5, "text": "https", "labels": ["PER"]})])],
    ),
    "a text with words before it": (
        TEXT_LABELS.replace('"$text"', '"Read: $text"'),
        [annotated({"text": "a b"}, [span({"start": 6, "end": 7, "text": "a", "labels": ["PER"]})])],
    ),
    "a picture for each page": (
        REPEATED,
        [annotated(MANY, [{**drawn_box(BOX, source="box_1"), "to_name": "leaf_1"}])],
    ),
    "several pages": (
        PAGES,
        [annotated(LEAVES, [drawn_box(BOX, item_index=0), drawn_box(BOX, region_id="b2", item_index=1)])],
    ),
}


def exports(api: Wire, project: int, *, usable: bool) -> dict[str, Exchange]:
    """Answers in each format that is listed as usable, or as not."""
    listed = api.call("projects.exports.list_formats", id=project).json()
    names = [entry["name"] for entry in listed if bool(entry.get("disabled")) is not usable]
    # TSV is CSV with tabs; those with pictures differ in what they download, which is looked at elsewhere
    wanted = [name for name in names if name not in {"JSON", "TSV"} and not name.endswith("_WITH_IMAGES")]
    return {name: export(api, project, name, expect=None) for name in wanted}


def show_none_broken(show: Show, requirement: str, case: str, answers: dict[str, Exchange], worst: int) -> None:
    """Show that no answer has a status of ``worst`` or worse."""
    if not answers:
        show.not_measured("the list has no other format than JSON for it")
    broken = {name: answer.status for name, answer in answers.items() if not 0 < answer.status < worst}
    told = ", ".join(f"{name} HTTP {status}" for name, status in broken.items())
    shown = next((answers[name] for name in broken), None)
    show.equal(requirement, expected={}, got=broken, exchange=shown, signature=f"{case}: {told}")


NOBODYS: dict[str, Case] = {
    name: (config_, [{"data": data}, {"data": data, "annotations": [{"result": [], "was_cancelled": True}]}])
    for name, config_, data in (
        ("pictures with boxes", config(BOXES), picture("a.jpg")),
        ("pictures with masks", config(MASKS), picture("a.jpg")),
        ("texts", TEXT_LABELS, {"text": "a b"}),
        ("sounds", SOUND, HEARD),
    )
}


@pytest.mark.requirement("LS-EXPORT-218")
@pytest.mark.parametrize("case", NOBODYS)
def test_what_nobody_labelled_is_exported(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    show_none_broken(show, "LS-EXPORT-218", case, exports(api, labelled(*NOBODYS[case]), usable=True), 300)


@pytest.mark.requirement("LS-EXPORT-134")
@pytest.mark.parametrize("case", CASES)
def test_a_listed_format_exports(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    show_none_broken(show, "LS-EXPORT-134", case, exports(api, labelled(*CASES[case]), usable=True), 300)


@pytest.mark.requirement("LS-EXPORT-135")
@pytest.mark.parametrize("case", ["points without model_index", "a value that is null", "several pages"])
def test_a_format_that_is_not_listed_breaks_nothing(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    show_none_broken(show, "LS-EXPORT-135", case, exports(api, labelled(*CASES[case]), usable=False), 500)


DRAWN: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "a sound": (SOUND, [annotated(HEARD, [region("textarea", {"text": ["hi"]}, source="said", target="audio")])]),
    "a text": (
        TEXT_LABELS,
        [annotated({"text": "a b"}, [span({"start": 0, "end": 1, "text": "a", "labels": ["PER"]})])],
    ),
    "a choice": (TEXT_CHOICES, [annotated({"text": "a b"}, [choice()])]),
    "a box": image_case([drawn_box(BOX)]),
}


def content(exchange: Exchange) -> bytes:
    """Return what is in an export; of an archive in all its files."""
    return b"".join(unpack(exchange.content).values()) if exchange.content[:2] == b"PK" else exchange.content.strip()


@pytest.mark.requirement("LS-EXPORT-201")
@pytest.mark.parametrize("case", DRAWN)
def test_a_listed_format_exports_something(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    answers = exports(api, labelled(*DRAWN[case]), usable=True)
    # a sound that can't be had is told of elsewhere (LS-EXPORT-199)
    for name, answer in answers.items():
        if answer.ok and name != "ASR_MANIFEST":
            there = bool(content(answer))
            show(
                "LS-EXPORT-201",
                there,
                expected="what was annotated",
                got="nothing",
                exchange=answer,
                signature=f"{case} as {name}",
            )
