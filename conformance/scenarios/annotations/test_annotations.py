"""Annotations: made, read, changed, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS, rejected, told_gone
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, import_tasks, predict

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Wire

NOBODY = 2_000_000_000
FIELDS = ("result", "lead_time", "ground_truth", "was_cancelled", "completed_by", "task", "project")


def read(api: Wire, annotation: dict[str, Any]) -> dict[str, Any]:
    """Return what the server says of an annotation."""
    told: dict[str, Any] = api.call("annotations.get", id=annotation["id"]).json()
    return told


def counted(api: Wire, task: dict[str, Any]) -> list[int]:
    """Return how many annotations a task says it has, and how many skipped ones."""
    told = api.call("tasks.get", id=task["id"]).json()
    return [told["total_annotations"], told["cancelled_annotations"]]


@pytest.mark.requirement("LS-ANNOTATION-005", "LS-ANNOTATION-006", "LS-ANNOTATION-011", "LS-ANNOTATION-025")
def test_an_annotation_is_made(api: Wire, show: Show, task: dict[str, Any]) -> None:
    me = api.call("users.whoami").json()["id"]
    empty = api.call("annotations.create", id=task["id"], json={"result": []})
    show.equal("LS-ANNOTATION-005", expected=[], got=read(api, empty.json())["result"], exchange=empty)
    show.equal("LS-ANNOTATION-006", expected=me, got=empty.json().get("completed_by"), exchange=empty)

    for lead_time in (0.125, 3, 86400.5):
        made = annotate(api, task, choice("Positive"), lead_time=lead_time)
        show.equal("LS-ANNOTATION-011", expected=lead_time, got=read(api, made)["lead_time"])

    after = api.call("tasks.get", id=task["id"])
    show.equal(
        "LS-ANNOTATION-025",
        expected=[[], [], False],
        got=[task.get("drafts"), after.json().get("drafts"), after.json().get("draft_exists")],
        exchange=after,
    )


@pytest.mark.requirement("LS-ANNOTATION-038")
@pytest.mark.parametrize("way", ["created", "imported"])
def test_a_task_that_must_not_be_skipped(api: Wire, show: Show, project: dict[str, Any], way: str) -> None:
    body = {"data": {"text": "a"}, "allow_skip": False}
    if way == "created":
        task = api.call("tasks.create", json={**body, "project": project["id"]}).json()
    else:
        (task,) = import_tasks(api, project["id"], [body])
    skipped = api.call("annotations.create", id=task["id"], json={"result": [], "was_cancelled": True}, expect=None)
    rejected(show, "LS-ANNOTATION-038", skipped, about=way)


@pytest.mark.requirement("LS-ANNOTATION-007", "LS-ANNOTATION-008", "LS-ANNOTATION-013")
def test_a_skipped_annotation_counts_as_skipped(api: Wire, show: Show, task: dict[str, Any]) -> None:
    skipped = annotate(api, task, was_cancelled=True)
    got = [read(api, skipped)["was_cancelled"], *counted(api, task)]
    show.equal("LS-ANNOTATION-007", expected=[True, 0, 1], got=got)

    listed = api.call("annotations.list", id=task["id"])
    show.equal("LS-ANNOTATION-013", expected=[skipped["id"]], got=[a["id"] for a in listed.json()], exchange=listed)

    back = api.call("annotations.update", id=skipped["id"], json={"was_cancelled": False})
    got = [read(api, skipped)["was_cancelled"], *counted(api, task)]
    show.equal("LS-ANNOTATION-008", expected=[False, 1, 0], got=got, exchange=back)


@pytest.mark.requirement("LS-ANNOTATION-009", "LS-ANNOTATION-010")
def test_ground_truth_is_set_and_taken_back(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    first, second = annotate(api, task, choice("Positive")), annotate(api, task, choice("Negative"))
    seen = []
    for wanted in (True, False):
        changed = api.call("annotations.update", id=first["id"], json={"ground_truth": wanted})
        total = api.call("projects.get", id=project["id"]).json()["ground_truth_number"]
        seen.append((read(api, first)["ground_truth"], total))
    show.equal("LS-ANNOTATION-009", expected=[(True, 1), (False, 0)], got=seen, exchange=changed)

    for annotation in (first, second):
        changed = api.call("annotations.update", id=annotation["id"], json={"ground_truth": True})
    flags = [read(api, annotation)["ground_truth"] for annotation in (first, second)]
    show.equal("LS-ANNOTATION-010", expected=[False, True], got=flags, exchange=changed)


@pytest.mark.requirement("LS-ANNOTATION-012", "LS-ANNOTATION-021", "LS-ANNOTATION-023", "LS-ANNOTATION-024")
def test_a_task_has_any_number_of_annotations(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    task, other = imported(project, [{"data": {"text": "much discussed"}}, {"data": {"text": "the other"}}])
    annotate(api, other, choice("Positive"))
    made, counts = [], []
    for label in ("Positive", "Negative", "Positive"):
        made.append(annotate(api, task, choice(label)))
        counts.append(counted(api, task)[0])
    listed = api.call("annotations.list", id=task["id"])
    got = {a["id"]: a["result"] for a in listed.json()}
    show.equal("LS-ANNOTATION-021", expected={a["id"]: a["result"] for a in made}, got=got, exchange=listed)
    show.equal("LS-ANNOTATION-012", expected=sorted(a["id"] for a in made), got=sorted(a["id"] for a in listed.json()))

    for annotation in made[:2]:
        deleted = api.call("annotations.delete", id=annotation["id"])
        counts.append(counted(api, task)[0])
    show.equal("LS-ANNOTATION-023", expected=[1, 2, 3, 2, 1], got=counts, exchange=deleted)

    again = api.call("annotations.delete", id=made[0]["id"], expect=None)
    show.equal("LS-ANNOTATION-024", expected=[404, 1], got=[told_gone(again), counted(api, task)[0]], exchange=again)


@pytest.mark.requirement("LS-ANNOTATION-018", "LS-ANNOTATION-019")
@pytest.mark.parametrize(
    ("name", "value"),
    [("result", [choice("Negative")]), ("lead_time", 77.5), ("ground_truth", True), ("was_cancelled", True)],
)
def test_an_update_changes_what_it_names(api: Wire, show: Show, task: dict[str, Any], name: str, value: object) -> None:
    before = read(api, annotate(api, task, choice("Positive"), lead_time=1.5))
    changed = api.call("annotations.update", id=before["id"], json={name: value})
    after = read(api, before)
    expected = {**{key: before[key] for key in FIELDS}, name: value}
    show.equal("LS-ANNOTATION-018", expected=expected, got={k: after[k] for k in FIELDS}, exchange=changed)
    show(
        "LS-ANNOTATION-019",
        after["created_at"] == before["created_at"] and after["updated_at"] > before["updated_at"],
        expected="the same created_at, a later updated_at",
        got={k: (before[k], after[k]) for k in ("created_at", "updated_at")},
        # where the update itself tells a later time, it is the reader that does not
        exchange=api.history[-1] if changed.json()["updated_at"] > after["updated_at"] else changed,
    )


@pytest.mark.requirement("LS-ANNOTATION-020")
@pytest.mark.parametrize(("name", "value"), [("id", NOBODY), ("created_at", "2001-01-01T00:00:00Z")])
def test_what_the_server_decides_is_not_updated(
    api: Wire, show: Show, task: dict[str, Any], name: str, value: object
) -> None:
    made = annotate(api, task, choice("Positive"))
    changed = api.call("annotations.update", id=made["id"], json={name: value}, expect=(200, 400))
    show.equal("LS-ANNOTATION-020", expected=made[name], got=read(api, made)[name], exchange=changed, signature=name)


@pytest.mark.requirement("LS-ANNOTATION-014", "LS-ANNOTATION-015")
@pytest.mark.parametrize("result", ["Positive", {"choices": ["Positive"]}, 5], ids=["text", "object", "number"])
def test_a_result_that_is_no_list_is_refused(api: Wire, show: Show, task: dict[str, Any], result: object) -> None:
    show.status(
        "LS-ANNOTATION-014",
        api.call("annotations.create", id=task["id"], json={"result": result}, expect=None),
        *SENSELESS,
    )
    made = annotate(api, task, choice("Positive"))
    answer = api.call("annotations.update", id=made["id"], json={"result": result, "lead_time": 99}, expect=None)
    show.status("LS-ANNOTATION-014", answer, *SENSELESS)
    after = read(api, made)
    show.equal(
        "LS-ANNOTATION-015",
        expected=[made["result"], made["lead_time"]],
        got=[after["result"], after["lead_time"]],
        exchange=answer,
    )


@pytest.mark.requirement("LS-ANNOTATION-029")
@pytest.mark.parametrize(("name", "value"), [("lead_time", "long"), ("was_cancelled", "perhaps"), ("ground_truth", 7)])
def test_a_field_of_the_wrong_type_is_refused(
    api: Wire, show: Show, task: dict[str, Any], name: str, value: object
) -> None:
    answer = api.call("annotations.create", id=task["id"], json={"result": [], name: value}, expect=None)
    show.status("LS-ANNOTATION-029", answer, *SENSELESS)


@pytest.mark.requirement("LS-ANNOTATION-030")
def test_nobody_can_not_annotate(api: Wire, show: Show, task: dict[str, Any]) -> None:
    answer = api.call("annotations.create", id=task["id"], json={"result": [], "completed_by": NOBODY}, expect=None)
    show.status("LS-ANNOTATION-030", answer, *SENSELESS)


@pytest.mark.requirement("LS-ANNOTATION-016", "LS-ANNOTATION-017")
def test_what_is_not_there_answers_404(api: Wire, show: Show, task: dict[str, Any]) -> None:
    made = annotate(api, task, choice("Positive"))
    api.call("tasks.delete", id=task["id"])
    show.status(
        "LS-ANNOTATION-016", api.call("annotations.create", id=task["id"], json={"result": []}, expect=None), *GONE
    )
    for operation in ("annotations.get", "annotations.update", "annotations.delete"):
        body = {"lead_time": 1} if operation == "annotations.update" else None
        show.status("LS-ANNOTATION-017", api.call(operation, id=made["id"], json=body, expect=None), *GONE)


@pytest.mark.requirement("LS-ANNOTATION-022")
def test_an_annotation_remembers_where_it_came_from(api: Wire, show: Show, task: dict[str, Any]) -> None:
    guess = predict(api, task, choice("Positive"))
    from_guess = annotate(api, task, choice("Positive"), parent_prediction=guess["id"])
    copied = annotate(api, task, choice("Positive"), parent_annotation=from_guess["id"])
    show.equal(
        "LS-ANNOTATION-022",
        expected=[guess["id"], from_guess["id"]],
        got=[read(api, from_guess)["parent_prediction"], read(api, copied)["parent_annotation"]],
    )


@pytest.mark.requirement("LS-ANNOTATION-026")
def test_annotations_are_made_in_bulk(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    tasks = [task["id"] for task in imported(project, [{"data": {"text": str(n)}} for n in range(3)])]
    body = {"tasks": tasks, "project": project["id"], "result": [choice("Positive")]}
    made = api.call("annotations.create_bulk", json=body)
    counts = [counted(api, {"id": task})[0] for task in tasks]
    show.equal("LS-ANNOTATION-026", expected=[1, 1, 1], got=counts, exchange=made)


@pytest.mark.requirement("LS-ANNOTATION-027")
def test_annotations_are_deleted_in_bulk(api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]) -> None:
    made = [annotate(api, task, choice("Positive"))["id"] for _ in range(2)]
    before = counted(api, task)[0]
    deleted = api.call("annotations.delete_bulk", json={"ids": made, "project": project["id"]})
    show.equal("LS-ANNOTATION-027", expected=[2, 0], got=[before, counted(api, task)[0]], exchange=deleted)
