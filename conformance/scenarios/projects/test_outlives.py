"""A project goes on when the person who created it is deleted: nothing that others do there depends on that person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import full_member
from conformance.scenarios.data.configs import TEXT_CHOICES, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.peers import Peers
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.mark.requirement("LS-PROJECT-054")
def test_a_project_works_on_without_its_creator(
    api: Wire, show: Show, new_name: Callable[[str], str], peers: Peers
) -> None:
    gone = full_member(api)
    described = {"title": new_name("creator"), "label_config": TEXT_CHOICES}
    project = api.call("projects.create", json=described, role=gone.role).json()["id"]
    model, second = peers.ml.model(), peers.ml.model()
    backend = api.call("ml.create", json={"project": project, "url": model.url}).json()["id"]
    made = api.call("tasks.create", json={"project": project, "data": {"text": "a"}}).json()["id"]
    annotation = api.call("annotations.create", id=made, json={"result": [choice("Positive")]}).json()["id"]
    api.call("users.delete", id=gone.id)
    api.ledger.remove("user", gone.id)
    selected = {"selectedItems": {"all": False, "included": [made]}}
    asked: dict[str, dict[str, Any]] = {
        "projects.get": {"id": project},
        "projects.list": {"query": {"ids": str(project)}},
        "projects.update": {"id": project, "json": {"description": "goes on"}},
        "projects.validate_label_config": {"id": project, "json": {"label_config": TEXT_CHOICES}},
        "tasks.list": {"query": {"project": project, "fields": "all"}},
        "tasks.get": {"id": made},
        "tasks.create": {"json": {"project": project, "data": {"text": "b"}}},
        "projects.import_tasks": {"id": project, "json": [{"data": {"text": "c"}, "annotations": [{"result": []}]}]},
        "annotations.create": {"id": made, "json": {"result": []}},
        "annotations.update": {"id": annotation, "json": {"result": []}},
        "predictions.create": {"json": {"task": made, "result": []}},
        "views.create": {"json": {"project": project, "data": {"title": "goes on"}}},
        "actions.create": {"query": {"id": "retrieve_tasks_predictions", "project": project}, "json": selected},
        "ml.list": {"query": {"project": project}},
        "ml.get": {"id": backend},
        "ml.train": {"id": backend},
        "ml.create": {"json": {"project": project, "url": second.url}},
        "annotations.delete": {"id": annotation},
        "tasks.delete": {"id": made},
    }
    for operation, arguments in asked.items():
        # unchecked: to accept what a schema says of such a project would hide the same of all others
        with api.unchecked():
            answer = api.call(operation, **arguments, expect=None)
        show(
            "LS-PROJECT-054",
            answer.succeeded,
            expected="a 2xx, as before",
            got=answer.brief(),
            exchange=answer,
            signature=operation,
        )
