"""Who is assigned to which task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.enterprise.steps import NOBODY, REFUSED, annotate_as, named

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

ANNOTATE, REVIEW = "AN", "RE"


class Assigning:
    """The assignments of one project's tasks."""

    def __init__(self, api: Wire, project: int, tasks: list[dict[str, Any]]) -> None:
        self._api = api
        self.project = project
        self.tasks = tasks

    def call(self, method: str, task: int = 0, *, expect: Any = "success", **how: Any) -> Exchange:
        """Call an operation about one of the tasks, by its place."""
        path: dict[str, Any] = {"id": self.project, "task_pk": self.tasks[task]["id"]}
        return self._api.call(f"projects.assignments.{method}", **path, expect=expect, **how)

    def assign(
        self, kind: str, *users: int, task: int = 0, method: str = "assign", expect: Any = "success"
    ) -> Exchange:
        """Assign people to one of the tasks."""
        return self.call(method, task, json={"type": kind, "users": list(users)}, expect=expect)

    def bulk(self, kind: str, users: list[int], selected: dict[str, Any], **more: Any) -> Exchange:
        """Assign people to many tasks."""
        body = {"type": kind, "users": users, "selectedItems": selected, **more}
        return self._api.call("projects.assignments.bulk_assign", id=self.project, json=body)

    def of(self, task: int = 0) -> list[list[object]]:
        """Return who is assigned to one of the tasks, and for what."""
        told = self.call("list", task).json()
        return sorted([one["type"], one["assignee"]] for one in told)

    def all(self) -> list[list[list[object]]]:
        """The same of all tasks."""
        return [self.of(place) for place in range(len(self.tasks))]


@pytest.fixture
def assigning(api: Wire, staffed: dict[str, Any], imported: Imported) -> Assigning:
    """A project with three tasks, and nobody assigned."""
    tasks = imported(staffed, [{"data": {"text": text}} for text in ("one", "two", "three")])
    return Assigning(api, staffed["id"], tasks)


def pairs(kind: str, *users: int) -> list[list[object]]:
    """Return what a task tells of these assignees."""
    return sorted([kind, user] for user in users)


@pytest.mark.requirement("LS-ASSIGN-001", "LS-ASSIGN-008", "LS-ASSIGN-016", "LS-ASSIGN-018")
def test_somebody_is_assigned_to_one_task(show: Show, assigning: Assigning, staff: Staff) -> None:
    assigning.assign(REVIEW, staff.reviewer.id, task=1)
    made = assigning.assign(ANNOTATE, staff.annotator.id)
    beside = [pairs(REVIEW, staff.reviewer.id), []]
    show.equal("LS-ASSIGN-001", expected=pairs(ANNOTATE, staff.annotator.id), got=assigning.of(), exchange=made)
    show.equal("LS-ASSIGN-008", expected=beside, got=assigning.all()[1:], exchange=made)
    again = assigning.assign(ANNOTATE, staff.annotator.id, expect=None)
    show.equal("LS-ASSIGN-016", expected=pairs(ANNOTATE, staff.annotator.id), got=assigning.of(), exchange=again)
    more = assigning.assign(ANNOTATE, staff.second.id)
    both = pairs(ANNOTATE, staff.annotator.id, staff.second.id)
    show.equal("LS-ASSIGN-018", expected=both, got=assigning.of(), exchange=more)


@pytest.mark.requirement("LS-ASSIGN-002", "LS-ASSIGN-003", "LS-ASSIGN-004")
def test_both_types_are_kept_apart(show: Show, assigning: Assigning, staff: Staff) -> None:
    annotators, reviewers = (staff.annotator.id, staff.second.id), (staff.reviewer.id, staff.manager.id)
    made = assigning.assign(ANNOTATE, *annotators)
    show.equal("LS-ASSIGN-002", expected=pairs(ANNOTATE, *annotators), got=assigning.of(), exchange=made)
    assigning.assign(REVIEW, *reviewers)
    both = sorted([*pairs(ANNOTATE, *annotators), *pairs(REVIEW, *reviewers)])
    show.equal("LS-ASSIGN-003", expected=both, got=assigning.of(), signature="assigned")
    changed = assigning.assign(REVIEW, staff.manager.id, method="update")
    told = assigning.of()
    replaced = [one for one in told if one[0] == REVIEW]
    show.equal("LS-ASSIGN-004", expected=pairs(REVIEW, staff.manager.id), got=replaced, exchange=changed)
    kept = [one for one in told if one[0] == ANNOTATE]
    show.equal("LS-ASSIGN-003", expected=pairs(ANNOTATE, *annotators), got=kept, exchange=changed, signature="replaced")


def each(**ways: str) -> pytest.MarkDecorator:
    """Ask in several ways, each of which shows a requirement of its own."""
    asked = [
        pytest.param(way.replace("_", " "), marks=pytest.mark.requirement(shown), id=way.replace("_", " "))
        for way, shown in ways.items()
    ]
    return pytest.mark.parametrize("way", asked)


@each(named="LS-ASSIGN-005", one_type="LS-ASSIGN-006", all="LS-ASSIGN-007")
def test_people_are_taken_off(show: Show, assigning: Assigning, staff: Staff, way: str) -> None:
    for task in (0, 1):
        assigning.assign(ANNOTATE, staff.annotator.id, staff.second.id, task=task)
        assigning.assign(REVIEW, staff.reviewer.id, task=task)
    whole = assigning.of(1)
    query, requirement, left = {
        "named": (
            {"type": ANNOTATE, "users": named([staff.annotator.id])},
            "LS-ASSIGN-005",
            sorted([*pairs(ANNOTATE, staff.second.id), *pairs(REVIEW, staff.reviewer.id)]),
        ),
        "one type": ({"type": ANNOTATE}, "LS-ASSIGN-006", pairs(REVIEW, staff.reviewer.id)),
        "all": ({}, "LS-ASSIGN-007", []),
    }[way]
    gone = assigning.call("delete", query=query)
    show.equal(requirement, expected=[left, whole], got=[assigning.of(0), assigning.of(1)], exchange=gone)


@pytest.mark.requirement("LS-ASSIGN-009", "LS-ASSIGN-012")
def test_the_tasks_that_are_included_are_assigned(show: Show, assigning: Assigning, staff: Staff) -> None:
    users = [staff.annotator.id, staff.second.id]
    selected = {"all": False, "included": [assigning.tasks[0]["id"], assigning.tasks[2]["id"]]}
    made = assigning.bulk(ANNOTATE, users, selected)
    both = pairs(ANNOTATE, *users)
    show.equal("LS-ASSIGN-009", expected=[both, [], both], got=assigning.all(), exchange=made)
    show.equal("LS-ASSIGN-012", expected=4, got=made.json()["assignments"], exchange=made)


@pytest.mark.requirement("LS-ASSIGN-010", "LS-ASSIGN-011")
def test_all_tasks_but_some_are_assigned(show: Show, assigning: Assigning, staff: Staff) -> None:
    made = assigning.bulk(REVIEW, [staff.reviewer.id], {"all": True, "excluded": [assigning.tasks[1]["id"]]})
    reviewed = pairs(REVIEW, staff.reviewer.id)
    show.equal("LS-ASSIGN-010", expected=[reviewed, [], reviewed], got=assigning.all(), exchange=made)
    item = {
        "filter": "filter:tasks:id",
        "operator": "greater",
        "type": "Number",
        "value": assigning.tasks[1]["id"],
    }
    filters = {"conjunction": "and", "items": [item]}
    some = assigning.bulk(ANNOTATE, [staff.annotator.id], {"all": True, "excluded": []}, filters=filters)
    got = [[one for one in task if one[0] == ANNOTATE] for task in assigning.all()]
    show.equal("LS-ASSIGN-011", expected=[[], [], pairs(ANNOTATE, staff.annotator.id)], got=got, exchange=some)


@each(nobody="LS-ASSIGN-013", no_such_type="LS-ASSIGN-014")
def test_what_does_not_exist_is_refused(show: Show, assigning: Assigning, staff: Staff, way: str) -> None:
    if way == "nobody":
        requirement, answer = "LS-ASSIGN-013", assigning.assign(ANNOTATE, NOBODY, expect=None)
        show.status(requirement, answer, *REFUSED)
    else:
        requirement, answer = "LS-ASSIGN-014", assigning.assign("XX", staff.annotator.id, expect=None)
        show.status(requirement, answer, *SENSELESS)
    show.equal(requirement, expected=[], got=assigning.of(), exchange=answer, signature="assigned")


@pytest.mark.requirement("LS-ASSIGN-015")
def test_a_task_is_not_assigned_by_another_project(
    api: Wire, show: Show, assigning: Assigning, new_project: NewProject, staff: Staff
) -> None:
    body = {"type": ANNOTATE, "users": [staff.annotator.id]}
    path: dict[str, Any] = {"id": new_project()["id"], "task_pk": assigning.tasks[0]["id"]}
    answer = api.call("projects.assignments.assign", **path, json=body, expect=None)
    show.status("LS-ASSIGN-015", answer, 404)
    show.equal("LS-ASSIGN-015", expected=[], got=assigning.of(), exchange=answer, signature="assigned")


@pytest.mark.requirement("LS-ASSIGN-017")
def test_work_outlives_the_assignment(api: Wire, show: Show, assigning: Assigning, staff: Staff) -> None:
    assigning.assign(ANNOTATE, staff.annotator.id)
    made = annotate_as(api, staff.annotator, assigning.tasks[0], "Negative")
    gone = assigning.call("delete", query={"type": ANNOTATE, "users": named([staff.annotator.id])})
    left = api.call("annotations.get", id=made["id"], expect=None)
    got = left.json()["result"] if left.ok else left.brief()
    show.equal("LS-ASSIGN-017", expected=made["result"], got=got, exchange=gone)
