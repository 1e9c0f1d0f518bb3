"""Annotations and predictions that come with tasks, and those made one by one: the same, with all that was sent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import equal, same_instant
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.exports.snapshots import downloaded
from conformance.scenarios.steps import annotate, bring_in, exported_tasks, import_tasks, list_tasks, predict

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

LONG_AGO = "2020-02-29T12:34:56.123456Z"
LATER = "2021-03-01T01:02:03.000001Z"
REGION = {
    **choice("Positive", region_id="r 1/ä"),
    "origin": "manual",
    "score": 0.123456789012345,
    "hidden": True,
    "readonly": False,
    "parentID": "p",
    "meta": {"text": ["ä"]},
    "own": {"deep": [1, None, {"x": 1.5}]},
}
RELATION = {"type": "relation", "from_id": "r 1/ä", "to_id": "r2", "direction": "bi", "labels": ["ü"]}
RESULT = [REGION, choice("Negative", region_id="r2"), RELATION]
ANNOTATIONS: list[dict[str, Any]] = [
    {"result": RESULT, "lead_time": 0.1234567890123456, "ground_truth": True, "was_cancelled": False},
    {"result": [], "lead_time": 86400.000001, "ground_truth": False, "was_cancelled": False},
    {"result": [REGION], "lead_time": 1e-9, "ground_truth": False, "was_cancelled": True},
    {"result": [REGION], "lead_time": 0, "ground_truth": False, "was_cancelled": False},
]
PREDICTIONS: list[dict[str, Any]] = [
    {"result": RESULT, "score": 0.1234567890123456, "model_version": " Modèle v1.0/ß 🌍 "},
    {"result": [], "score": -5.5, "model_version": "1.10"},
    {"result": [REGION], "score": 1e300, "model_version": "x" * 250},
    {"result": [REGION], "score": 0, "model_version": "0"},
    {"result": [REGION], "score": None, "model_version": "none"},
]
MANY = 35
# Each has its own; and who changed a task last is a person only where one came after another.
OWN = {
    "id",
    "project",
    "created_at",
    "updated_at",
    "annotations",
    "predictions",
    "annotations_ids",
    "completed_at",
    "updated_by",
}


def parts(things: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was sent, of each."""
    return [{key: thing.get(key) for key in sent} for thing, sent in zip(things, like, strict=False)]


def _in_order(things: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(things, key=lambda one: int(one["id"]))


@pytest.mark.requirement("LS-IMPORT-140", "LS-IMPORT-141", "LS-IMPORT-142", "LS-IMPORT-143")
def test_what_comes_with_a_task_comes_whole(api: Wire, show: Show, project: dict[str, Any]) -> None:
    task = {"data": {"text": "a"}, "annotations": ANNOTATIONS, "predictions": PREDICTIONS}
    made = bring_in(api, project["id"], json=[task])
    (got,) = list_tasks(api, project["id"])
    (exported,) = exported_tasks(api, project["id"])
    annotations, predictions = (_in_order(got[name]) for name in ("annotations", "predictions"))
    show.equal("LS-IMPORT-140", expected=ANNOTATIONS, got=parts(annotations, ANNOTATIONS), exchange=made)
    show.equal("LS-IMPORT-141", expected=PREDICTIONS, got=parts(predictions, PREDICTIONS), exchange=made)
    told = _in_order(exported["annotations"])
    counts = [len({region["id"] for region in one["result"] if "id" in region}) for one in ANNOTATIONS]
    show.equal("LS-IMPORT-142", expected=counts, got=[one.get("result_count") for one in told], exchange=made)
    answer = made.json()
    counted = {
        "answer": (answer["annotation_count"], answer.get("prediction_count")),
        "task": (got["total_annotations"] + got["cancelled_annotations"], got["total_predictions"]),
    }
    wanted = (len(ANNOTATIONS), len(PREDICTIONS))
    show_each("LS-IMPORT-143", show, made, {case: (wanted, seen) for case, seen in counted.items()})


@pytest.mark.requirement("LS-IMPORT-144", "LS-IMPORT-145", "LS-IMPORT-146")
def test_history_comes_with_what_is_imported(api: Wire, show: Show, project: dict[str, Any]) -> None:
    """An export holds times, numbers and marks; an import of it that forgets them loses who did what when."""
    times = {"created_at": LONG_AGO, "updated_at": LATER}
    annotation = {"id": 4711, "result": [], "ground_truth": False, "last_action": "imported", **times}
    prediction = {"result": [], "score": 0.5, "model_version": "m", "cluster": 3, "mislabeling": 0.25, **times}
    task = {"data": {"text": "a"}, "annotations": [annotation], "predictions": [prediction]}
    made = bring_in(api, project["id"], json=[task])
    (got,) = list_tasks(api, project["id"])
    for name, sent in (("annotations", annotation), ("predictions", prediction)):
        (one,) = got[name]
        kept = {key: (value, one.get(key)) for key, value in sent.items() if key in times}
        show_each("LS-IMPORT-144", show, made, kept, about=name, agree=partial(equal, texts=same_instant))
    (first,) = got["annotations"]
    show.equal("LS-IMPORT-145", expected=4711, got=first.get("import_id"), exchange=made)
    (guess,) = got["predictions"]
    marks = {key: (prediction[key], guess.get(key)) for key in ("cluster", "mislabeling")}
    show_each("LS-IMPORT-146", show, made, {**marks, "last_action": ("imported", first.get("last_action"))})


@pytest.mark.requirement("LS-IMPORT-147", "LS-IMPORT-148")
def test_an_imported_task_is_as_good_as_a_made_one(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    """The same task, annotation and prediction: imported at once, and made one by one."""
    once, bit_by_bit = new_project(), new_project()
    annotation = {"result": RESULT, "lead_time": 12.5, "ground_truth": True}
    prediction = {"result": RESULT, "score": 0.25, "model_version": "m"}
    task = {"data": {"text": "a"}, "meta": {"m": "ä"}}
    (whole,) = import_tasks(api, once["id"], [{**task, "annotations": [annotation], "predictions": [prediction]}])
    (made,) = imported(bit_by_bit, [task])
    annotate(api, made, *RESULT, lead_time=12.5, ground_truth=True)
    predict(api, made, *RESULT, score=0.25, model_version="m")
    (made,) = list_tasks(api, bit_by_bit["id"])
    show_each(
        "LS-IMPORT-147",
        show,
        api.history[-1],
        {key: (made.get(key), value) for key, value in whole.items() if key not in OWN},
    )
    projects = [api.call("projects.get", id=one["id"]).json() for one in (once, bit_by_bit)]
    counters = [
        {key: value for key, value in one.items() if key.endswith("_number") or key.startswith("num_")}
        for one in projects
    ]
    wrong = sorted(key for key in counters[0] if counters[0][key] != counters[1].get(key))
    show_none("LS-IMPORT-148", show, api.history[-1], wrong, among=counters[0], signature=", ".join(wrong))


@pytest.mark.requirement("LS-IMPORT-149", "LS-IMPORT-150", "LS-IMPORT-151", "LS-IMPORT-152")
def test_predictions_come_alone(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    project = new_project()
    tasks = imported(project, [{"data": {"text": str(n)}} for n in range(MANY)])
    usual = [one for one in PREDICTIONS if one["score"] is None or 0 <= one["score"] <= 1]
    sent = [{"task": task["id"], **usual[n % len(usual)]} for n, task in enumerate(tasks)]
    made = api.call("projects.import_predictions", id=project["id"], json=sent)
    got = [prediction for task in list_tasks(api, project["id"]) for prediction in task["predictions"]]
    show.equal("LS-IMPORT-149", expected=sent, got=parts(got, sent), exchange=made)
    show.equal("LS-IMPORT-150", expected=len(sent), got=made.json().get("created"), exchange=made)

    (foreign,) = imported(new_project(), [{"data": {"text": "foreign"}}])
    bad = [{"task": tasks[0]["id"], "result": []}, {"task": foreign["id"], "result": []}]
    refused = api.call("projects.import_predictions", id=project["id"], json=bad, expect=None)
    left = [len(task["predictions"]) for task in list_tasks(api, project["id"])]
    show.equal("LS-IMPORT-151", expected=[400, [1] * MANY], got=[refused.status, left], exchange=refused)

    unusual = [one for one in PREDICTIONS if one not in usual and one["result"]]
    rest = [{"task": tasks[1]["id"], **one} for one in unusual]
    answer = api.call("projects.import_predictions", id=project["id"], json=rest, expect=None)
    new = _in_order(list_tasks(api, project["id"])[1]["predictions"])[-len(rest) :]
    came = answer.ok and [one["score"] for one in new] == [one["score"] for one in rest]
    show(
        "LS-IMPORT-152",
        answer.rejected or came,
        expected=f"{[one['score'] for one in rest]} in the list, or a 4xx",
        got=f"{answer.brief()}: {answer.text[:200]}, and {[one['score'] for one in new]}",
        exchange=answer,
    )


# what is odd about one prediction of an import → the prediction
ODD: dict[str, dict[str, Any]] = {
    "a label that is none": {"result": [choice("Unheard of")]},
    "a control that is none": {"result": [{**REGION, "from_name": "nowhere"}]},
    "a text": {"result": "Positive"},
    "an object": {"result": {"choices": ["Positive"]}},
    "a score that is a word": {"result": [REGION], "score": "high"},
}


@pytest.mark.requirement("LS-IMPORT-173")
def test_no_prediction_of_an_import_is_lost(api: Wire, show: Show, project: dict[str, Any]) -> None:
    first, second = import_tasks(api, project["id"], [{"text": "a"}, {"text": "b"}])
    for case, odd in ODD.items():
        sent = [{"task": first["id"], "result": [REGION]}, {"task": second["id"], **odd}]
        before = [len(task["predictions"]) for task in list_tasks(api, project["id"])]
        made = api.call("projects.import_predictions", id=project["id"], json=sent, expect=None, deed=case)
        after = [len(task["predictions"]) for task in list_tasks(api, project["id"])]
        came = [now - then for now, then in zip(after, before, strict=True)]
        show(
            "LS-IMPORT-173",
            came == ([1, 1] if made.ok else [0, 0]) and (made.ok or made.rejected),
            expected="a success, and both predictions, or a 4xx, and none",
            got=f"{made.brief()}, and {came}",
            exchange=made,
            signature=case,
        )


@pytest.mark.requirement("LS-IMPORT-176")
def test_a_score_that_is_a_word_is_not_lost(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = {"data": {"text": "a"}, "predictions": [{"result": [REGION], "score": "high"}]}
    made = api.call("projects.import_tasks", id=project["id"], json=[sent], expect=None)
    scores = [[one["score"] for one in task["predictions"]] for task in list_tasks(api, project["id"])]
    show(
        "LS-IMPORT-176",
        made.rejected and scores == [],
        expected="a 4xx, and no task",
        got=f"{made.brief()}, and the scores {scores}",
        exchange=made,
        signature="a word",
    )


@pytest.mark.requirement("LS-IMPORT-174")
def test_fields_that_hold_predictions_take_the_place_of_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    query = {"preannotated_from_fields": ["label"]}
    meta, annotation = {"of": ["the task", 0.5]}, {"result": [REGION], "lead_time": 1.5, "ground_truth": False}
    sent = {"data": {"text": "a", "label": "Positive"}, "meta": meta, "annotations": [annotation]}
    made = bring_in(api, project["id"], json=[sent], query=query, expect=None)
    got = [
        [task["meta"], [{key: one.get(key) for key in annotation} for one in task["annotations"]]]
        for task in list_tasks(api, project["id"])
    ]
    show(
        "LS-IMPORT-174",
        got == ([[meta, [annotation]]] if made.ok else []) and (made.ok or made.rejected),
        expected="the meta and the annotation, or a 4xx and no task",
        got=f"{made.brief()}, and {got}",
        exchange=made,
        signature="meta and annotations",
    )


@pytest.mark.requirement("LS-IMPORT-157")
@pytest.mark.parametrize("way", ["a direct export", "a direct export of all tasks", "a snapshot"])
def test_an_export_with_predictions_comes_back(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, way: str
) -> None:
    """An export by default names predictions by their ids, which mean nothing elsewhere."""
    home, elsewhere = new_project()["id"], new_project()["id"]
    whole = {"data": {"text": "a"}, "annotations": [{"result": RESULT}], "predictions": [{"result": RESULT}]}
    import_tasks(api, home, [whole, {**whole, "annotations": []}])
    if way == "a snapshot":
        exported = downloaded(api, eventually, {"id": home}).json()
    else:
        exported = exported_tasks(api, home, everything=way.endswith("tasks"))
    made = bring_in(api, elsewhere, json=exported, expect=None, deed=f"what {way} has")
    got = sorted(len(task["annotations"]) for task in list_tasks(api, elsewhere))
    wanted = sorted(len(task["annotations"]) for task in exported)
    show(
        "LS-IMPORT-157",
        (made.ok and got == wanted) or (made.rejected and not got),
        expected=f"{len(wanted)} tasks with their annotations, or a 4xx and none",
        got=f"{made.brief()}, {len(got)} tasks",
        exchange=made,
        signature=way,
    )
