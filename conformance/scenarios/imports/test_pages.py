"""Tasks for a config that reads a list of pictures (valueList): its field is asked for as any other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import import_tasks, list_tasks, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

PAGES = """<View>
  <Image name="pages" valueList="$pages"/>
  <Choices name="label" toName="pages"><Choice value="Positive"/><Choice value="Negative"/></Choices>
</View>"""
RIGHT: dict[str, Any] = {"pages": ["/static/a.png", "/static/b.png"]}
WITHOUT: dict[str, Any] = {"page": "/static/a.png"}
WAYS = ("an import in a body", "an import of a file", "tasks.create", "tasks.update")


def bring(api: Wire, project: dict[str, Any], way: str, data: dict[str, Any]) -> Exchange:
    """Make a task with the data, or give them to one."""
    if way == "tasks.create":
        return api.call(way, json={"project": project["id"], "data": data}, expect=None)
    if way == "tasks.update":
        task = import_tasks(api, project["id"], [{"data": RIGHT}])[0]["id"]
        return api.call(way, id=task, json={"data": data}, expect=None)
    if way == "an import of a file":
        return upload(api, project, ("tasks.json", json.dumps([{"data": data}]).encode()), expect=None)
    return api.call("projects.import_tasks", id=project["id"], json=[{"data": data}], expect=None)


@pytest.mark.requirement("LS-IMPORT-169")
@pytest.mark.parametrize("way", WAYS)
def test_a_task_without_its_pictures_is_refused(api: Wire, show: Show, new_project: NewProject, way: str) -> None:
    project = new_project(label_config=PAGES)
    usual = bring(api, project, way, RIGHT)
    if not usual.ok:
        show.not_measured(f"a task with its pictures is refused, too: {usual.brief()}")
    answer = bring(api, project, way, WITHOUT)
    there = [task["data"] for task in list_tasks(api, project["id"]) if task["data"] == WITHOUT]
    show(
        "LS-IMPORT-169",
        answer.rejected and not there,
        expected="a 4xx, and no such task",
        got=f"{answer.brief()}, and {len(there)} such tasks",
        exchange=answer,
        signature=way,
    )
