"""Malformed regions: an import rejects them, or every reader of the project still works."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected, show_each
from conformance.scenarios.data.configs import DRAWN, ODD_REGIONS
from conformance.scenarios.steps import bring_in, export, tasks_page, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# what is odd about a region → it
REGIONS: dict[str, Any] = {
    **ODD_REGIONS,
    "a number": 5,
    "null": None,
    "a list": [DRAWN],
    "labels are null": {**DRAWN, "value": {"choices": None}},
    "labels are a text": {**DRAWN, "value": {"choices": "Positive"}},
    "no type": {key: held for key, held in DRAWN.items() if key != "type"},
    "no control": {key: held for key, held in DRAWN.items() if key != "from_name"},
    "a control that is not there": {**DRAWN, "from_name": "elsewhere"},
}
READ = ("JSON", "JSON_MIN", "CSV")
# exports do not look into predictions: a few suffice
CASES = {"annotations": list(REGIONS), "predictions": ["null", "value is a text", "labels are a number"]}


# of these, what every control that offers labels writes otherwise: as a list
MISLABELLED = frozenset({"labels are null", "labels are a text", "labels are a number"})


@pytest.mark.requirement("LS-IMPORT-158", "LS-IMPORT-179")
@pytest.mark.parametrize("what", list(CASES))
def test_readers_go_on_after_odd_regions(api: Wire, show: Show, new_project: NewProject, what: str) -> None:
    for number, case in enumerate(CASES[what]):
        project = new_project()
        sent = [{"data": {"text": "a"}, what: [{"result": [REGIONS[case]]}]}]
        with api.unchecked():
            if number % 2:
                done = upload(api, project, ("tasks.json", json.dumps(sent).encode()), expect=None)
            else:
                done = bring_in(api, project["id"], json=sent, expect=None)
            read: dict[str, Exchange] = {"list": tasks_page(api, project["id"], fields="all", expect=None)}
            for kind in READ:
                read[kind] = export(api, project["id"], kind, everything=True, expect=None)
        show_each(
            "LS-IMPORT-158",
            show,
            done,
            {name: (200, answer.status) for name, answer in read.items()},
            about=f"{what}: {case}",
        )
        if case in MISLABELLED:
            rejected(show, "LS-IMPORT-179", done, about=f"{what}: {case}")


def annotated(**fields: object) -> dict[str, Any]:
    """A task whose annotation has such fields."""
    return {"data": {"text": "a"}, "annotations": [{"result": [DRAWN], **fields}]}


def predicted(**fields: object) -> dict[str, Any]:
    """A task whose prediction has such fields."""
    return {"data": {"text": "a"}, "predictions": [{"result": [DRAWN], **fields}]}


# what is of the wrong type → the task
MISTYPED: dict[str, dict[str, Any]] = {
    "was_cancelled is a word": annotated(was_cancelled="yes"),
    "was_cancelled is null": annotated(was_cancelled=None),
    "ground_truth is a number": annotated(ground_truth=5),
    "ground_truth is null": annotated(ground_truth=None),
    "lead_time is a word": annotated(lead_time="long"),
    "lead_time is an object": annotated(lead_time={}),
    "id is a word": annotated(id="first"),
    "id is a list": annotated(id=[1]),
    "completed_by is a list": annotated(completed_by=[1]),
    "an annotation is a number": {"data": {"text": "a"}, "annotations": [5]},
    "score is a list": predicted(score=[1]),
    "score is an object": predicted(score={}),
    "model_version is an object": predicted(model_version={}),
}


@pytest.mark.requirement("LS-IMPORT-159", "LS-IMPORT-160")
def test_an_import_with_a_wrong_type_is_the_fault_of_the_client(api: Wire, show: Show, project: dict[str, Any]) -> None:
    before = 0
    for case, task in MISTYPED.items():
        about = case.partition(" is ")[0]
        with api.unchecked():
            done = bring_in(api, project["id"], json=[task], expect=None)
            after = tasks_page(api, project["id"], include="id").json()["total"]
        show(
            "LS-IMPORT-159",
            not done.server_error,
            expected="a 4xx, or a 2xx",
            exchange=done,
            signature=about,
            got=f"{case}: {done.brief()}",
        )
        show(
            "LS-IMPORT-160",
            done.succeeded or after == before,
            expected="no task",
            exchange=done,
            signature=about,
            got=f"{case}: {done.brief()}, and {after - before} tasks stored",
        )
        before = after
