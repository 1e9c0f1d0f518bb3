"""Drafts last: through what others do with the task, and through an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.drafts.making import ask, drafts_of, make_draft
from conformance.scenarios.steps import act, annotate, bring_in, exported_tasks, import_tasks, list_tasks, predict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

DRAWN = choice("Positive", region_id="d1")


@pytest.fixture
def tasks(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    """Two tasks with the same data; the second one has a draft, and is predicted."""
    made = import_tasks(api, project["id"], [{"text": "a"}, {"text": "a"}])
    make_draft(api, made[1]["id"], DRAWN)
    predict(api, made[1], DRAWN)
    return made


@pytest.mark.requirement("LS-DRAFT-010")
def test_a_draft_outlasts_what_others_do(
    api: Wire, show: Show, project: dict[str, Any], tasks: list[dict[str, Any]], member: Account
) -> None:
    ways: dict[str, Callable[[], Exchange]] = {
        "annotated by somebody else": lambda: api.call(
            "annotations.create", id=tasks[1]["id"], json={"result": []}, role=member.role
        ),
        "meta changed": lambda: api.call("tasks.update", id=tasks[1]["id"], json={"meta": {"changed": 1}}),
        "predictions_to_annotations": lambda: act(api, "predictions_to_annotations", project["id"]),
        "delete_tasks_predictions": lambda: act(api, "delete_tasks_predictions", project["id"]),
    }
    for way, do in ways.items():
        done = do()
        left = drafts_of(api.call("tasks.get", id=tasks[1]["id"]))
        show.equal("LS-DRAFT-010", expected=[[DRAWN]], got=left, exchange=done, signature=way)


@pytest.mark.requirement("LS-DRAFT-011")
def test_a_draft_is_no_annotation(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], member: Account
) -> None:
    annotate(api, task, choice("Negative"))
    make_draft(api, task["id"], DRAWN, role=member.role)
    done = act(api, "delete_tasks_annotations", project["id"])
    left = drafts_of(api.call("tasks.get", id=task["id"], role=member.role))
    show.equal("LS-DRAFT-011", expected=[[DRAWN]], got=left, exchange=done)


@pytest.mark.requirement("LS-IMPORT-156")
def test_an_export_brings_drafts_back(
    api: Wire, show: Show, project: dict[str, Any], tasks: list[dict[str, Any]], new_project: NewProject
) -> None:
    annotate(api, tasks[1], DRAWN)
    exported = [{**task, "predictions": []} for task in exported_tasks(api, project["id"], everything=True)]
    elsewhere = new_project()["id"]
    made = bring_in(api, elsewhere, json=exported, expect=None)
    got = [draft["result"] for task in list_tasks(api, elsewhere) for draft in task["drafts"]]
    sent = [draft["result"] for task in exported for draft in task["drafts"]]
    show(
        "LS-IMPORT-156",
        made.rejected or got == sent,
        expected=f"{len(sent)} drafts, or a 4xx",
        got=f"{made.brief()}, {len(got)} drafts",
        exchange=made,
    )


@pytest.mark.requirement("LS-PROJECT-067")
def test_a_label_that_no_draft_uses_any_more_may_go(api: Wire, show: Show, new_project: NewProject) -> None:
    def changed(draft: int, _: dict[str, Any]) -> Exchange:
        return ask(api, "PATCH", f"/api/drafts/{draft}/", {"result": [choice("Negative")]})

    def deleted(draft: int, _: dict[str, Any]) -> Exchange:
        return ask(api, "DELETE", f"/api/drafts/{draft}/")

    def submitted(draft: int, task: dict[str, Any]) -> Exchange:
        body = {"result": [choice("Negative")], "draft_id": draft}
        return api.call("annotations.create", id=task["id"], json=body)

    def without_its_task(_: int, task: dict[str, Any]) -> Exchange:
        return api.call("tasks.delete", id=task["id"])

    ways = {"changed": changed, "deleted": deleted, "made an annotation": submitted, "its task": without_its_task}
    config = {"label_config": TEXT_CHOICES.replace('<Choice value="Positive"/>', "")}
    for way, do in ways.items():
        project = new_project()["id"]
        task, other = import_tasks(api, project, [{"text": "a"}, {"text": "b"}])
        annotate(api, other, choice("Negative"))  # a project without annotations and drafts is not looked at
        do(make_draft(api, task["id"], DRAWN), task)
        told = api.call("projects.validate_label_config", id=project, json=config, expect=None)
        show("LS-PROJECT-067", told.ok, expected="a 2xx", got=told.brief(), exchange=told, signature=way)
