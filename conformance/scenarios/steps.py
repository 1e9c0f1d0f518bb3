"""Steps that many scenarios take; each goes through the wire and ends the test if the server will not go along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from conformance.budgets import Eventually
from conformance.contract.tables.budgets import load_budgets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.wire import Exchange, Wire

ALL: Final = 1000


def bring_in(api: Wire, project: int | str, **how: Any) -> Exchange:
    """Import, and wait until that is over: a server may answer first, and go on in the background."""
    made = api.call("projects.import_tasks", id=project, **how)
    told = (made.object() or {}) if made.ok else {}
    if "import" in told and "task_count" not in told:
        Eventually(api.recorder, load_budgets())(
            lambda: api.call("tasks.create_many_status", id=project, import_pk=told["import"]).json(),
            until=lambda seen: seen.get("status") in {"completed", "failed"},
            budget="import done",
        )
    return made


def import_tasks(api: Wire, project: int, tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Import by a JSON body; returns the project's newest tasks, in the order in which they were sent."""
    bring_in(api, project, json=list(tasks))
    return list_tasks(api, project)[-len(tasks) :]


def come_and_go(api: Wire, title: str) -> None:
    """Make a project with a task that is annotated and predicted, and delete it; whatever the server says to that.

    Servers run for long: whether another project was ever deleted must make no difference to anything.
    """
    config = '<View><Text name="text" value="$text"/></View>'
    made = api.call("projects.create", json={"title": title, "label_config": config}, expect=None)
    if not made.ok:
        return
    project = made.json()["id"]
    task = {"data": {"text": "a"}, "annotations": [{"result": []}], "predictions": [{"result": []}]}
    bring_in(api, project, json=[task], expect=None)
    api.call("projects.delete", id=project, expect=None)


def tasks_page(
    api: Wire, project: int, *, expect: str | None = "success", deed: str | None = None, **query: object
) -> Exchange:
    """One page of a project's tasks; a ``query`` that is no text is sent as JSON."""
    asked = {k: v if k != "query" or isinstance(v, str) else json.dumps(v) for k, v in query.items()}
    return api.call("tasks.list", query={"project": project, **asked}, expect=expect, deed=deed)


def list_tasks(api: Wire, project: int, **query: object) -> list[dict[str, Any]]:
    """A project's tasks (at most 1,000) by id, with all their fields unless told otherwise."""
    asked: dict[str, Any] = {"fields": "all", "page_size": ALL, **query}
    page = tasks_page(api, project, **asked).json()
    found: list[dict[str, Any]] = page["tasks"]
    return found if "query" in query else sorted(found, key=lambda task: task["id"])


def annotate(api: Wire, task: dict[str, Any], *regions: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Annotate a task; returns what the server says of the annotation."""
    made: dict[str, Any] = api.call(
        "annotations.create", id=task["id"], json={"result": list(regions), **fields}
    ).json()
    return made


def predict(api: Wire, task: dict[str, Any], *regions: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Add a prediction to a task; returns what the server says of it."""
    made: dict[str, Any] = api.call(
        "predictions.create", json={"task": task["id"], "result": list(regions), **fields}
    ).json()
    return made


def act(
    api: Wire,
    action: str,
    project: int,
    *tasks: int,
    expect: str | None = "success",
    deed: str | None = None,
    **more: object,
) -> Exchange:
    """Take an action of the data manager on some tasks of a project, or (where none is named) on all.

    Args:
        api: the wire.
        action: its id.
        project: whose tasks they are.
        tasks: their ids.
        expect: as of ``Wire.call``.
        deed: as of ``Wire.call``.
        more: for the body.
    """
    selected = {"all": False, "included": list(tasks)} if tasks else {"all": True, "excluded": []}
    query, body = {"id": action, "project": project}, {"selectedItems": selected, **more}
    return api.call("actions.create", query=query, json=body, expect=expect, deed=deed)


def export(
    api: Wire,
    project: int,
    format_name: str,
    *,
    everything: bool = False,
    expect: str | None = "success",
    deed: str | None = None,
) -> Exchange:
    """Export directly, in one request; of ``everything``, or (by default) of the annotated tasks."""
    return api.call(
        "projects.exports.download_sync",
        id=project,
        query={"export_type": format_name, "download_all_tasks": True if everything else None},
        expect=expect,
        deed=deed,
    )


def exported_tasks(api: Wire, project: int, *, everything: bool = False) -> list[dict[str, Any]]:
    """A direct export as JSON, read back, by task id."""
    return sorted(export(api, project, "JSON", everything=everything).json(), key=lambda task: task["id"])


def filters(*items: tuple[str, str, str, object], conjunction: str = "and") -> dict[str, Any]:
    """A data manager filter: each item is column (``data.text``), operator, type and value."""
    return {
        "conjunction": conjunction,
        "items": [
            {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
            for column, operator, kind, value in items
        ],
    }


def texts(tasks: Sequence[dict[str, Any]]) -> list[Any]:
    """The field ``text`` of each task's data."""
    return [task["data"].get("text") for task in tasks]


def upload(api: Wire, project: dict[str, Any], *files: tuple[str, bytes], **more: Any) -> Exchange:
    """Import files, each a name and its bytes."""
    return bring_in(
        api,
        project["id"],
        files=[(f"file{n}", (name, content, "application/octet-stream")) for n, (name, content) in enumerate(files)],
        **more,
    )


BROUGHT: Final = ("tasks.create", "tasks.update", "an import in a body", "an import of a file")
"""The ways in which a task gets what it holds."""


def bring(
    api: Wire,
    project: dict[str, Any],
    way: str,
    task: dict[str, Any],
    *,
    before: dict[str, Any],
    file: str = "tasks.json",
    deed: str | None = None,
) -> Exchange:
    """Make a task in one of the ways of ``BROUGHT``, or make one of another like ``before``; it may be refused."""
    if way == "tasks.update":
        made = import_tasks(api, project["id"], [before])[0]["id"]
        return api.call(way, id=made, json=task, expect=None, deed=deed)
    if way == "tasks.create":
        return api.call(way, json={**task, "project": project["id"]}, expect=None, deed=deed)
    if way == "an import of a file":
        return upload(api, project, (file, json.dumps([task]).encode()), expect=None, deed=deed)
    return bring_in(api, project["id"], json=[task], expect=None, deed=deed)


def data(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    """The data of all tasks of a project."""
    return [task["data"] for task in list_tasks(api, project["id"])]
