"""Deletions of one annotator's annotations: a value that is no id deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.scope.touching import act, show_scope
from conformance.scenarios.steps import import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Wire

NOBODY = 2_000_000_001
# what is said to be a person, and is none
PEOPLE: dict[str, Any] = {
    "somebody who does not exist": NOBODY,
    "nought": 0,
    "below nought": -1,
    "a word": "nobody",
    "several": f"{NOBODY},{NOBODY + 1}",
    "false": False,
    "an empty list": [],
    "a list": [NOBODY],
    "an empty object": {},
    "an empty text": "",
    "a blank": " ",
}


@pytest.mark.requirement("LS-SCOPE-030", "LS-SCOPE-031")
def test_annotations_of_nobody_are_not_deleted(api: Wire, show: Show, project: dict[str, Any]) -> None:
    labelled = {"data": {"text": "a"}, "annotations": [{"result": [choice("Positive")]}]}
    there = False
    for case, person in PEOPLE.items():
        if not there:
            import_tasks(api, project["id"], [labelled])
        body = {"selectedItems": {"all": True, "excluded": []}, "annotator": person}
        answer = act(api, "delete_tasks_annotations", project["id"], body)
        there = any(task["annotations"] for task in list_tasks(api, project["id"]))
        gone = [] if there else ["annotations of somebody else"]
        show_scope(show, "LS-SCOPE-030", answer, gone, case)
        show(
            "LS-SCOPE-031",
            not answer.server_error,
            expected="4xx, or nothing done",
            got=answer.brief(),
            exchange=answer,
            signature=f"HTTP {answer.status}",
        )
