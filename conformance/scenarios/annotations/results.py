"""One region for every control tag that the published templates use, as the editor writes it."""

from __future__ import annotations

from typing import Any, Final

from conformance.scenarios.data.configs import region

SIZE: Final[dict[str, Any]] = {"original_width": 600, "original_height": 403, "image_rotation": 0}
SPOT: Final[dict[str, Any]] = {"x": 12.5, "y": 33.333333333333336, "rotation": 0}
BOX: Final[dict[str, Any]] = {**SPOT, "width": 25.0, "height": 40.125}
CORNERS: Final = [[10.5, 20.25], [30, 20], [30.125, 45.0]]
SOUND: Final[dict[str, Any]] = {"start": 0.5, "end": 3.25, "channel": 0}
FRAMES: Final = [
    {"frame": 1, "enabled": True, "time": 0.04, **BOX},
    {"frame": 9, "enabled": False, "time": 0.36, **BOX},
]
TURN: Final[dict[str, Any]] = {"start": "0", "end": "2", "startOffset": 3, "endOffset": 14}


def _r(kind: str, value: object, target: str = "image", **more: Any) -> dict[str, Any]:
    return region(kind, value, source=f"the {kind}", target=target, **more)


# control tag -> region
REGIONS: Final[dict[str, dict[str, Any]]] = {
    "Choices": _r("choices", ["Positive"], "text"),
    "Choices, several": _r("choices", ["Positive", "Neutral"], "text"),
    "Taxonomy": _r("taxonomy", [["Animals", "Mammals", "Cat"], ["Animals", "Birds"]], "text"),
    "TextArea": _r("textarea", {"text": ["first line\nsecond", "another answer"]}, "text"),
    "Number": _r("number", 4.5, "text"),
    "Rating": _r("rating", 4, "text"),
    "DateTime": _r("datetime", "2025-01-02T03:04", "text"),
    "Pairwise": _r("pairwise", {"selected": "left"}, "text"),
    "Ranker": _r("ranker", {"ranker": {"best": ["b", "a"], "worst": ["c"]}}, "list"),
    "Labels of text": _r("labels", {"start": 4, "end": 9, "text": "words", "labels": ["ORG"]}, "text"),
    "HyperTextLabels": _r(
        "hypertextlabels",
        {
            **TURN,
            "start": "/p[1]/text()[1]",
            "end": "/p[1]/b[1]/text()[1]",
            "hypertextlabels": ["Title"],
            "globalOffsets": {"start": 3, "end": 14},
        },
        "page",
    ),
    "ParagraphLabels": _r(
        "paragraphlabels", {**TURN, "text": "Hello\n\nWorld", "paragraphlabels": ["Greeting"]}, "dialogue"
    ),
    "RectangleLabels": _r("rectanglelabels", {**BOX, "rectanglelabels": ["Car"]}, **SIZE),
    "Rectangle": _r("rectangle", BOX, **SIZE),
    "EllipseLabels": _r("ellipselabels", {**SPOT, "radiusX": 5.5, "radiusY": 7, "ellipselabels": ["Car"]}, **SIZE),
    "PolygonLabels": _r("polygonlabels", {"points": CORNERS, "closed": True, "polygonlabels": ["Car"]}, **SIZE),
    "KeyPointLabels": _r("keypointlabels", {"x": 10.5, "y": 20.75, "width": 0.5, "keypointlabels": ["Nose"]}, **SIZE),
    "BrushLabels": _r("brushlabels", {"format": "rle", "rle": [0, 1, 37, 64, 255], "brushlabels": ["Car"]}, **SIZE),
    "VectorLabels": _r(
        "vectorlabels",
        {
            "vertices": [{"id": "v1", "x": 1.5, "y": 2, "prevPointId": None, "isBezier": False}],
            "closed": False,
            "vectorlabels": ["Road"],
        },
        **SIZE,
    ),
    "OcrLabels": _r("ocrlabels", {**BOX, "text": "TOTAL", "ocrlabels": ["Sum"]}, **SIZE),
    "Polygon": _r("polygon", {"points": CORNERS, "closed": True}, **SIZE),
    "Ellipse": _r("ellipse", {**SPOT, "radiusX": 5.5, "radiusY": 7}, **SIZE),
    "KeyPoint": _r("keypoint", {"x": 10.5, "y": 20.75, "width": 0.5}, **SIZE),
    "Brush": _r("brush", {"format": "rle", "rle": [0, 1, 37, 64, 255]}, **SIZE),
    "BitmaskLabels": _r(
        "bitmasklabels", {"imageDataURL": "data:image/png;base64,iVBORw0KGgo=", "bitmasklabels": ["Car"]}, **SIZE
    ),
    "Chat": region(
        "chatmessage",
        {"chatmessage": {"role": "user", "content": "Why?", "createdAt": 1700000000000}},
        source="chat",
        target="chat",
    ),
    "Labels of sound": _r("labels", {**SOUND, "labels": ["Speech"]}, "audio", original_length=12.75),
    "TimeSeriesLabels": _r(
        "timeserieslabels",
        {"start": 1592250751951, "end": 1592250752951.5, "instant": False, "timeserieslabels": ["Run"]},
        "series",
    ),
    "VideoRectangle": _r(
        "videorectangle", {"framesCount": 250, "duration": 10.0, "sequence": FRAMES, "labels": ["Man"]}, "video"
    ),
    "TimelineLabels": _r("timelinelabels", {"ranges": [{"start": 3, "end": 20}], "timelinelabels": ["Jump"]}, "video"),
}

# A labelling config with every control tag above, and the object tags that they label.
CONFIG: Final = """<View>
  <Text name="text" value="$text"/>
  <HyperText name="page" value="$page"/>
  <Paragraphs name="dialogue" value="$dialogue" layout="dialogue"/>
  <Image name="image" value="$image"/>
  <Audio name="audio" value="$audio"/>
  <TimeSeries name="series" value="$series"><Channel column="one"/></TimeSeries>
  <Video name="video" value="$video"/>
  <List name="list" value="$list"/>
  <Chat name="chat" value="$chat"/>
  <Choices name="the choices" toName="text" choice="multiple">
    <Choice value="Positive"/><Choice value="Neutral"/>
  </Choices>
  <Taxonomy name="the taxonomy" toName="text">
    <Choice value="Animals"><Choice value="Birds"/><Choice value="Mammals"><Choice value="Cat"/></Choice></Choice>
  </Taxonomy>
  <TextArea name="the textarea" toName="text"/>
  <Number name="the number" toName="text"/>
  <Rating name="the rating" toName="text"/>
  <DateTime name="the datetime" toName="text"/>
  <Pairwise name="the pairwise" toName="text"/>
  <Ranker name="the ranker" toName="list"><Bucket name="best" title="A"/><Bucket name="worst" title="B"/></Ranker>
  <Labels name="the labels" toName="text,audio,video">
    <Label value="ORG"/><Label value="Speech"/><Label value="Man"/>
  </Labels>
  <HyperTextLabels name="the hypertextlabels" toName="page"><Label value="Title"/></HyperTextLabels>
  <ParagraphLabels name="the paragraphlabels" toName="dialogue"><Label value="Greeting"/></ParagraphLabels>
  <RectangleLabels name="the rectanglelabels" toName="image"><Label value="Car"/></RectangleLabels>
  <Rectangle name="the rectangle" toName="image"/>
  <EllipseLabels name="the ellipselabels" toName="image"><Label value="Car"/></EllipseLabels>
  <PolygonLabels name="the polygonlabels" toName="image"><Label value="Car"/></PolygonLabels>
  <KeyPointLabels name="the keypointlabels" toName="image"><Label value="Nose"/></KeyPointLabels>
  <BrushLabels name="the brushlabels" toName="image"><Label value="Car"/></BrushLabels>
  <VectorLabels name="the vectorlabels" toName="image"><Label value="Road"/></VectorLabels>
  <OcrLabels name="the ocrlabels" toName="image"><Label value="Sum"/></OcrLabels>
  <Polygon name="the polygon" toName="image"/>
  <Ellipse name="the ellipse" toName="image"/>
  <KeyPoint name="the keypoint" toName="image"/>
  <Brush name="the brush" toName="image"/>
  <BitmaskLabels name="the bitmasklabels" toName="image"><Label value="Car"/></BitmaskLabels>
  <TimeSeriesLabels name="the timeserieslabels" toName="series"><Label value="Run"/></TimeSeriesLabels>
  <VideoRectangle name="the videorectangle" toName="video"/>
  <TimelineLabels name="the timelinelabels" toName="video"><Label value="Jump"/></TimelineLabels>
</View>"""

# A task for it.
DATA: Final[dict[str, Any]] = {
    "text": "two words",
    "page": "<p>one <b>bold</b></p>",
    "dialogue": [{"author": "A", "text": "Hello"}],
    "image": "https://images.invalid/1.jpg",
    "audio": "https://sounds.invalid/1.wav",
    "series": {"one": [1, 2]},
    "video": "https://videos.invalid/1.mp4",
    "list": [{"id": "a", "title": "A"}],
    "chat": [],
}
