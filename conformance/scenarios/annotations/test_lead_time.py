"""Lead times that are not durations are rejected, whichever way the annotation comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

NEGATIVE: dict[str, Any] = {"a number": -0.5}
OTHER: dict[str, Any] = {"a boolean": True, "a list": [1], "an object": {"seconds": 1}}


def taken(api: Wire, way: str, task: dict[str, Any], value: object) -> Exchange:
    """Bring an annotation with such a lead time, or change one to it."""
    body = {"result": [], "lead_time": value}
    if way == "projects.import_tasks":
        whole = {"data": {"text": "a"}, "annotations": [body]}
        return api.call(way, id=task["project"], json=[whole], expect=None, deed="a lead time that is none")
    if way == "annotations.create":
        return api.call(way, id=task["id"], json=body, expect=None)
    return api.call(way, id=annotate(api, task, lead_time=1.5)["id"], json=body, expect=None)


@pytest.mark.requirement("LS-ANNOTATION-036", "LS-ANNOTATION-037")
@pytest.mark.parametrize("way", ["annotations.create", "annotations.update", "projects.import_tasks"])
def test_a_lead_time_that_is_none_is_refused(api: Wire, show: Show, task: dict[str, Any], way: str) -> None:
    usual = taken(api, way, task, 0.5)
    if not usual.ok:
        show.not_measured(f"a lead time of half a second is refused, too: {usual.brief()}")
    for requirement, cases in (("LS-ANNOTATION-036", NEGATIVE), ("LS-ANNOTATION-037", OTHER)):
        for case, value in cases.items():
            with api.unchecked():
                answer = taken(api, way, task, value)
            rejected(show, requirement, answer, about=f"{way}: {case}")
