"""Community operations that the contract has and the real server has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.state.history import note
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call

# what is to be unique can't be the same of many
_OF_ANNOTATIONS = ("result", "was_cancelled", "ground_truth", "lead_time")


@serves("annotations.create_bulk")
def annotate_many(call: Call) -> Any:
    """The same annotation of many tasks."""
    body = call.body
    tasks = list(body.get("tasks") or ([body["task"]] if body.get("task") else []))
    selected = body.get("selected_items") or {}
    if selected.get("all") and body.get("project"):
        every = [row["id"] for row in call.community.all("task", project_id=body["project"])]
        tasks += [task for task in every if task not in selected.get("excluded", ())]
    tasks += selected.get("included", []) if not selected.get("all") else []
    sent = {name: body[name] for name in _OF_ANNOTATIONS if name in body}
    made = []
    for task in dict.fromkeys(tasks):
        shown = call.ask("POST", f"/api/tasks/{task}/annotations/", sent)
        row = call.community.row("annotation", shown["id"])
        if row is not None:
            note(call.model, row, "submitted", call.caller.id)
        made.append({"id": shown["id"]})
    return made


@serves("annotations.delete_bulk")
def remove_many(call: Call) -> Any:
    """Remove those of a project."""
    found = [n for n in call.body["ids"] if call.community.project_of("annotation", n) == call.body["project"]]
    for number in dict.fromkeys(found):
        call.ask("DELETE", f"/api/annotations/{number}/")
    return {"deleted_count": len(set(found))}


@serves("tasks.create_event")
def create_event(call: Call) -> Any:
    """Note what somebody did at a task."""
    task = call.path["id"]
    values = {
        **call.body,
        "task": task,
        "project": call.community.project_of("task", task),
        "actor": call.caller.id,
        "organization": call.organization,
        "created_at": now(),
    }
    return Answer(201, call.store.add("event", values, ("task", task)).values)
