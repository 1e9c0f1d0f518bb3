"""Workspaces, their members and their projects."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.enterprise.areas.selecting import chosen, everybody, fits, numbers
from tests.enterprise.facade.refusals import Refusal, not_found
from tests.enterprise.state.kernel import Resource, page
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.views import place
from tests.enterprise.state.views import project as project_view

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item


def _shows(call: Call, item: Item) -> dict[str, Any]:
    creator = call.model.people.user(item.values["created_by"])
    member = any(call.store.of("workspace_member", workspace=item.id, user=call.caller.id))
    return {
        "projects_count": sum(1 for _ in call.store.of("workspace_project", workspace=item.id)),
        "created_by_user": creator["email"],
        "membership": "member" if member else "",
    }


Resource(kind="workspace", operations="workspaces", shows=_shows).serve()


def _members(call: Call) -> list[Item]:
    return list(call.store.of("workspace_member", workspace=call.path["id"]))


def _join(call: Call, user: int) -> bool:
    """Make somebody a member; False where they were one."""
    workspace = call.path["id"]
    if any(call.store.of("workspace_member", workspace=workspace, user=user)):
        return False
    values = {"workspace": workspace, "user": user}
    call.store.add("workspace_member", values, ("workspace", workspace), ("user", user))
    return True


@serves("workspaces.members.list")
def members(call: Call) -> Any:
    """Who is in it."""
    return [{"user": m.values["user"], "workspace": m.values["workspace"]} for m in _members(call)]


@serves("workspaces.members.paginated.list")
def members_by_page(call: Call) -> Any:
    """Who is in it, by page."""
    wanted = set(numbers(call.query.get("ids")))
    found = [m.values["user"] for m in _members(call)]
    return page(call, [u for u in found if (not wanted or u in wanted) and fits(call, u)])


@serves("workspaces.members.create")
def add_member(call: Call) -> Any:
    """Put somebody in; who is in stays in."""
    _join(call, call.body["user"])
    return {"user": call.body["user"], "workspace": call.path["id"]}


@serves("workspaces.members.delete")
def remove_member(call: Call) -> Any:
    """Take somebody out."""
    found = [m for m in _members(call) if m.values["user"] == call.query.get("user_id")]
    if not found and "user_id" in call.query:
        raise not_found("workspace member")
    for member in found:
        call.store.remove(member)
    return Answer(204)


@serves("workspaces.members.bulk.post")
def add_members(call: Call) -> Any:
    """Put many in; those who were in are not counted."""
    return {"assignments": sum(_join(call, user) for user in chosen(call, call.body, everybody(call)))}


@serves("workspaces.members.bulk.delete")
def remove_members(call: Call) -> Any:
    """Take many out."""
    found = _members(call)
    users = set(chosen(call, call.query, [m.values["user"] for m in found]))
    leaving = [m for m in found if m.values["user"] in users]
    for member in leaving:
        call.store.remove(member)
    return {"unassignments": len(leaving)}


@serves("workspaces.projects.list")
def projects(call: Call) -> Any:
    """The projects in it, as the real server shows them."""
    found = [p.values["project"] for p in call.store.of("workspace_project", workspace=call.path["id"])]
    shown = []
    for number in found:
        if call.sees_project(number):
            with suppress(Refusal):  # somebody deleted it meanwhile
                shown.append({**project_view(call.model, number), **call.ask("GET", f"/api/projects/{number}/")})
    return shown


@serves("workspaces.projects.add")
def add_project(call: Call) -> Any:
    """Put a project in, and so out of the workspace that it was in."""
    place(call.model, call.body["project"], call.path["id"])
    return Answer(201)


@serves("workspaces.projects.remove")
def remove_project(call: Call) -> Any:
    """Take a project out."""
    number = call.query.get("project")
    if number is not None:
        found = next(call.store.of("workspace_project", workspace=call.path["id"], project=number), None)
        if found is None:
            raise not_found("project")
        call.store.remove(found)
    return Answer(204)
