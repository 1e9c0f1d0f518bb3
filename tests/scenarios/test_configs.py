"""What scenarios send is what they mean to send."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from conformance.scenarios import configs
from conformance.scenarios.results import REGIONS
from conformance.scenarios.steps import filters, texts
from conformance.scenarios.texts import SHORT, TEXTS

ALL = {name: value for name, value in vars(configs).items() if isinstance(value, str) and value.startswith("<View>")}


@pytest.mark.parametrize("config", ALL.values(), ids=ALL)
def test_a_config_is_xml_whose_controls_point_to_its_objects(config: str) -> None:
    tags = list(fromstring(config).iter())  # noqa: S314 - our own text
    names = {tag.get("name") for tag in tags}
    targets = {tag.get("toName") for tag in tags} - {None}
    assert targets
    assert targets <= names


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
