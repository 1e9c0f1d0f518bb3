"""Labelling configs with names and tags that are not what they look like: class names, headings, lower case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected
from conformance.scenarios.data.configs import TEXT_CHOICES, region
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

TEXT = '<Text name="text" value="$text"/>'
CHOICES = '<Choices name="label" toName="text"><Choice value="A"/><Choice value="B"/></Choices>'
WHY = '<TextArea name="why" toName="text" visiblewhen="choice-selected" whentagname="label" whenchoicevalue="A"/>'
ACCEPTED = {
    "a class name twice": f'<View classname="row"><View classname="row">{TEXT}</View>{CHOICES}</View>',
    "a class name that is a name": f'<View classname="label">{TEXT}{CHOICES}</View>',
    "a style that selects by names": f'<View><Style>[name="a"] p {{}} [name="a"] b {{}}</Style>{TEXT}{CHOICES}</View>',
    "a condition": f"<View>{TEXT}{CHOICES}{WHY}</View>",
}
REFUSED = {
    "about a class name": f'<View classname="row">{TEXT}{CHOICES}</View>'.replace('toName="text"', 'toName="row"'),
    "about itself": f"<View>{TEXT}{CHOICES}</View>".replace('toName="text"', 'toName="label"'),
    "about a heading": f'<View><Header name="row" value="Fruit"/>{TEXT}{CHOICES}</View>'.replace(
        'toName="text"', 'toName="row"'
    ),
    "about a group": f'<View name="row">{TEXT}{CHOICES}</View>'.replace('toName="text"', 'toName="row"'),
}
WAYS = ("projects.validate_label_config", "projects.create", "projects.update")


def sent(api: Wire, way: str, project: dict[str, Any], title: str, config: str) -> Exchange:
    """Send a labelling config in one of the ways."""
    if way == "projects.create":
        return api.call(way, json={"title": title, "label_config": config}, expect=None)
    return api.call(way, id=project["id"], json={"label_config": config}, expect=None)


@pytest.mark.requirement("LS-PROJECT-077", "LS-PROJECT-078")
@pytest.mark.parametrize("way", WAYS)
def test_a_class_name_is_no_name(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str], way: str
) -> None:
    usual = sent(api, way, project, new_name("usual"), TEXT_CHOICES)
    if not usual.ok:
        show.not_measured(f"a plain config is refused, too: {usual.brief()}")
    for case, config in ACCEPTED.items():
        answer = sent(api, way, project, new_name("class"), config)
        signature = f"{way}: {case}"
        show("LS-PROJECT-077", answer.ok, expected="2xx", got=answer.brief(), exchange=answer, signature=signature)
    for case, config in REFUSED.items():
        answer = sent(api, way, project, new_name("class"), config)
        rejected(show, "LS-PROJECT-078", answer, about=f"{way}: {case}")


# controls whose labels stand in a tag in lower case, and an answer that has one of these labels
LOWER: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Choices": ("choice", "choices", {"choices": ["Ripe"]}),
    "Labels": ("label", "labels", {"start": 0, "end": 4, "text": "Pear", "labels": ["Ripe"]}),
    "HyperTextLabels": (
        "label",
        "hypertextlabels",
        {"start": "/text()[1]", "end": "/text()[1]", "startOffset": 0, "endOffset": 4, "hypertextlabels": ["Ripe"]},
    ),
    "ParagraphLabels": (
        "label",
        "paragraphlabels",
        {"start": "0", "end": "0", "startOffset": 0, "endOffset": 4, "paragraphlabels": ["Ripe"]},
    ),
    "RectangleLabels": (
        "label",
        "rectanglelabels",
        {"x": 1, "y": 1, "width": 5, "height": 5, "rotation": 0, "rectanglelabels": ["Ripe"]},
    ),
}
SHOWN = {"HyperTextLabels": "HyperText", "ParagraphLabels": "Paragraphs", "RectangleLabels": "Image"}
DATA = {
    "Text": "Pear",
    "HyperText": "Pear",
    "Image": "/static/pear.png",
    "Paragraphs": [{"author": "A", "text": "Pear"}],
}


@pytest.mark.requirement("LS-PROJECT-084")
@pytest.mark.parametrize("control", LOWER)
def test_labels_in_lower_case_are_refused_or_known(
    api: Wire, show: Show, new_name: Callable[[str], str], control: str
) -> None:
    """Whoever may label with a config can also keep it."""
    tag, kind, value = LOWER[control]
    shown = SHOWN.get(control, "Text")
    labels = f'<{control} name="label" toName="it"><{tag} value="Ripe"/></{control}>'
    config = f'<View><{shown} name="it" value="$it"/>{labels}</View>'
    body = {"title": new_name("lower"), "label_config": config}
    made = api.call("projects.create", json=body, expect=None)
    if made.rejected:
        rejected(show, "LS-PROJECT-084", made, about=control)
        return
    (task,) = import_tasks(api, made.json()["id"], [{"data": {"it": DATA[shown]}}])
    annotate(api, task, region(kind, value, source="label", target="it"))
    told = api.call("projects.validate_label_config", id=made.json()["id"], json={"label_config": config}, expect=None)
    show(
        "LS-PROJECT-084",
        told.ok,
        expected="a 2xx, or a 4xx when the project is created",
        got=f"{told.brief()}: {told.text[:300]}",
        exchange=told,
        signature=control,
    )
