"""Imports, imports of predictions, and actions report the numbers that are there afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.tally import disagreements
from conformance.scenarios.data.configs import choice
from conformance.scenarios.exports.snapshots import taken
from conformance.scenarios.steps import act, bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

NOBODY = 2_000_000_001
DRAWN = [choice("Positive")]
TASK = {"data": {"text": "one"}}
# what is odd about an import → its tasks
IMPORTS: dict[str, Any] = {
    "plain": [TASK, TASK],
    "labelled": [{**TASK, "annotations": [{"result": DRAWN}, {"result": []}], "predictions": [{"result": DRAWN}]}],
    "skipped": [{**TASK, "annotations": [{"result": [], "was_cancelled": True}]}],
    "annotations are null": [{**TASK, "annotations": None}],
    "annotations are empty": [{**TASK, "annotations": [], "predictions": []}],
    "predictions without a result": [{**TASK, "predictions": [{"score": 0.5}]}],
    "score is a word": [{**TASK, "predictions": [{"result": DRAWN, "score": "high"}]}],
    "result is null": [{**TASK, "annotations": [{"result": None}]}],
    "predictions result is null": [{**TASK, "predictions": [{"result": None}]}],
    "predictions are null": [{**TASK, "predictions": None}],
    "a prediction is null": [TASK, {**TASK, "predictions": [None]}],
    "a prediction is a number": [TASK, {**TASK, "predictions": [5]}],
    "author is nobody": [{**TASK, "annotations": [{"result": DRAWN, "completed_by": NOBODY}]}],
    "second is wrong": [TASK, {"data": {"elsewhere": "x"}}],
    "second annotation is wrong": [{**TASK, "annotations": [{"result": DRAWN}, {"result": "x"}]}],
    "none": [],
}


@pytest.mark.requirement("LS-EFFECT-030", "LS-EFFECT-031", "LS-EFFECT-032")
@pytest.mark.parametrize("case", list(IMPORTS))
def test_an_import_counts_what_it_stored(api: Wire, show: Show, project: dict[str, Any], case: str) -> None:
    answer = bring_in(api, project["id"], json=IMPORTS[case], expect=None)
    tasks = list_tasks(api, project["id"])
    there = [len(tasks), sum(len(t["annotations"]) for t in tasks), sum(len(t["predictions"]) for t in tasks)]
    names = ("task_count", "annotation_count", "prediction_count")
    told = [answer.json().get(name) for name in names] if answer.succeeded else [0, 0, 0]
    show.equal("LS-EFFECT-030", expected=there, got=told, exchange=answer, signature=case)
    sent = [
        len(IMPORTS[case]),
        *(sum(len(t.get(k) or ()) for t in IMPORTS[case]) for k in ("annotations", "predictions")),
    ]
    wanted = sent if answer.succeeded else [0, 0, 0]
    show.equal("LS-EFFECT-031", expected=wanted, got=there, exchange=answer, signature=case)
    wrong = [d.told for d in disagreements(api, project["id"])]
    show.equal("LS-EFFECT-032", expected=[], got=wrong, exchange=answer, signature=case)


@pytest.mark.requirement("LS-EFFECT-033", "LS-EFFECT-034", "LS-EFFECT-035")
def test_an_import_of_predictions_counts_what_it_stored(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    first, second = (t["id"] for t in import_tasks(api, project["id"], [TASK, TASK]))
    foreign = import_tasks(api, other["id"], [TASK])[0]["id"]
    good = {"task": first, "result": DRAWN, "score": 0.5, "model_version": "1"}
    rows: dict[str, Any] = {
        "plain": [good, {**good, "task": second}],
        "twice": [good, good],
        "of another project": [{**good, "task": foreign}],
        "one of another project": [good, {**good, "task": foreign}],
        "nowhere": [{**good, "task": NOBODY}],
        "no task": [{k: v for k, v in good.items() if k != "task"}],
        "no result": [{k: v for k, v in good.items() if k != "result"}],
        "result is null": [{**good, "result": None}],
        "result is a text": [{**good, "result": "x"}],
        "score is a word": [{**good, "score": "high"}],
        "score is null": [{**good, "score": None}],
        "none": [],
        "null in it": [good, None],
        "a list in it": [good, [good]],
        "task is a list": [{**good, "task": [first]}],
        "an object": {"predictions": [good]},
    }
    before = 0
    for case, sent in rows.items():
        answer = api.call("projects.import_predictions", id=project["id"], json=sent, expect=None)
        there = len(api.call("predictions.list", query={"project": project["id"]}).json())
        told = answer.json().get("created") if answer.succeeded else 0
        show.equal("LS-EFFECT-033", expected=there - before, got=told, exchange=answer, signature=case)
        if case == "plain" and not there:
            show.not_measured("an import of predictions stores none, whatever they are")
        before = there
        strays = len(api.call("tasks.get", id=foreign).json()["predictions"])
        show.equal("LS-EFFECT-034", expected=0, got=strays, exchange=answer, signature=case)
    found = [d.told for d in disagreements(api, project["id"])]
    show.equal("LS-EFFECT-035", expected=[], got=[f.partition(":")[0] for f in found], exchange=answer)


@pytest.mark.requirement("LS-EFFECT-036", "LS-EFFECT-037")
@pytest.mark.parametrize(
    "action",
    [
        "delete_tasks",
        "delete_tasks_annotations",
        "delete_tasks_predictions",
        "predictions_to_annotations",
        "remove_duplicates",
    ],
)
def test_an_action_counts_what_it_did(api: Wire, show: Show, project: dict[str, Any], action: str) -> None:
    made = import_tasks(
        api,
        project["id"],
        [
            {
                **TASK,
                "annotations": [{"result": DRAWN}, {"result": [], "was_cancelled": True}],
                "predictions": [{"result": DRAWN}] * 2,
            },
            {**TASK, "predictions": [{"result": DRAWN, "model_version": "2"}]},
            TASK,
        ],
    )
    before = tally(api, project)
    included = [made[0]["id"], made[1]["id"], NOBODY]
    answer = act(api, action, project["id"], *included, expect=None)
    after = tally(api, project)
    number = {"delete_tasks": 0, "remove_duplicates": 0, "delete_tasks_predictions": 2}.get(action, 1)
    changed = abs(after[number] - before[number])
    said = re.search(r"\d+", str(answer.json().get("detail"))) if answer.succeeded else None
    show(
        "LS-EFFECT-036",
        answer.succeeded and (said is None or int(said[0]) == changed),
        expected=f"{changed}, as were touched",
        got=f"{answer.brief()}: {answer.text[:160]}",
        exchange=answer,
        signature=action,
    )
    kept = [n for n in range(3) if n != number and action not in {"delete_tasks", "remove_duplicates"}]
    show.equal(
        "LS-EFFECT-037",
        expected=[before[n] for n in kept],
        got=[after[n] for n in kept],
        exchange=answer,
        signature=action,
    )


def tally(api: Wire, project: dict[str, Any]) -> list[int]:
    """Return how many tasks, annotations and predictions there are."""
    tasks = list_tasks(api, project["id"])
    return [len(tasks), *(sum(len(t[k]) for t in tasks) for k in ("annotations", "predictions"))]


@pytest.mark.requirement("LS-EFFECT-038")
def test_a_conversion_that_is_done_can_be_downloaded(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any]
) -> None:
    import_tasks(api, project["id"], [{**TASK, "annotations": [{"result": DRAWN}]}])
    snapshot = taken(api, eventually, project, title="counted")

    def conversions() -> dict[str, str]:
        told = api.call("projects.exports.get", **snapshot).json()["converted_formats"]
        return {one["export_type"]: one["status"] for one in told}

    asked = {
        kind: api.call("projects.exports.convert", **snapshot, json={"export_type": kind}, expect=None)
        for kind in ("CSV", "JSON_MIN", "TSV")
    }
    done = {kind: made for kind, made in asked.items() if made.succeeded}
    if not done:
        show.not_measured(f"no conversion succeeded: {asked['CSV'].brief()}")
    told = eventually(
        conversions,
        until=lambda seen: all(seen.get(kind) in {"completed", "failed"} for kind in done),
        budget="conversion ready",
    )
    for kind, made in done.items():
        got = api.call("projects.exports.download", **snapshot, query={"exportType": kind}, expect=None)
        show(
            "LS-EFFECT-038",
            got.succeeded and b"Positive" in got.content and told.get(kind) == "completed",
            expected="the converted snapshot",
            got=f"{made.brief()}, then {got.brief()}, listed: {told}",
            exchange=got,
            signature=kind,
        )
