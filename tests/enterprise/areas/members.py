"""People in a project: members, roles, assignees, pauses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.enterprise.areas import there
from tests.enterprise.areas.selecting import chosen, everybody, fits, numbers
from tests.enterprise.facade.callers import BELOW_MANAGER
from tests.enterprise.facade.refusals import Refusal, not_found
from tests.enterprise.state.kernel import Resource, listed, ordered, page
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item


def _give_role(call: Call, project: int, user: int, role: str) -> Item:
    """Give somebody a role in a project, instead of the one that they had."""
    item = next(call.store.of("role", project=project, user=user), None)
    if item is None:
        return call.store.add(
            "role", {"project": project, "user": user, "role": role}, ("project", project), ("user", user)
        )
    item.values["role"] = role
    return item


@serves("projects.roles.add")
def add_role(call: Call) -> Any:
    """A role in a project, that makes its owner a member."""
    return _give_role(call, call.body["project"], call.body["user"], call.body["role"]).values


@serves("projects.roles.list")
def roles(call: Call) -> Any:
    """The roles in all projects, or in one of those asked for: whoever manages none is told their own."""
    wanted = {} if "ids" not in call.query else {"project": call.query["ids"]}
    wanted |= {"user": call.caller.id} if call.caller.role in BELOW_MANAGER else {}
    found = [i.values for i in call.store.of("role", **wanted) if there(call, "project", i.values["project"])]
    return listed(call, found)


@serves("projects.roles.get")
def project_roles(call: Call) -> Any:
    """The roles in one project."""
    return [item.values for item in call.store.of("role", project=call.path["id"])]


@serves("projects.roles.remove")
def remove_role(call: Call) -> Any:
    """Take a role away."""
    call.store.remove(call.item("role", call.path["id"]))
    return Answer(204)


def _join(call: Call, user: int) -> bool:
    project = call.path["id"]
    if any(call.store.of("project_member", project=project, user=user)):
        return False
    values = {"project": project, "user": user}
    call.store.add("project_member", values, ("project", project), ("user", user))
    return True


def _leave(call: Call, user: int) -> bool:
    found = list(call.store.of("project_member", project=call.path["id"], user=user))
    for item in [*found, *call.store.of("role", project=call.path["id"], user=user)]:
        call.store.remove(item)
    return bool(found)


@serves("projects.members.add")
def add_member(call: Call) -> Any:
    """Make somebody a member."""
    _join(call, call.body["user"])
    return {"user": call.body["user"]}


@serves("projects.members.remove")
def remove_member(call: Call) -> Any:
    """A member no longer."""
    if "user" in call.query and not _leave(call, call.query["user"]):
        raise not_found("project member")
    return Answer(204)


@serves("projects.members.bulk.post")
def add_members(call: Call) -> Any:
    """Make many members, with the roles that are given them."""
    found = [user for user in chosen(call, call.body, everybody(call)) if _join(call, user)]
    for given in call.body.get("roles", ()):
        _give_role(call, call.path["id"], given["user_id"], given["role"])
    return {"assignments": len(found)}


@serves("projects.members.bulk.delete")
def remove_members(call: Call) -> Any:
    """Members no longer."""
    members = [item.values["user"] for item in call.store.of("project_member", project=call.path["id"])]
    return {"unassignments": sum(_leave(call, user) for user in chosen(call, call.query, members))}


@serves("projects.members.paginated.list")
def members(call: Call) -> Any:
    """Who is in it, by page."""
    project = call.path["id"]
    wanted = set(numbers(call.query.get("ids")))
    direct = {item.values["user"] for item in call.store.of("project_member", project=project)}
    above = [u for u in everybody(call) if call.model.callers.person(u).role in {"OW", "AD"}]
    users = list(dict.fromkeys([*call.model.people.project_members(project), *above]))
    if "implicit" in call.query:
        users = [u for u in users if (u not in direct) is call.query["implicit"]]
    roles_of = {u: _role(call, project, u) for u in users}
    users = [u for u in users if (not wanted or u in wanted) and fits(call, u, roles_of[u])]
    if call.query.get("no_annotators"):
        users = [u for u in users if roles_of[u] != "AN"]
    found = [{**member(call, project, u), "implicit_member": u not in direct} for u in users]
    return page(call, ordered(found, call.query.get("ordering", "")))


def _role(call: Call, project: int, user: int) -> str:
    """The role in a project: the one given there, or else that in the organisation."""
    given = next(call.store.of("role", project=project, user=user), None)
    return str(given.values["role"]) if given else call.model.callers.person(user).role


def member(call: Call, project: int, user: int) -> dict[str, Any]:
    """A user as a member of a project."""
    tags = [call.item("member_tag", i.values["tag"]).values for i in call.store.of("tag_assignment", user=user)]
    shown = call.model.people.user(user)
    return {
        **shown,
        "project_role": _role(call, project, user),
        "tags": tags,
        "user_type": "",
    }


def _assign(call: Call, task: int, user: int, kind: str) -> Item:
    known = next(call.store.of("assignment", task=task, assignee=user, type=kind), None)
    if known is not None:
        return known
    values = {"task": task, "assignee": user, "type": kind, "created_at": now(), "state": "CREATED"}
    return call.store.add("assignment", values, ("task", task), ("user", user))


@serves("projects.assignments.list")
def assignees(call: Call) -> Any:
    """Who is to annotate or review a task."""
    return [item.values for item in call.store.of("assignment", task=call.path["task_pk"])]


@serves("projects.assignments.assign")
def assign(call: Call) -> Any:
    """Somebody is to do a task besides those who were; shows the last."""
    return _last(call, [_assign(call, call.path["task_pk"], u, call.body["type"]) for u in call.body.get("users", ())])


@serves("projects.assignments.update")
def assign_instead(call: Call) -> Any:
    """Somebody is to do a task instead of those who were."""
    task, kind, users = call.path["task_pk"], call.body.get("type"), call.body.get("users", [])
    for item in list(call.store.of("assignment", task=task, type=kind)):
        if item.values["assignee"] not in users:
            call.store.remove(item)
    return _last(call, [_assign(call, task, user, str(kind)) for user in users])


def _last(call: Call, made: list[Item]) -> dict[str, Any]:
    """An assignment to show; of nobody, one that says so."""
    if made:
        return made[-1].values
    return {"task": call.path["task_pk"], "assignee": 0, "type": call.body.get("type", "AN"), "id": 0}


@serves("projects.assignments.delete")
def unassign(call: Call) -> Any:
    """Nobody, or some no longer."""
    fields = {"type": call.query["type"]} if "type" in call.query else {}
    users = numbers(call.query.get("users"))
    for item in list(call.store.of("assignment", task=call.path["task_pk"], **fields)):
        if "users" not in call.query or item.values["assignee"] in users:
            call.store.remove(item)
    return Answer(204)


def _filtered(call: Call) -> list[int]:
    """The tasks of the project that meet the filters, as the real server sees that."""
    filters = call.body.get("filters")
    if not filters or not filters.get("items"):
        return [row["id"] for row in call.community.all("task", project_id=call.path["id"])]
    query = quote(json.dumps({"filters": filters}))
    try:
        shown = call.ask("GET", f"/api/tasks/?project={call.path['id']}&page_size=10000&query={query}")
    except (Refusal, RuntimeError):  # a filter that makes no sense, or that the real server breaks on, meets nothing
        return []
    return [task["id"] for task in shown["tasks"]]


@serves("projects.assignments.bulk_assign")
def assign_many(call: Call) -> Any:
    """People for many tasks."""
    if not call.body:
        return {"assignments": 0, "async": False}
    selected = call.body.get("selectedItems", {})
    tasks = _filtered(call)
    if selected.get("all"):
        tasks = [t for t in tasks if t not in selected.get("excluded", ())]
    else:
        tasks = [t for t in tasks if t in selected.get("included", ())]
    made = [_assign(call, task, user, call.body["type"]) for task in tasks for user in call.body["users"]]
    return {"assignments": len(made), "async": False}


def _start_pause(call: Call, _values: dict[str, Any]) -> dict[str, Any]:
    return {"paused_by": call.caller.id, "deleted_at": None, "deleted_by": None}


def _end_pause(call: Call, item: Item) -> None:
    ended = {**item.values, "deleted_at": now(), "deleted_by": call.caller.id}
    call.store.add("ended_pause", ended, *item.parents, identity=item.id).values = ended


PAUSES = Resource(
    kind="pause",
    operations="projects.pauses",
    slots={"project": "project_pk", "user": "user_pk"},
    parents={"project": "project", "user": "user"},
    starts=_start_pause,
    removing=_end_pause,
)


@serves("projects.pauses.list")
def pauses(call: Call) -> Any:
    """The pauses of a member; those that ended where that is asked for."""
    place = {"project": call.path["project_pk"], "user": call.path["user_pk"]}
    found = [PAUSES.shown(call, item) for item in call.store.of("pause", **place)]
    if call.query.get("include_deleted"):
        found += [item.values for item in call.store.of("ended_pause", **place)]
    return listed(call, found)


PAUSES.serve()
