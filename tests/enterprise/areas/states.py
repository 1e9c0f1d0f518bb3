"""States of objects, and the jobs that work them, and agreement, out anew."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.enterprise.areas import there
from tests.enterprise.facade.refusals import invalid, not_found
from tests.enterprise.state.kernel import ordered, page
from tests.enterprise.state.model import serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item

LISTED = 10
ENTITIES = {
    "project": "project",
    "task": "task",
    "annotation": "annotation",
    "annotationreview": "review",
    "comment": "comment",
}
# transition → the state that it leads to
TRANSITIONS = {
    "project_published": "PUBLISHED",
    "project_created": "CREATED",
    "task_created": "CREATED",
    "task_completed": "COMPLETED",
    "annotation_submitted": "SUBMITTED",
}


def _entity(call: Call) -> tuple[str, int]:
    kind = ENTITIES.get(call.path["entity_name"])
    number = call.path["entity_id"]
    if kind is None or not there(call, kind, number):
        raise not_found(str(call.path["entity_name"]))
    return kind, number


@serves("states.execute_transition")
def transition(call: Call) -> Any:
    """Move an object to another state."""
    kind, number = _entity(call)
    name = call.body["transition_name"]
    if name not in TRANSITIONS:
        raise invalid("transition_name", "There is no such transition.")
    before = list(call.store.of("state", entity=kind, entity_id=number))
    user = call.model.people.user(call.caller.id)
    values = {
        "entity": kind,
        "entity_id": number,
        "uuid": str(uuid.uuid4()),
        "state": TRANSITIONS[name],
        "previous_state": before[-1].values["state"] if before else None,
        "transition_name": name,
        "triggered_by": {"id": user["id"], "email": user["email"]},
        "context_data": call.body.get("transition_data") or {},
        "created_at": now(),
        "reason": None,
    }
    item = call.store.add("state", values, (kind, number))
    return {"success": True, "new_state": values["state"], "state_record": _shown(item)}


def _shown(item: Item) -> dict[str, Any]:
    return {**item.values, "id": item.values["uuid"]}


@serves("states.state_history")
def state_history(call: Call) -> Any:
    """The states of an object, the latest first."""
    kind, number = _entity(call)
    query = call.query
    wanted = {k: query[k].lower() for k in ("state", "previous_state", "transition_name") if k in query}
    found = [_shown(i) for i in call.store.of("state", entity=kind, entity_id=number)][::-1]
    found = [v for v in found if all(str(v[k]).lower() == asked for k, asked in wanted.items())]
    if "triggered_by" in query:
        found = [v for v in found if v["triggered_by"]["id"] == query["triggered_by"]]
    found = [v for v in found if query.get("created_at_from", "") <= v["created_at"]]
    found = [v for v in found if not query.get("created_at_to") or v["created_at"] <= query["created_at_to"]]
    return page(call, ordered(found, query.get("ordering", "")))


def _begin(call: Call, kind: str, project: int) -> Item:
    """A job, that is done as it begins."""
    moment = now()
    user = call.model.people.user(call.caller.id)
    values = {
        "project_id": project,
        "organization_id": call.organization,
        "status": "COMPLETED",
        "created_at": moment,
        "started_at": moment,
        "completed_at": moment,
        "error_message": "",
        "rq_job_id": None,
        "triggered_by": {k: user[k] for k in ("id", "email", "first_name", "last_name")},
        "progress": {"total_projects": 1, "successful_projects": 1, "failed_projects": 0},
    }
    item = call.store.add(kind, values, ("project", project))
    item.values["job_id"] = item.id
    return item


def _projects(call: Call, given: dict[str, Any]) -> list[int]:
    project = given.get("project_id")
    if project is not None:
        if not there(call, "project", project):
            raise not_found("project")
        return [project]
    return [row["id"] for row in call.community.all("project", organization_id=call.organization)]


def _jobs(call: Call, kind: str) -> list[Item]:
    wanted = {k: call.query[k] for k in ("job_id", "project_id", "status") if k in call.query}
    return list(call.store.of(kind, **wanted))


def _job(call: Call, kind: str) -> dict[str, Any]:
    """The last job that fits; of the whole organisation, that all is done where nothing was begun."""
    found = _jobs(call, kind)
    if not found and not {"job_id", "project_id"} & set(call.query):
        return {"job_id": 0, "project_id": None, "status": "COMPLETED", "created_at": now(), "progress": {}}
    if not found:
        raise not_found("job")
    values = found[-1].values
    return {**values, "progress_data": values["progress"]}


def _cancel(call: Call, kind: str) -> dict[str, Any]:
    """What is done can't be stopped."""
    if not _jobs(call, kind) and {"job_id", "project_id"} & set(call.query):
        raise not_found("job")
    return {"cancelled_count": 0, "message": "No job is running."}


@serves("dimensions.trigger_backfill")
def begin_agreement(call: Call) -> Any:
    """Work agreement out anew."""
    body = call.body
    if sum(bool(body.get(k)) for k in ("project_id", "all_projects", "num_projects")) != 1:
        raise invalid("project_id", "Name a project, or a number of them, or all.")
    projects = _projects(call, body)
    if not body.get("project_id") and not body.get("all_projects"):
        projects = projects[: max(0, body["num_projects"])]
    jobs = [_begin(call, "agreement_job", number) for number in projects]
    return {
        "jobs": [{"job_id": j.id, "project_id": j.values["project_id"]} for j in jobs],
        "jobs_queued": len(jobs),
        "message": f"{len(jobs)} jobs",
        "organization_id": call.organization,
        "projects_remaining": 0,
        "projects_skipped": 0,
    }


@serves("dimensions.list_backfills")
def agreement_jobs(call: Call) -> Any:
    """Jobs, the latest first."""
    return [i.values for i in _jobs(call, "agreement_job")][::-1]


@serves("dimensions.get_backfill_status")
def agreement_job(call: Call) -> Any:
    """The last job that fits."""
    return _job(call, "agreement_job")


@serves("dimensions.cancel_backfill")
def cancel_agreement(call: Call) -> Any:
    """Stop jobs."""
    return _cancel(call, "agreement_job")


@serves("states.trigger_backfill")
def begin_states(call: Call) -> Any:
    """Work states out anew."""
    jobs = [_begin(call, "state_job", number) for number in _projects(call, call.query)]
    items = [{"job_id": j.id, "project_id": j.values["project_id"], "rq_job_id": None} for j in jobs]
    return {
        "jobs": items,
        "jobs_queued": len(jobs),
        "message": f"{len(jobs)} jobs",
        "organization_id": call.organization,
        "projects_skipped": 0,
    }


@serves("states.list_backfills")
def state_jobs(call: Call) -> Any:
    """Jobs, the latest first."""
    latest = _jobs(call, "state_job")[::-1][:LISTED]
    return {"jobs": [{**i.values, "progress_data": i.values["progress"]} for i in latest]}


@serves("states.get_backfill_status")
def state_job(call: Call) -> Any:
    """The last job that fits."""
    return _job(call, "state_job")


@serves("states.cancel_backfill")
def cancel_states(call: Call) -> Any:
    """Stop jobs."""
    return _cancel(call, "state_job")
