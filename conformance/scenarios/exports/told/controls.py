"""Each kind of control with what people answer by it: a config, data, and a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.scenarios.data.configs import region

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT: Final = "Ada Lovelace, «Ärztin» 🌍"
BOX: Final = {
    "x": 12.3456789,
    "y": 20,
    "width": 30,
    "height": 40.5,
    "rotation": 33.3,
    "rectanglelabels": ["Car", "Tree"],
}


class Control(NamedTuple):
    """What one control was answered with.

    Attributes:
        about: which object (:data:`OBJECTS`).
        tag: of the control.
        values: of its regions, one each.
        inner: its options.
        more: its attributes.
    """

    about: str
    tag: str
    values: list[dict[str, Any]]
    inner: str = ""
    more: str = ""

    @property
    def kind(self) -> str:
        """Of its regions."""
        return self.tag.lower()


_SIZE: Final = {"original_width": 1333, "original_height": 777, "image_rotation": 0}
# name -> tag, data
OBJECTS: Final[dict[str, tuple[str, Any]]] = {
    "text": ('<Text name="text" value="$text"/>', TEXT),
    "items": ('<List name="items" value="$items" title="t"/>', [{"id": "a", "title": "Ä"}, {"id": "b", "title": "2"}]),
    "talk": (
        '<Paragraphs name="talk" value="$talk" nameKey="author" textKey="text"/>',
        [{"author": "Ä", "text": "Hi there"}, {"author": "B", "text": "Bye"}],
    ),
    "page": ('<HyperText name="page" value="$page"/>', "<p>Größe &amp; <b>x</b></p>"),
    "sound": ('<Audio name="sound" value="$sound"/>', "https://sounds.invalid/a.wav"),
    "video": ('<Video name="video" value="$video"/>', "https://videos.invalid/a.mp4"),
    "series": (
        '<TimeSeries name="series" valueType="json" value="$series" timeColumn="t"><Channel column="v"/></TimeSeries>',
        {"t": [1, 2], "v": [0.5, -1e-7]},
    ),
    "image": ('<Image name="image" value="$image"/>', "https://images.invalid/a.jpg"),
}


def _options(tag: str, *names: str) -> str:
    return "".join(f'<{tag} value="{name}"/>' for name in names)


_CAR: Final = _options("Label", "Car", "Tree")
_FRAME: Final = {"y": 2, "width": 5, "height": 6}
CONTROLS: Final[dict[str, Control]] = {
    "one choice": Control("text", "Choices", [{"choices": ["Größe, x"]}], inner=_options("Choice", "yes", "Größe, x")),
    "several choices": Control(
        "text",
        "Choices",
        [{"choices": ["yes", "a; b"]}],
        inner=_options("Choice", "yes", "no", "a; b"),
        more='choice="multiple"',
    ),
    "one text": Control("text", "TextArea", [{"text": [' "quoted",\n two lines ']}]),
    "several texts": Control("text", "TextArea", [{"text": ["one", "zwei, drei", ""]}]),
    "a text that looks like JSON": Control("text", "TextArea", [{"text": ['{"a": [1]}']}]),
    "a text that looks like a number": Control("text", "TextArea", [{"text": ["007"]}]),
    "a rating": Control("text", "Rating", [{"rating": 4}]),
    "a number": Control("text", "Number", [{"number": 0.1234567890123456}]),
    "a large number": Control("text", "Number", [{"number": 9007199254740993}]),
    "a negative number": Control("text", "Number", [{"number": -0.000001}]),
    "a date": Control("text", "DateTime", [{"datetime": "2024-02-29"}], more='only="date"'),
    "a taxonomy": Control(
        "text",
        "Taxonomy",
        [{"taxonomy": [["A", "B / b"], ["C"]]}],
        inner='<Choice value="A"><Choice value="B / b"/></Choice><Choice value="C"/>',
    ),
    "spans": Control(
        "text",
        "Labels",
        [
            {"start": 0, "end": 12, "text": "Ada Lovelace", "labels": ["PER"]},
            {"start": 15, "end": 21, "text": "Ärztin", "labels": ["JOB", "PER"]},
        ],
        inner=_options("Label", "PER", "JOB"),
    ),
    "a ranking": Control("items", "Ranker", [{"ranker": {"_": ["b", "a"]}}]),
    "paragraphs": Control(
        "talk",
        "ParagraphLabels",
        [{"start": "0", "end": "1", "startOffset": 3, "endOffset": 2, "text": "there\n\nBy", "paragraphlabels": ["Q"]}],
        inner=_options("Label", "Q"),
    ),
    "hypertext": Control(
        "page",
        "HyperTextLabels",
        [
            {
                "start": "/p[1]/text()[1]",
                "end": "/p[1]/b[1]/text()[1]",
                "startOffset": 0,
                "endOffset": 1,
                "globalOffsets": {"start": 0, "end": 7},
                "text": "Größe x",
                "hypertextlabels": ["Q"],
            }
        ],
        inner=_options("Label", "Q"),
    ),
    "sound": Control(
        "sound",
        "Labels",
        [{"start": 0.1234567890123, "end": 1.5, "channel": 1, "labels": ["Q"]}],
        inner=_options("Label", "Q"),
    ),
    "video": Control(
        "video",
        "VideoRectangle",
        [
            {
                "framesCount": 10,
                "duration": 0.4,
                "labels": ["Man"],
                "sequence": [
                    {**_FRAME, "frame": n, "enabled": n < 7, "x": n / 3, "rotation": n, "time": n} for n in (1, 7)
                ],
            }
        ],
    ),
    "a timeline": Control(
        "video",
        "TimelineLabels",
        [{"ranges": [{"start": 3, "end": 17}], "timelinelabels": ["Run"]}],
        inner=_options("Label", "Run"),
    ),
    "time series": Control(
        "series",
        "TimeSeriesLabels",
        [{"start": 1, "end": 2, "instant": False, "timeserieslabels": ["Run"]}],
        inner=_options("Label", "Run"),
    ),
    "boxes": Control("image", "RectangleLabels", [BOX, {**BOX, "x": 1}], inner=_CAR),
    "ellipses": Control(
        "image",
        "EllipseLabels",
        [{"x": 50.5, "y": 50, "radiusX": 10.25, "radiusY": 20, "rotation": 15, "ellipselabels": ["Car"]}],
        inner=_CAR,
    ),
    "key points": Control(
        "image", "KeyPointLabels", [{"x": 50.5, "y": 50, "width": 0.75, "keypointlabels": ["Car"]}], inner=_CAR
    ),
    "polygons": Control(
        "image",
        "PolygonLabels",
        [{"points": [[1.5, 2.25], [30, 4], [5, 60]], "closed": True, "polygonlabels": ["Car"]}],
        inner=_CAR,
    ),
    "brushes": Control(
        "image", "BrushLabels", [{"format": "rle", "rle": [0, 0, 1, 255, 7], "brushlabels": ["Car"]}], inner=_CAR
    ),
}


def names() -> dict[str, str]:
    """Return what each control is called in the config."""
    return {case: f"control{number}" for number, case in enumerate(CONTROLS)}


def config() -> str:
    """All objects, with all controls."""
    controls = [
        f'<{c.tag} name="{names()[case]}" toName="{c.about}" {c.more}>{c.inner}</{c.tag}>'
        for case, c in CONTROLS.items()
    ]
    return f"<View>{''.join(tag for tag, _ in OBJECTS.values())}{''.join(controls)}</View>"


def data() -> dict[str, Any]:
    """Of the task."""
    return {name: held for name, (_, held) in OBJECTS.items()}


def result() -> list[dict[str, Any]]:
    """Everything answered."""
    return [
        region(
            c.kind,
            value,
            source=names()[case],
            target=c.about,
            region_id=f"{names()[case]}-{n}",
            **(_SIZE if c.about == "image" else {}),
        )
        for case, c in CONTROLS.items()
        for n, value in enumerate(c.values)
    ]


def leaves(value: Any) -> Iterator[Any]:
    """All that a JSON value holds in the end, with empty lists and objects as such."""
    if isinstance(value, dict) and value:
        for held in value.values():
            yield from leaves(held)
    elif isinstance(value, list) and value:
        for held in value:
            yield from leaves(held)
    else:
        yield value
