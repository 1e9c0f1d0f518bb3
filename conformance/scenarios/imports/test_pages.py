"""Tasks for a config that reads a list of pictures (valueList): its field is asked for as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import BROUGHT, bring, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

PAGES = """<View>
  <Image name="pages" valueList="$pages"/>
  <Choices name="label" toName="pages"><Choice value="Positive"/><Choice value="Negative"/></Choices>
</View>"""
RIGHT: dict[str, Any] = {"pages": ["/static/a.png", "/static/b.png"]}
WITHOUT: dict[str, Any] = {"page": "/static/a.png"}


@pytest.mark.requirement("LS-IMPORT-169")
@pytest.mark.parametrize("way", BROUGHT)
def test_a_task_without_its_pictures_is_refused(api: Wire, show: Show, new_project: NewProject, way: str) -> None:
    project = new_project(label_config=PAGES)
    usual = bring(api, project, way, {"data": RIGHT}, before={"data": RIGHT})
    if not usual.ok:
        show.not_measured(f"a task with its pictures is refused, too: {usual.brief()}")
    answer = bring(api, project, way, {"data": WITHOUT}, before={"data": RIGHT})
    there = [task["data"] for task in list_tasks(api, project["id"]) if task["data"] == WITHOUT]
    show(
        "LS-IMPORT-169",
        answer.rejected and not there,
        expected="a 4xx, and no such task",
        got=f"{answer.brief()}, and {len(there)} such tasks",
        exchange=answer,
        signature=way,
    )
