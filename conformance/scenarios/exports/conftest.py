"""What scenarios about exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from conformance.scenarios.steps import bring_in, import_tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.scenarios.conftest import NewProject
    from conformance.wire import Wire


class Labelled(Protocol):
    """``labelled(config, tasks)``: a project with the tasks and all that comes with them; returns its id."""

    def __call__(self, label_config: str, tasks: Sequence[dict[str, Any]], **fields: object) -> int:
        """Make it, and import the tasks in one request."""


@pytest.fixture
def labelled(api: Wire, new_project: NewProject) -> Labelled:
    """Makes projects with annotated tasks."""

    def make(label_config: str, tasks: Sequence[dict[str, Any]], **fields: object) -> int:
        project: int = new_project(label_config=label_config, **fields)["id"]
        bring_in(api, project, json=list(tasks))
        return project

    return make


def import_annotated(api: Wire, project: int, tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Import tasks with all that comes with them; returns them as they are listed."""
    return import_tasks(api, project, tasks)
