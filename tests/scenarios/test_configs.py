"""What scenarios send is what they mean to send."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from conformance.scenarios.annotations.results import CONFIG, DATA, REGIONS
from conformance.scenarios.data import configs
from conformance.scenarios.data.texts import SHORT, TEXTS
from conformance.scenarios.steps import filters, texts

# Control tags of the templates that Label Studio 1.23.2 ships (label_studio/annotation_templates).
OF_TEMPLATES = {
    "BrushLabels",
    "Chat",
    "Choices",
    "HyperTextLabels",
    "KeyPointLabels",
    "Labels",
    "OcrLabels",
    "Pairwise",
    "ParagraphLabels",
    "Polygon",
    "PolygonLabels",
    "Ranker",
    "Rating",
    "Rectangle",
    "RectangleLabels",
    "Taxonomy",
    "TextArea",
    "TimeSeriesLabels",
    "TimelineLabels",
    "VideoRectangle",
}
ALL = {name: value for name, value in vars(configs).items() if isinstance(value, str) and value.startswith("<View>")}
ALL["CONFIG"] = CONFIG


@pytest.mark.parametrize("config", ALL.values(), ids=ALL)
def test_a_config_is_xml_whose_controls_point_to_its_objects(config: str) -> None:
    tags = list(fromstring(config).iter())
    names = {tag.get("name") for tag in tags}
    targets = {name for tag in tags for name in (tag.get("toName") or "").split(",")} - {""}
    assert targets
    assert targets <= names


def test_there_is_a_region_for_every_control_tag_of_the_templates() -> None:
    tags = {tag.get("name"): tag for tag in fromstring(CONFIG).iter()}
    held = {region["from_name"] for region in REGIONS.values()}
    assert {tag.tag for name, tag in tags.items() if name in held} | {"Chat"} >= OF_TEMPLATES
    assert {region["to_name"] for region in REGIONS.values()} <= {str(name) for name in tags}
    assert any(region["to_name"] == "chat" for region in REGIONS.values())
    read = {
        str(tag.get("value")).removeprefix("$") for tag in tags.values() if (tag.get("value") or "").startswith("$")
    }
    assert read == set(DATA)


def test_a_span_is_where_its_text_is() -> None:
    text = "Ada met Bob"
    value = configs.span(text, "Bob", "PER")["value"]
    assert text[value["start"] : value["end"]] == value["text"] == "Bob"


def test_regions_are_told_apart_by_kind_and_hold_a_value() -> None:
    assert all(region["value"] and region["type"] for region in REGIONS.values())
    assert configs.choice("A", "B")["value"] == {"choices": ["A", "B"]}


def test_texts_differ_and_can_be_sent() -> None:
    assert len(set(TEXTS.values())) == len(TEXTS)
    assert set(SHORT) < set(TEXTS)
    for text in TEXTS.values():
        text.encode("utf-8")


def test_a_filter_names_columns_as_the_api_does() -> None:
    built = filters(("data.n", "less", "Number", 3), conjunction="or")
    item = {"filter": "filter:tasks:data.n", "operator": "less", "type": "Number", "value": 3}
    assert built == {"conjunction": "or", "items": [item]}
    assert texts([{"data": {"text": "a"}}, {"data": {}}]) == ["a", None]
