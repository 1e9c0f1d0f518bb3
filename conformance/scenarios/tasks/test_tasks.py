"""Tasks: created one by one, read, updated, deleted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS, told_gone
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, list_tasks, predict

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

DATA = {
    "integers": [0, -1, 1, 2**31, -(2**53) + 1, 2**53 - 1],
    "a large integer": 2**53 + 1,
    "fractions": [0.5, -2.25, 1e-7, 123456789.125, 1e20],
    "truths": [True, False],
    "nothing": None,
    "empty": ["", [], {}],
    "nested": {"a": [{"b": {"c": [1, [2, [3]]]}}]},
    "numbers as text": ["1", "1.0", "007", "1e3", "NaN", "null", "true"],
    "dates as text": ["2025-01-02", "2025-01-02T03:04:05Z"],
    "keys": {"with space": 1, "with.dot": 2, "with$dollar": 3, "": 4, "ключ": 5},
}


@pytest.mark.requirement("LS-TASK-001")
def test_data_of_every_json_type_come_back_exactly(api: Wire, show: Show, project: dict[str, Any]) -> None:
    sent = {"text": "types", **DATA}
    made = api.call("tasks.create", json={"project": project["id"], "data": sent}).json()
    read = api.call("tasks.get", id=made["id"])
    for name, value in DATA.items():
        got = read.json()["data"].get(name, "(missing)")
        show.equal("LS-TASK-001", expected=value, got=got, exchange=read, signature=name)


@pytest.mark.requirement("LS-TASK-002", "LS-TASK-003", "LS-TASK-024", "LS-TASK-026")
def test_a_task_is_created(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project(maximum_annotations=3)
    sent = {"project": project["id"], "data": {"text": "single", "n": 1}, "meta": {"origin": ["a", {"b": 1}]}}
    made = api.call("tasks.create", json=sent)
    told = {key: made.json().get(key) for key in ("project", "data")}
    show.equal("LS-TASK-002", expected={k: sent[k] for k in ("project", "data")}, got=told, exchange=made)

    read = api.call("tasks.get", id=made.json()["id"])
    task = read.json()
    show.equal("LS-TASK-003", expected=sent["meta"], got=task["meta"], exchange=read)
    show.equal("LS-TASK-024", expected=3, got=task["overlap"], exchange=read)
    fresh = ("annotations", "predictions", "drafts", "total_annotations", "total_predictions", "is_labeled")
    show.equal("LS-TASK-026", expected=[[], [], [], 0, 0, False], got=[task.get(k) for k in fresh], exchange=read)


@pytest.mark.requirement("LS-TASK-004", "LS-TASK-005", "LS-TASK-022")
def test_an_update_replaces_the_data_only(api: Wire, show: Show, task: dict[str, Any]) -> None:
    annotate(api, task, choice("Positive"))
    before = api.call("tasks.get", id=task["id"]).json()
    changed = api.call("tasks.update", id=task["id"], json={"data": {"text": "another text"}})
    read = api.call("tasks.get", id=task["id"])
    after = read.json()
    show.equal("LS-TASK-004", expected={"text": "another text"}, got=after["data"], exchange=read)

    same = ("id", "project", "meta", "inner_id", "overlap", "is_labeled", "total_annotations", "annotations_ids")
    show.equal("LS-TASK-005", expected={k: before[k] for k in same}, got={k: after[k] for k in same}, exchange=read)
    show(
        "LS-TASK-022",
        after["created_at"] == before["created_at"] and after["updated_at"] > before["updated_at"],
        expected="the same created_at, a later updated_at",
        got={k: (before[k], after[k]) for k in ("created_at", "updated_at")},
        # where the update itself tells a later time, it is the reader that does not
        exchange=read if changed.json()["updated_at"] > after["updated_at"] else changed,
    )


@pytest.mark.requirement("LS-TASK-023")
@pytest.mark.parametrize(("name", "value"), [("id", 2_000_000_000), ("created_at", "2001-01-01T00:00:00Z")])
def test_what_the_server_decides_is_not_updated(
    api: Wire, show: Show, task: dict[str, Any], name: str, value: object
) -> None:
    api.call("tasks.update", id=task["id"], json={name: value}, expect=(200, 400))
    read = api.call("tasks.get", id=task["id"])
    show.equal("LS-TASK-023", expected=task[name], got=read.json()[name], exchange=read, signature=name)


@pytest.mark.requirement("LS-TASK-006")
@pytest.mark.parametrize("operation", ["tasks.get", "tasks.update", "tasks.delete"])
def test_a_task_that_is_not_there_answers_404(api: Wire, show: Show, task: dict[str, Any], operation: str) -> None:
    api.call("tasks.delete", id=task["id"])
    body = {"data": {"text": "nobody"}} if operation == "tasks.update" else None
    show.status("LS-TASK-006", api.call(operation, id=task["id"], json=body, expect=None), *GONE)


@pytest.mark.requirement("LS-TASK-007", "LS-TASK-030")
@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": "text"}, {"data": 5}, {"data": [{"text": "a"}]}, {"data": [1]}],
    ids=["no data", "null", "a string", "a number", "a list of objects", "a list of numbers"],
)
def test_a_task_without_an_object_as_data_is_refused(
    api: Wire, show: Show, project: dict[str, Any], body: dict[str, Any]
) -> None:
    answer = api.call("tasks.create", json={"project": project["id"], **body}, expect=None)
    show.status("LS-TASK-007", answer, *SENSELESS)
    if answer.ok:
        api.call("tasks.delete", id=answer.json()["id"])
    show.equal("LS-TASK-030", expected=[], got=list_tasks(api, project["id"]), exchange=answer)


@pytest.mark.requirement("LS-TASK-008", "LS-TASK-009", "LS-TASK-010")
def test_a_task_that_can_not_be_labelled_is_refused(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    project, gone = new_project(), new_project()
    api.call("projects.delete", id=gone["id"])
    body = {"project": project["id"], "data": {"title": "no text"}}
    show.status("LS-TASK-008", api.call("tasks.create", json=body, expect=None), *SENSELESS)

    (task,) = imported(project, [{"data": {"text": "fine"}}])
    show.status(
        "LS-TASK-009", api.call("tasks.update", id=task["id"], json={"data": {"title": "x"}}, expect=None), *SENSELESS
    )

    body = {"project": gone["id"], "data": {"text": "nowhere to go"}}
    show.status("LS-TASK-010", api.call("tasks.create", json=body, expect=None), *SENSELESS, *GONE)


@pytest.mark.requirement("LS-TASK-011", "LS-TASK-031")
def test_each_project_numbers_its_own_tasks(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    first, second, third = new_project(), new_project(), new_project()
    made = api.call("tasks.create", json={"project": third["id"], "data": {"text": "the very first"}})
    created = api.call("tasks.get", id=made.json()["id"]).json()
    show.equal(
        "LS-TASK-011", expected=1, got=created["inner_id"], exchange=made, signature="created in an empty project"
    )

    imported(first, [{"data": {"text": str(n)}} for n in range(3)])
    tasks = imported(second, [{"data": {"text": str(n)}} for n in range(2)])
    made = api.call("tasks.create", json={"project": second["id"], "data": {"text": "one more"}})
    tasks.append(api.call("tasks.get", id=made.json()["id"]).json())
    show.equal("LS-TASK-011", expected=[1, 2, 3], got=[task["inner_id"] for task in tasks], exchange=made)
    every = [t["id"] for t in list_tasks(api, first["id"])] + [t["id"] for t in list_tasks(api, second["id"])]
    show.equal("LS-TASK-031", expected=6, got=len(set(every)), exchange=made)


@pytest.mark.requirement("LS-TASK-025")
def test_a_deleted_task_takes_everything_with_it(api: Wire, show: Show, task: dict[str, Any]) -> None:
    annotation, prediction = annotate(api, task, choice("Positive")), predict(api, task, choice("Positive"))
    api.call("tasks.delete", id=task["id"])
    gone = [
        api.call("annotations.get", id=annotation["id"], expect=None),
        api.call("predictions.get", id=prediction["id"], expect=None),
    ]
    show.equal("LS-TASK-025", expected=[404, 404], got=[told_gone(g) for g in gone], exchange=gone[0])


@pytest.mark.requirement("LS-TASK-027", "LS-TASK-033")
def test_a_task_sums_its_annotations_up(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    (task,) = imported(new_project(maximum_annotations=2), [{"data": {"text": "two opinions"}}])
    first = annotate(api, task, choice("Positive"), lead_time=10)
    annotate(api, task, choice("Negative"), lead_time=20)
    read = api.call("tasks.get", id=task["id"])
    done = read.json()
    # the contract has objects there, of which nothing is said; Community tells ids
    annotators = [one["id"] if isinstance(one, dict) else one for one in done["annotators"]]
    show.equal(
        "LS-TASK-027",
        expected=[15.0, [first["completed_by"]]],
        got=[done["avg_lead_time"], annotators],
        exchange=read,
    )
    show.equal("LS-TASK-033", expected=True, got=done["is_labeled"], exchange=read)


def within_a_minute(one: Any, other: Any) -> bool:
    """Return whether two times are about the same: a server may write down the one a little after the other."""
    try:
        apart = dt.datetime.fromisoformat(one) - dt.datetime.fromisoformat(other)
    except (TypeError, ValueError):
        return False
    return abs(apart) < dt.timedelta(minutes=1)


@pytest.mark.requirement("LS-TASK-028")
def test_a_labelled_task_tells_since_when(api: Wire, show: Show, task: dict[str, Any]) -> None:
    annotation = annotate(api, task, choice("Positive"))
    read = api.call("tasks.get", id=task["id"])
    got = [task["completed_at"], read.json()["completed_at"]]
    show(
        "LS-TASK-028",
        got[0] is None and within_a_minute(got[1], annotation["created_at"]),
        expected=[None, f"within a minute of {annotation['created_at']}"],
        got=got,
        exchange=read,
    )


@pytest.mark.requirement("LS-TASK-041")
def test_a_skip_completes_no_task_anew(api: Wire, show: Show, task: dict[str, Any]) -> None:
    annotation = annotate(api, task, choice("Positive"))
    completed = api.call("tasks.get", id=task["id"]).json()["completed_at"]
    if not completed:
        show.not_measured("a task that was annotated has no time of completion")
    skipped = api.call("annotations.create", id=task["id"], json={"result": [], "was_cancelled": True})
    read = api.call("tasks.get", id=task["id"])
    if skipped.json()["created_at"] == annotation["created_at"]:
        show.not_measured("both annotations were created at the same time")
    show.equal("LS-TASK-041", expected=completed, got=read.json()["completed_at"], exchange=read)


@pytest.mark.requirement("LS-TASK-029")
def test_an_event_is_reported(api: Wire, show: Show, task: dict[str, Any]) -> None:
    event = {"event_key": "annotation_loaded", "event_time": "2025-01-02T03:04:05Z"}
    answer = api.call("tasks.create_event", id=task["id"], json=event)
    show.status("LS-TASK-029", answer, 201)
