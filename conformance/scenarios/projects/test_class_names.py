"""Labelling configs with attributes that end like ``name`` (classname, whentagname): they name no tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected
from conformance.scenarios.data.configs import TEXT_CHOICES

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
