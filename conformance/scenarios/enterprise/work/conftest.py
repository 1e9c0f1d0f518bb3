"""A piece of work: tasks that two annotators have annotated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import annotate_as

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported
    from conformance.scenarios.enterprise.people import Staff
    from conformance.wire import Exchange, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Two tasks of a project; the first has two annotations, the second one.

    Attributes:
        annotations: by the first annotator and the second of the first task, then by the first of the second task.
    """

    api: Wire
    project: int
    tasks: list[dict[str, Any]]
    annotations: list[dict[str, Any]]
    reviewer: str

    def review(self, annotation: dict[str, Any], *, expect: Any = "success", **body: Any) -> Exchange:
        """Review an annotation, as the reviewer."""
        told = {"annotation": annotation["id"], **body}
        return self.api.call("annotation_reviews.create", json=told, role=self.reviewer, expect=expect)

    def comment(self, annotation: dict[str, Any], text: str, *, role: str = "default", **body: Any) -> Exchange:
        """Comment on an annotation."""
        told = {"annotation": annotation["id"], "text": text, **body}
        return self.api.call("comments.create", json=told, role=role)

    def task(self, place: int = 0) -> Exchange:
        """Return what a task tells."""
        return self.api.call("tasks.get", id=self.tasks[place]["id"])

    def history(self, annotation: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """The history of an annotation."""
        asked = {"annotation": annotation["id"], "ordering": "id", **query}
        items: list[dict[str, Any]] = self.api.call("annotation_history.list", query=asked).json()
        return items


@pytest.fixture
def work(api: Wire, staffed: dict[str, Any], imported: Imported, staff: Staff) -> Work:
    """Two tasks of a project of its own, annotated by two people."""
    tasks = imported(staffed, [{"data": {"text": text}} for text in ("Zażółć gęślą", "jaźń")])
    annotations = [
        annotate_as(api, staff.annotator, tasks[0], "Positive", lead_time=7.5),
        annotate_as(api, staff.second, tasks[0], "Negative", lead_time=12.25),
        annotate_as(api, staff.annotator, tasks[1], "Negative", lead_time=3.5),
    ]
    return Work(api=api, project=staffed["id"], tasks=tasks, annotations=annotations, reviewer=staff.reviewer.role)
