"""Labelling configs that scenarios use; each names the data field that it reads."""

from __future__ import annotations

from typing import Any, Final

TEXT_CHOICES: Final = """<View>
  <Text name="text" value="$text"/>
  <Choices name="label" toName="text">
    <Choice value="Positive"/>
    <Choice value="Negative"/>
  </Choices>
</View>"""

TEXT_LABELS: Final = """<View>
  <Labels name="ner" toName="text">
    <Label value="PER"/>
    <Label value="ORG"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>"""

IMAGE_BOXES: Final = """<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image">
    <Label value="Car"/>
    <Label value="Tree"/>
  </RectangleLabels>
</View>"""

IMAGE_POLYGONS: Final = """<View>
  <Image name="image" value="$image"/>
  <PolygonLabels name="shape" toName="image">
    <Label value="Car"/>
    <Label value="Tree"/>
  </PolygonLabels>
</View>"""

IMAGE_BRUSH: Final = """<View>
  <Image name="image" value="$image"/>
  <BrushLabels name="mask" toName="image">
    <Label value="Car"/>
    <Label value="Tree"/>
  </BrushLabels>
</View>"""

AUDIO_TRANSCRIPT: Final = """<View>
  <Audio name="audio" value="$audio"/>
  <TextArea name="transcription" toName="audio" rows="4" editable="true" maxSubmissions="1"/>
</View>"""


def region(kind: str, value: object, *, source: str, target: str, region_id: str = "r1", **more: Any) -> dict[str, Any]:
    """One region of a result: a control tag's answer about an object tag.

    Args:
        kind: type of the control in lower case; also the key of its value.
        value: under that key; or a mapping, which is the whole value.
        source: name of the control tag.
        target: name of the object tag.
        region_id: unique within the result.
        more: further keys (``original_width``).
    """
    held = value if isinstance(value, dict) else {kind: value}
    return {"id": region_id, "from_name": source, "to_name": target, "type": kind, "value": held, **more}


def choice(*labels: str, region_id: str = "c1") -> dict[str, Any]:
    """A region of :data:`TEXT_CHOICES`."""
    return region("choices", list(labels), source="label", target="text", region_id=region_id)


def span(text: str, part: str, label: str, *, region_id: str = "s1") -> dict[str, Any]:
    """A region of :data:`TEXT_LABELS`: the first ``part`` of ``text``."""
    start = text.index(part)
    value = {"start": start, "end": start + len(part), "text": part, "labels": [label]}
    return region("labels", value, source="ner", target="text", region_id=region_id)


def box(
    label: str, x: float, y: float, width: float, height: float, *, size: tuple[int, int], region_id: str = "b1"
) -> dict[str, Any]:
    """A region of :data:`IMAGE_BOXES`: figures in per cent of an image of ``size`` pixels (width, height)."""
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": [label]}
    return region(
        "rectanglelabels",
        value,
        source="box",
        target="image",
        region_id=region_id,
        original_width=size[0],
        original_height=size[1],
        image_rotation=0,
    )


def polygon(label: str, *points: tuple[float, float], size: tuple[int, int], region_id: str = "p1") -> dict[str, Any]:
    """A region of :data:`IMAGE_POLYGONS`: points in per cent of an image of ``size`` pixels (width, height)."""
    value = {"points": [list(p) for p in points], "closed": True, "polygonlabels": [label]}
    return region(
        "polygonlabels",
        value,
        source="shape",
        target="image",
        region_id=region_id,
        original_width=size[0],
        original_height=size[1],
        image_rotation=0,
    )


DRAWN: Final = choice("Positive")
ODD_REGIONS: Final[dict[str, dict[str, Any]]] = {
    "no value": {key: held for key, held in DRAWN.items() if key != "value"},
    "value is null": {**DRAWN, "value": None},
    "value is a text": {**DRAWN, "value": "Positive"},
    "labels are a number": {**DRAWN, "value": {"choices": 5}},
}
"""What is odd about a region of :data:`TEXT_CHOICES` → it, as programs get them wrong."""
