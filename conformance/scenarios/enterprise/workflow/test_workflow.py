"""Workspace, project from a template, members, tasks, assignments, annotations, reviews, figures, export, log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.enterprise.administration.pages import page_of
from conformance.scenarios.enterprise.quality.conftest import near
from conformance.scenarios.enterprise.steps import annotate_as, choice, ids, members_page, table
from conformance.scenarios.steps import exported_tasks, import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.conftest import NewWorkspace
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

P, N = "Positive", "Negative"
SETTLED = "counters settled"
WHY: Final = "It says “never again”: that is negative."
AGREEMENT: Final = 1.0
"""Both annotators say the same of both tasks, once the one annotation is corrected."""


class Flow:
    """The work as it goes on; each step does and shows one thing."""

    def __init__(self, api: Wire, show: Show, eventually: Eventually, staff: Staff) -> None:
        self.api = api
        self.show = show
        self.eventually = eventually
        self.staff = staff
        self.project = 0
        self.tasks: list[dict[str, Any]] = []
        self.made: list[dict[str, Any]] = []

    def begin(self, source: dict[str, Any], workspace: dict[str, Any], title: str) -> None:
        """Make a template, and the project from it."""
        template = self.api.call("project_templates.create", json={"name": title, "project_id": source["id"]}).json()
        body = {"title": title, "workspace_id": workspace["id"], "description": "Letters of 2026"}
        made = self.api.call("project_templates.create_project_from_template", id=template["id"], json=body)
        self.project = made.json()["id"]
        inside = ids(self.api.call("workspaces.projects.list", id=workspace["id"]).json())
        config = self.api.call("projects.get", id=self.project).json()["label_config"]
        got = [inside, config.split()]
        self.show.equal("LS-FLOW-001", expected=[[self.project], TEXT_CHOICES.split()], got=got, exchange=made)

    def bring_people(self) -> None:
        """Put the staff into the project; the second annotator reviews there as well."""
        staff = self.staff
        included = [staff.manager.id, staff.reviewer.id, staff.annotator.id, staff.second.id]
        roles = [{"user_id": staff.reviewer.id, "role": "RE"}, {"user_id": staff.annotator.id, "role": "AN"}]
        body = {"all": False, "included": included, "roles": roles}
        done = self.api.call("projects.members.bulk.post", id=self.project, json=body)
        told = {m["id"]: m["project_role"] for m in members_page(self.api, self.project).json()["results"]}
        got = [set(included) <= set(told), told.get(staff.reviewer.id), told.get(staff.annotator.id)]
        self.show.equal("LS-FLOW-002", expected=[True, "RE", "AN"], got=got, exchange=done)

    def bring_tasks(self) -> None:
        """Import two tasks, and assign everybody."""
        staff = self.staff
        self.api.call("projects.update", id=self.project, json={"is_published": True})
        self.tasks = import_tasks(self.api, self.project, [{"data": {"text": t}} for t in ("Never again", "Gladly")])
        included = ids(self.tasks)
        for kind, users in (("AN", [staff.annotator.id, staff.second.id]), ("RE", [staff.reviewer.id])):
            body = {"type": kind, "users": users, "selectedItems": {"all": False, "included": included}}
            self.api.call("projects.assignments.bulk_assign", id=self.project, json=body)
        expected = sorted([["AN", staff.annotator.id], ["AN", staff.second.id], ["RE", staff.reviewer.id]])
        got = []
        for task in included:
            told = self.api.call("projects.assignments.list", id=self.project, task_pk=task).json()
            got.append(sorted([one["type"], one["assignee"]] for one in told))
        self.show.equal("LS-FLOW-003", expected=[expected, expected], got=got)

    def annotate(self) -> None:
        """Annotate both tasks as both annotators; the first is wrong about the first task."""
        staff = self.staff
        plan = ((staff.annotator, 0, P), (staff.second, 0, N), (staff.annotator, 1, P), (staff.second, 1, P))
        self.made = [annotate_as(self.api, who, self.tasks[n], label, lead_time=5.5) for who, n, label in plan]
        expected = [[who.id, [choice(label)]] for who, _, label in plan]
        kept = [one for task in self.tasks for one in self.api.call("annotations.list", id=task["id"]).json()]
        by_id = {one["id"]: [one["completed_by"], one["result"]] for one in kept}
        self.show.equal("LS-FLOW-004", expected=expected, got=[by_id.get(one["id"]) for one in self.made])

    def review(self, annotation: dict[str, Any], *, accepted: bool) -> Exchange:
        """Review an annotation."""
        body = {"annotation": annotation["id"], "accepted": accepted}
        return self.api.call("annotation_reviews.create", json=body, role=self.staff.reviewer.role)

    def reject_and_correct(self) -> None:
        """Reject the wrong one with a comment, correct it, accept all, and resolve the comment."""
        wrong, reviewer = self.made[0], self.staff.reviewer.role
        comment = self.api.call("comments.create", json={"annotation": wrong["id"], "text": WHY}, role=reviewer).json()
        self.review(wrong, accepted=False)
        task = self.api.call("tasks.get", id=self.tasks[0]["id"])
        got = [task.json()["reviews_rejected"], task.json()["unresolved_comment_count"]]
        self.show.equal("LS-FLOW-005", expected=[1, 1], got=got, exchange=task)
        body = {"result": [choice(N)]}
        self.api.call("annotations.update", id=wrong["id"], json=body, role=self.staff.annotator.role)
        for annotation in self.made:
            self.review(annotation, accepted=True)
        now = self.api.call("annotations.get", id=wrong["id"])
        got = [now.json()["result"], now.json()["completed_by"]]
        self.show.equal("LS-FLOW-006", expected=[[choice(N)], self.staff.annotator.id], got=got, exchange=now)
        self.api.call("comments.update", id=comment["id"], json={"is_resolved": True}, role=reviewer)
        told = [[t["reviewed"], t["unresolved_comment_count"]] for t in list_tasks(self.api, self.project)]
        self.show.equal("LS-FLOW-007", expected=[[True, 0], [True, 0]], got=told)

    def measure(self) -> None:
        """Ask for agreement and labels."""
        agreed = self.eventually(
            lambda: self.api.call("projects.stats.total_agreement", id=self.project),
            until=lambda seen: bool(seen.content) and near(seen.json()["total_agreement"], AGREEMENT),
            budget=SETTLED,
        )
        value = agreed.json()["total_agreement"] if agreed.content else None
        self.show("LS-FLOW-008", near(value, AGREEMENT), expected=AGREEMENT, got=value, exchange=agreed)
        counted = self.eventually(self.labels, until=lambda seen: seen == {P: 2, N: 2}, budget=SETTLED)
        self.show.equal("LS-FLOW-009", expected={P: 2, N: 2}, got=counted)

    def labels(self) -> dict[str, int]:
        """Return how often each label was given."""
        told = self.api.call("projects.stats.label_distribution_counts", id=self.project).json()["results"]
        return {row["choice"]: row["from_annotations_count"] for row in told}

    def export(self) -> None:
        """Export annotations and comments."""
        found = {one["id"]: one for task in exported_tasks(self.api, self.project) for one in task["annotations"]}
        expected = [[choice(label)] for label in (N, N, P, P)]
        got = [found[one["id"]]["result"] if one["id"] in found else None for one in self.made]
        self.show.equal("LS-FLOW-010", expected=expected, got=got)
        reviews = [len(found.get(one["id"], {}).get("reviews") or []) for one in self.made]
        self.show.equal("LS-FLOW-011", expected=[2, 1, 1, 1], got=reviews)
        exported = self.api.call("comments.export", query={"projects": self.project})
        ours = [row for row in table(exported) if WHY in row]
        authors = [
            any(self.staff.reviewer.email in cell or cell == str(self.staff.reviewer.id) for cell in row)
            for row in ours
        ]
        self.show.equal("LS-FLOW-012", expected=[True], got=authors, exchange=exported)

    def look_back(self) -> None:
        """Ask history and log."""
        query = {"annotation": self.made[0]["id"], "ordering": "id"}
        steps = [item["action"] for item in self.api.call("annotation_history.list", query=query).json()]
        self.show.equal("LS-FLOW-013", expected=["submitted", "rejected", "updated", "accepted"], got=steps)
        deeds = {
            "members put in": (f"/api/projects/{self.project}/members/bulk", "POST", None),
            "annotated": (f"/api/tasks/{self.tasks[0]['id']}/annotations", "POST", self.staff.annotator.id),
            "corrected": (f"/api/annotations/{self.made[0]['id']}", "PATCH", self.staff.annotator.id),
            "reviewed": ("/api/annotation-reviews", "POST", self.staff.reviewer.id),
        }
        missing = self.eventually(lambda: self.not_logged(deeds), until=lambda seen: not seen, budget=SETTLED)
        self.show.equal("LS-FLOW-014", expected=[], got=missing)

    def not_logged(self, deeds: dict[str, tuple[str, str, int | None]]) -> list[str]:
        """Return which of the deeds the log does not have."""
        missing = []
        for name, (part, method, user) in deeds.items():
            query = {"search": part, "method": method, "user": user, "page": 1, "page_size": 100}
            told = page_of(self.api.call("activity_logs.list", query=query))["data"]
            if not any(part in one["request_url"] and user in (None, one["user_id"]) for one in told):
                missing.append(name)
        return missing


@pytest.mark.requirement(*(f"LS-FLOW-0{n:02}" for n in range(1, 15)))
def test_letters_are_annotated_and_reviewed(
    api: Wire,
    show: Show,
    eventually: Eventually,
    staff: Staff,
    new_project: NewProject,
    new_workspace: NewWorkspace,
    new_name: Callable[[str], str],
) -> None:
    flow = Flow(api, show, eventually, staff)
    flow.begin(new_project(), new_workspace(), new_name("letters"))
    flow.bring_people()
    flow.bring_tasks()
    flow.annotate()
    flow.reject_and_correct()
    flow.measure()
    flow.export()
    flow.look_back()
