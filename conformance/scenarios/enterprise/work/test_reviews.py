"""Reviews of annotations, and what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import NOBODY, REFUSED, choice, mentions
from conformance.scenarios.steps import list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.enterprise.people import Staff
    from conformance.scenarios.enterprise.work.conftest import Work
    from conformance.showing import Show
    from conformance.wire import Wire

pytestmark = pytest.mark.destructive

TOLD = ("reviewed", "reviews_accepted", "reviews_rejected")


def told(task: dict[str, Any]) -> list[object]:
    """Return what a task tells of its reviews."""
    return [task[name] for name in TOLD]


def settings(work: Work, **review: object) -> None:
    """Set how a project is reviewed."""
    work.api.call("projects.update", id=work.project, json={"review_settings": review})


@pytest.mark.requirement("LS-REVIEW-001", "LS-REVIEW-003", "LS-REVIEW-004", "LS-REVIEW-005", "LS-REVIEW-012")
def test_an_annotation_is_accepted(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    beside = told(work.task(0).json())
    made = work.review(work.annotations[2], accepted=True)
    task = work.task(1)
    show.equal("LS-REVIEW-001", expected=[True, 1, 0], got=told(task.json()), exchange=task)
    named = [mentions(task.json()["reviewers"], staff.reviewer.id), task.json()["reviewers_count"]]
    show.equal("LS-REVIEW-003", expected=[True, 1], got=named, exchange=task)
    listed = {t["id"]: told(t) for t in list_tasks(api, work.project)}
    show.equal("LS-REVIEW-004", expected=[True, 1, 0], got=listed[work.tasks[1]["id"]])
    now = api.call("annotations.get", id=work.annotations[2]["id"])
    kept = ("result", "completed_by", "task")
    expected = [work.annotations[2][name] for name in kept]
    show.equal("LS-REVIEW-005", expected=expected, got=[now.json()[name] for name in kept], exchange=now)
    show.equal("LS-REVIEW-012", expected=beside, got=told(work.task(0).json()), exchange=made)


@pytest.mark.requirement("LS-REVIEW-002")
def test_an_annotation_is_rejected(show: Show, work: Work) -> None:
    work.review(work.annotations[2], accepted=False, comment="It is positive.")
    task = work.task(1)
    show.equal("LS-REVIEW-002", expected=[0, 1], got=told(task.json())[1:], exchange=task)


@pytest.mark.requirement("LS-REVIEW-006", "LS-REVIEW-007", "LS-REVIEW-011")
def test_an_annotation_is_fixed(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    fixed = [choice("Positive")]
    made = work.review(work.annotations[2], accepted=True, result=fixed)
    now = api.call("annotations.get", id=work.annotations[2]["id"])
    task = work.task(1)
    got = [now.json()["result"], told(task.json())[1:]]
    show.equal("LS-REVIEW-006", expected=[fixed, [1, 0]], got=got, exchange=now)
    read = api.call("annotation_reviews.get", id=made.json()["id"])
    show.equal(
        "LS-REVIEW-007", expected=[fixed, True], got=[read.json()["result"], read.json()["accepted"]], exchange=read
    )
    show.equal("LS-REVIEW-011", expected=staff.reviewer.id, got=read.json()["created_by"], exchange=read)


@pytest.mark.requirement("LS-REVIEW-008", "LS-REVIEW-009", "LS-REVIEW-010", "LS-REVIEW-020")
def test_reviews_are_listed(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    made = [work.review(annotation, accepted=True).json()["id"] for annotation in work.annotations]
    elsewhere, other = _reviewed_elsewhere(api, staff)

    def found(**query: object) -> list[int]:
        return [one["id"] for one in api.call("annotation_reviews.list", query=query).json()]

    show.equal("LS-REVIEW-008", expected=[made[1]], got=found(annotation=work.annotations[1]["id"]))
    here = found(annotation__task__project=work.project)
    show.equal("LS-REVIEW-009", expected=made, got=sorted(here), signature="others" if elsewhere in here else "")
    orders = [found(annotation__task__project=work.project, ordering=order) for order in ("id", "-id")]
    show.equal("LS-REVIEW-010", expected=[sorted(made), sorted(made, reverse=True)], got=orders)
    second = work.annotations[1]["id"]
    both = [found(annotation=second, annotation__task__project=project) for project in (work.project, other)]
    show.equal("LS-REVIEW-020", expected=[[made[1]], []], got=both)


def _reviewed_elsewhere(api: Wire, staff: Staff) -> tuple[int, int]:
    """A review in another project, and that project."""
    title = api.names.title("elsewhere")
    project = api.call("projects.create", json={"title": title}).json()["id"]
    api.call("projects.members.add", id=project, json={"user": staff.reviewer.id})
    task = api.call("tasks.create", json={"project": project, "data": {"text": "elsewhere"}}).json()["id"]
    annotation = api.call("annotations.create", id=task, json={"result": []}).json()["id"]
    body = {"annotation": annotation, "accepted": True}
    made: int = api.call("annotation_reviews.create", json=body).json()["id"]
    return made, project


@pytest.mark.requirement("LS-REVIEW-019")
@pytest.mark.parametrize(
    ("criteria", "requirement", "after_one"),
    [
        pytest.param("all", "LS-REVIEW-013", False, marks=pytest.mark.requirement("LS-REVIEW-013")),
        pytest.param("one", "LS-REVIEW-014", True, marks=pytest.mark.requirement("LS-REVIEW-014")),
    ],
)
def test_a_task_is_reviewed_when_its_project_says_so(
    api: Wire, show: Show, work: Work, criteria: str, requirement: str, *, after_one: bool
) -> None:
    settings(work, review_criteria=criteria, instruction="Read it twice.", anonymize_annotations=True)
    now = api.call("projects.get", id=work.project)
    set_ = now.json()["review_settings"]
    got_ = [set_[name] for name in ("review_criteria", "instruction", "anonymize_annotations")]
    show.equal("LS-REVIEW-019", expected=[criteria, "Read it twice.", True], got=got_, exchange=now)
    work.review(work.annotations[0], accepted=True)
    first = work.task().json()["reviewed"]
    work.review(work.annotations[1], accepted=True)
    task = work.task()
    show.equal(requirement, expected=[after_one, True], got=[first, task.json()["reviewed"]], exchange=task)


@pytest.mark.requirement("LS-REVIEW-015")
def test_nothing_is_no_review(show: Show, work: Work) -> None:
    answer = work.review({"id": NOBODY}, accepted=True, expect=None)
    show.status("LS-REVIEW-015", answer, *REFUSED)


@pytest.mark.requirement("LS-REVIEW-016")
def test_a_comment_comes_with_a_review(api: Wire, show: Show, work: Work) -> None:
    work.review(work.annotations[0], accepted=False, comment="Please look again.")
    listed = api.call("comments.list", query={"annotation": work.annotations[0]["id"]})
    got = [one["text"] for one in listed.json()]
    show.equal("LS-REVIEW-016", expected=["Please look again."], got=got, exchange=listed)


@pytest.mark.requirement("LS-REVIEW-017")
def test_a_deleted_review_counts_no_more(api: Wire, show: Show, work: Work) -> None:
    made = work.review(work.annotations[2], accepted=True).json()
    before = told(work.task(1).json())
    api.call("annotation_reviews.delete", id=made["id"])
    task = work.task(1)
    got = [before, told(task.json())]
    show.equal("LS-REVIEW-017", expected=[[True, 1, 0], [False, 0, 0]], got=got, exchange=task)


@pytest.mark.requirement("LS-REVIEW-018")
def test_a_rejection_needs_a_comment(show: Show, work: Work) -> None:
    settings(work, require_comment_on_reject=True)
    answer = work.review(work.annotations[2], accepted=False, expect=None)
    show.status("LS-REVIEW-018", answer, *REFUSED)
    show.equal(
        "LS-REVIEW-018", expected=[0, 0], got=told(work.task(1).json())[1:], exchange=answer, signature="rejected"
    )
