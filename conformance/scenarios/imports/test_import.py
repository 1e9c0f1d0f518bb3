"""Import by a JSON body: what comes in, how much of it, and what is rejected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.checks import GONE
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate, bring_in, exported_tasks, list_tasks, predict, tasks_page, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

DEEP = 100_000


def parts(keys: str, things: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The named parts of each."""
    return [{key: thing.get(key) for key in keys.split()} for thing in things]


@pytest.mark.requirement("LS-IMPORT-001", "LS-IMPORT-002", "LS-IMPORT-003", "LS-IMPORT-004")
def test_tasks_come_in_as_they_were_sent(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent: list[dict[str, Any]] = [
        {"text": "bare", "n": 1, "deep": {"list": [1, 2.5, None, {"a": "b"}]}},
        {"data": {"text": "wrapped", "flag": False}, "meta": {"batch": 7, "tags": ["a"]}},
        {"data": {"text": "third", "": "an empty name", "text 2": ""}},
    ]
    made = bring_in(api, project["id"], json=sent, query={"return_task_ids": True})
    tasks = list_tasks(api, project["id"])
    expected = [sent[0], sent[1]["data"], sent[2]["data"]]
    by_text = {task["data"].get("text"): task["data"] for task in tasks}
    show.equal("LS-IMPORT-001", expected={d["text"]: d for d in expected}, got=by_text, exchange=made)
    show.equal("LS-IMPORT-002", expected=["bare", "wrapped", "third"], got=texts(tasks), exchange=made)
    show.equal("LS-IMPORT-003", expected=[t["id"] for t in tasks], got=made.json().get("task_ids"), exchange=made)
    show.equal("LS-IMPORT-004", expected=sent[1]["meta"], got=tasks[1]["meta"], exchange=made)


@pytest.mark.requirement("LS-IMPORT-005", "LS-IMPORT-006", "LS-IMPORT-007", "LS-IMPORT-008")
def test_annotations_and_predictions_come_with_their_tasks(api: Wire, show: Show, project: dict[str, Any]) -> None:
    annotations = [
        {"result": [choice("Positive")], "ground_truth": True, "lead_time": 4.25, "was_cancelled": False},
        {"result": [choice("Negative")], "ground_truth": False, "lead_time": 9, "was_cancelled": False},
        {"result": [], "ground_truth": False, "lead_time": 0, "was_cancelled": True},
    ]
    predictions = [
        {"result": [choice("Positive")], "score": 0.875, "model_version": "one"},
        {"result": [choice("Negative")], "score": 0.125, "model_version": "two"},
        {"result": [], "score": 0, "model_version": "three"},
    ]
    made = bring_in(
        api,
        project["id"],
        json=[{"data": {"text": "full"}, "annotations": annotations, "predictions": predictions}, {"text": "bare"}],
    )
    task = list_tasks(api, project["id"])[0]
    got = api.call("tasks.get", id=task["id"])
    kept = got.json()["annotations"]
    show.equal(
        "LS-IMPORT-005",
        expected=any_order(annotations),
        got=parts("result ground_truth lead_time was_cancelled", kept),
        exchange=got,
    )
    guesses = api.call("predictions.list", query={"task": task["id"]})
    show.equal(
        "LS-IMPORT-006",
        expected=any_order(predictions),
        got=parts("result score model_version", guesses.json()),
        exchange=guesses,
    )
    counted = [made.json().get("task_count"), made.json().get("annotation_count")]
    show.equal("LS-IMPORT-007", expected=[2, 3], got=counted, exchange=made)
    counters = parts("total_annotations cancelled_annotations total_predictions", [task])[0]
    expected = {"total_annotations": 2, "cancelled_annotations": 1, "total_predictions": 3}
    show.equal("LS-IMPORT-008", expected=expected, got=counters, exchange=made)


@pytest.mark.requirement("LS-IMPORT-041")
def test_an_annotation_is_ground_truth_only_if_it_says_so(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = [{"data": {"text": "a"}, "annotations": [{"result": [choice("Positive")]}]}]
    made = bring_in(api, project["id"], json=sent)
    (task,) = list_tasks(api, project["id"])
    created = annotate(api, task, choice("Positive"))
    show.equal(
        "LS-IMPORT-041",
        expected=[created["ground_truth"]],
        got=[a["ground_truth"] for a in task["annotations"]],
        exchange=made,
    )


# what is odd about the name of a field → it
CALLED: dict[str, str] = {
    "a blank": "the text",
    "a dot": "the.text",
    "two dots": "llm.inputs.text",
    "a hyphen": "the-text",
    "a digit first": "1st text",
    "brackets": "text(1)",
    "another script": "größe 文",
}


@pytest.mark.requirement("LS-IMPORT-180")
def test_a_field_is_there_whatever_it_is_called(api: Wire, show: Show, new_project: NewProject) -> None:
    for case, name in CALLED.items():
        project = new_project(label_config=TEXT_CHOICES.replace("$text", f"${name}"))["id"]
        done = bring_in(api, project, json=[{"data": {name: "a"}}], expect=None)
        got = f"{done.brief()}: {done.text[:200]}"
        show("LS-IMPORT-180", done.ok, expected="201", got=got, exchange=done, signature=case)


@pytest.mark.requirement("LS-IMPORT-020", "LS-IMPORT-021", "LS-IMPORT-022")
def test_one_bad_task_keeps_all_of_them_out(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = [{"text": "good"}, {"data": {"title": "no such field"}}, {"text": "good as well"}]
    rejected = bring_in(api, project["id"], json=sent, expect=None)
    show.status("LS-IMPORT-020", rejected, 400)
    show(
        "LS-IMPORT-021",
        "text" in rejected.text and "1" in rejected.text.split("Error", 1)[-1],
        expected="an error that names the field `text` and the task (number 1, from 0)",
        got=rejected.text[:300],
        exchange=rejected,
    )
    page = tasks_page(api, project["id"])
    show.equal("LS-IMPORT-022", expected=0, got=page.json()["total"], exchange=page)


@pytest.mark.requirement("LS-IMPORT-023")
@pytest.mark.parametrize(
    "body",
    [b"[]", b"17", b"null", b'"text"', b"[1, 2]", b'[{"text": "a"', b"[[]]", b"[null]", b""],
    ids=[
        "empty list",
        "number",
        "null",
        "string",
        "list of numbers",
        "broken",
        "list in list",
        "list of null",
        "nothing",
    ],
)
def test_what_holds_no_tasks_is_refused(api: Wire, show: Show, project: dict[str, Any], body: bytes) -> None:
    answer = bring_in(
        api,
        project["id"],
        content=body,
        headers={"Content-Type": "application/json"},
        expect=None,
    )
    show.status("LS-IMPORT-023", answer, 400)


@pytest.mark.requirement("LS-IMPORT-040", "LS-IMPORT-045")
@pytest.mark.parametrize(
    "annotation",
    [17, {"result": "Positive"}, {"result": {"choices": ["Positive"]}}, None],
    ids=["a number", "result a string", "result an object", "null"],
)
def test_what_is_no_annotation_is_refused(api: Wire, show: Show, project: dict[str, Any], annotation: object) -> None:
    sent: list[dict[str, Any]] = [{"data": {"text": "good"}}, {"data": {"text": "a"}, "annotations": [annotation]}]
    answer = bring_in(api, project["id"], json=sent, expect=None)
    show.status("LS-IMPORT-040", answer, 400)
    page = tasks_page(api, project["id"])
    wanted = len(sent) if answer.ok else 0
    show.equal("LS-IMPORT-045", expected=wanted, got=page.json()["total"], exchange=page)


@pytest.mark.requirement("LS-IMPORT-036")
def test_nothing_is_imported_into_a_project_that_is_gone(api: Wire, show: Show, project: dict[str, Any]) -> None:
    api.call("projects.delete", id=project["id"])
    answer = bring_in(api, project["id"], json=[{"text": "a"}], expect=None)
    show.status("LS-IMPORT-036", answer, *GONE)


@pytest.mark.requirement("LS-IMPORT-025")
def test_fields_can_hold_predictions(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = [{"text": "good", "label": "Positive"}, {"text": "bad", "label": "Negative"}]
    made = bring_in(api, project["id"], json=sent, query={"preannotated_from_fields": ["label"]})
    tasks = list_tasks(api, project["id"])
    guessed = [
        [region["value"]["choices"] for prediction in task["predictions"] for region in prediction["result"]]
        for task in tasks
    ]
    show.equal("LS-IMPORT-025", expected=[[["Positive"]], [["Negative"]]], got=guessed, exchange=made)


@pytest.mark.requirement("LS-IMPORT-178")
def test_a_task_with_a_filled_prediction_names_its_file(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    name = f"{new_name('filled').replace(' ', '-')}.csv"
    file = {"file": (name, b"text,label\ngood,Positive\n", "text/csv")}
    made = bring_in(api, project["id"], files=file, query={"preannotated_from_fields": ["label"]})
    got = [str(task["file_upload"]) for task in list_tasks(api, project["id"])]
    show(
        "LS-IMPORT-178",
        [one.endswith(name) for one in got] == [True],
        expected=f"a task of {name}",
        got=got,
        exchange=made,
    )


# control -> what the data have, and the value of a region of that control (as the editor writes it)
PREFILLED: dict[str, tuple[object, dict[str, Any]]] = {
    '<Choices name="label" toName="text"><Choice value="A"/></Choices>': ("A", {"choices": ["A"]}),
    '<Choices name="label" toName="text" choice="multiple"><Choice value="A"/><Choice value="B"/></Choices>': (
        ["A", "B"],
        {"choices": ["A", "B"]},
    ),
    '<TextArea name="label" toName="text"/>': ("said", {"text": ["said"]}),
    '<Rating name="label" toName="text"/>': (4, {"rating": 4}),
    '<Number name="label" toName="text"/>': (4.5, {"number": 4.5}),
    '<DateTime name="label" toName="text"/>': ("2025-01-02", {"datetime": "2025-01-02"}),
    '<Taxonomy name="label" toName="text"><Choice value="A"/></Taxonomy>': ("A", {"taxonomy": [["A"]]}),
    '<Pairwise name="label" toName="text,other"/><Text name="other" value="$text"/>': ("left", {"selected": "left"}),
}


@pytest.mark.requirement("LS-IMPORT-165")
@pytest.mark.parametrize("control", PREFILLED, ids=lambda control: control[1:].partition(" ")[0])
def test_fields_hold_results_of_their_control(api: Wire, show: Show, new_project: NewProject, control: str) -> None:
    given, expected = PREFILLED[control]
    project = new_project(label_config=f'<View><Text name="text" value="$text"/>{control}</View>')
    query = {"preannotated_from_fields": ["label"]}
    made = bring_in(api, project["id"], json=[{"text": "a", "label": given}], query=query)
    (task,) = list_tasks(api, project["id"])
    got = [region["value"] for prediction in task["predictions"] for region in prediction["result"]]
    signature = f"{control[1:].partition(' ')[0]}: {json.dumps(got)}"
    show.equal("LS-IMPORT-165", expected=[expected], got=got, exchange=made, signature=signature)


@pytest.mark.requirement("LS-IMPORT-153", "LS-IMPORT-154")
def test_fields_without_a_value_hold_no_prediction(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = [{"text": "good", "label": "Positive"}, {"text": "unknown", "label": ""}]
    made = bring_in(api, project["id"], json=sent, query={"preannotated_from_fields": ["label"]})
    got = [len(task["predictions"]) for task in list_tasks(api, project["id"])]
    show.equal("LS-IMPORT-153", expected=[1, 0], got=got, exchange=made)
    query = {"preannotated_from_fields": ["nothing"]}
    named = bring_in(api, project["id"], json=sent[:1], query=query, expect=None)
    show("LS-IMPORT-154", named.rejected, expected="a 4xx that names the field", got=named.brief(), exchange=named)


@pytest.mark.parametrize(
    ("requirement", "count"),
    [
        pytest.param("LS-IMPORT-042", 1, marks=pytest.mark.requirement("LS-IMPORT-042"), id="1"),
        pytest.param("LS-IMPORT-026", 1000, marks=pytest.mark.requirement("LS-IMPORT-026", "LS-TASK-042"), id="1000"),
    ],
)
def test_any_number_of_tasks_comes_in(
    api: Wire, show: Show, project: dict[str, Any], requirement: str, count: int
) -> None:
    made = bring_in(api, project["id"], json=[{"text": f"task {n}"} for n in range(count)])
    got = texts(list_tasks(api, project["id"], include="id,data"))
    missing = sorted({f"task {n}" for n in range(count)} - set(got))
    show(
        requirement,
        len(got) == count and not missing and made.json().get("task_count") == count,
        expected=f"{count} tasks, each once",
        got={"tasks": len(got), "missing": missing[:5], "task_count": made.json().get("task_count")},
        exchange=made,
    )
    for size in (0, -1) if count > 1 else ():
        page = tasks_page(api, project["id"], page_size=size, include="id", expect=None)
        held = len(page.json()["tasks"]) if page.succeeded else page.brief()
        show(
            "LS-TASK-042",
            page.rejected or held == count,
            expected=f"a 4xx, or {count} tasks",
            got=held,
            exchange=page,
            signature=f"page_size {size}",
        )


@pytest.mark.requirement("LS-IMPORT-027")
def test_a_hundred_thousand_tasks_come_in(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("depth") != "deep":
        show.not_measured("an import of 100,000 tasks takes a minute: only with --depth deep")
    sent = [{"text": f"task {n}"} for n in range(DEEP)]
    made = bring_in(api, project["id"], json=sent, timeout=600)
    page = eventually(
        lambda: tasks_page(api, project["id"], page_size=1),
        until=lambda seen: seen.json()["total"] >= DEEP,
        budget="import done",
    )
    show.equal("LS-IMPORT-027", expected=DEEP, got=page.json()["total"], exchange=made)


@pytest.mark.requirement("LS-IMPORT-028")
def test_an_export_can_be_imported_again(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    first, second = new_project(), new_project()
    task, _ = imported(first, [{"data": {"text": "annotated", "n": 1.5}, "meta": {"a": 1}}, {"data": {"text": "bare"}}])
    annotate(api, task, choice("Positive"), lead_time=3)
    predict(api, task, choice("Negative"), score=0.5, model_version="m")

    # a snapshot holds whole predictions, which a direct export only names
    options = {"serialization_options": {"predictions": {"only_id": False}}}
    snapshot = api.call("projects.exports.create", id=first["id"], json=options).json()
    download = api.call("projects.exports.download", id=first["id"], export_pk=snapshot["id"])
    bring_in(api, second["id"], json=download.json())

    def told(project: dict[str, Any]) -> list[object]:
        return any_order(
            [
                task["data"],
                task["meta"],
                any_order(parts("result lead_time was_cancelled ground_truth", task["annotations"])),
                any_order(parts("result score model_version", task["predictions"])),
            ]
            for task in list_tasks(api, project["id"])
        )

    show.equal("LS-IMPORT-028", expected=told(first), got=told(second), exchange=download)
    assert exported_tasks(api, first["id"])  # the export that was compared was not empty
