"""The organisation: its settings, members, tags, permissions and invitations."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from tests.enterprise.areas.selecting import chosen, everybody, fits, numbers
from tests.enterprise.facade.refusals import forbidden, invalid, not_found
from tests.enterprise.state.kernel import Resource, listed, ordered, page
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.shapes import now
from tests.enterprise.state.views import organization as organization_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# what the real server keeps of an organisation; not its token, without which nobody could join any more
KEPT_THERE = ("title", "contact_info")


@serves("organizations.update")
def update(call: Call) -> Any:
    """Change the settings of an organisation."""
    there = {k: v for k, v in call.body.items() if k in KEPT_THERE}
    shown = call.ask("PATCH", f"/api/organizations/{call.path['id']}", there)
    call.model.set("organization", call.path["id"]).update({k: v for k, v in call.body.items() if k not in KEPT_THERE})
    return {**shown, **organization_view(call.model, call.path["id"])}


@serves("organizations.update_default_role")
def update_default_role(call: Call) -> Any:
    """The role of those who join from now on; members keep theirs."""
    number = call.path["id"]
    for user in everybody(call):
        call.model.callers.person(user)
    if "default_role" in call.body:
        call.model.roles.default[number] = call.body["default_role"]
    call.model.set("default_role", number).update(call.body)
    return {
        **call.model.settings_of("default_role", number),
        "organization": number,
        "default_role": call.model.roles.default.get(number, "AD"),
    }


@serves("organizations.members.list")
def members(call: Call) -> Any:
    """Who is in it."""
    rows = [row for row in call.model.people.members(call.organization) if fits(call, row["user_id"])]
    without: set[int] = set()
    if "exclude_project_id" in call.query:
        without |= set(call.model.people.project_members(call.query["exclude_project_id"]))
    if "exclude_workspace_id" in call.query:
        place = call.query["exclude_workspace_id"]
        without |= {i.values["user"] for i in call.store.of("workspace_member", workspace=place)}
    found = [_member(call, row) for row in rows if row["user_id"] not in without]
    return page(call, ordered(found, call.query.get("ordering", "")))


def _member(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    user = row["user_id"]
    titles = {p["id"]: p["title"] for p in call.community.all("project", organization_id=call.organization)}
    created = [p["id"] for p in call.community.all("project", created_by_id=user)]
    contributed = sorted(
        {a["project_id"] for a in call.community.all("annotation", completed_by_id=user)} & set(titles)
    )
    detailed = bool(call.query.get("contributed_to_projects"))
    shown = {
        "created_projects": [{"id": p, "title": titles.get(p, "")} for p in created] if detailed else None,
        "contributed_to_projects": [{"id": p, "title": titles[p]} for p in contributed] if detailed else None,
    }
    return {
        "id": row["id"],
        "organization": row["organization_id"],
        "role": call.model.callers.person(user).role,
        "user": {**call.model.people.user(user), **shown},
        "tags": tags_of(call, user),
        **shown,
    }


def tags_of(call: Call, user: int) -> list[dict[str, Any]]:
    """The tags of a member."""
    return [call.item("member_tag", i.values["tag"]).values for i in call.store.of("tag_assignment", user=user)]


@serves("organizations.members.update")
def update_member(call: Call) -> Any:
    """Give a member another role."""
    user = call.body.get("user_id") or call.caller.id
    row = next((r for r in call.model.people.members(call.organization) if r["user_id"] == user), None)
    if row is None:
        raise invalid("user_id", "No such member.")
    if "role" in call.body:
        if call.body["role"] == "OW":
            raise forbidden()
        call.model.roles.given[call.organization, user] = call.body["role"]
    return _member(call, row)


def _check_tag(call: Call, item: Item | None, sent: dict[str, Any]) -> None:
    others = [t for t in call.store.of("member_tag", label=sent.get("label")) if item is None or t.id != item.id]
    if others:
        raise invalid("label", "There is such a tag already.")


def _count(call: Call, item: Item) -> dict[str, Any]:
    return {"member_count": sum(1 for _ in call.store.of("tag_assignment", tag=item.id))}


TAGS = Resource(
    kind="member_tag",
    operations="organizations.member_tags",
    slots={"organization": "id"},
    parents={"organization": "organization"},
    checks=_check_tag,
    shows=_count,
    searched=("label",),
)
TAGS.serve()


def _make_tags(call: Call, labels: Iterable[str]) -> list[Item]:
    """Tags with these labels; those that are there are not made again."""
    made = []
    for label in dict.fromkeys(labels):
        if not any(call.store.of("member_tag", label=label)):
            values = {"label": label, "organization": call.path["id"], "created_by": call.caller.id}
            values |= {"created_at": now(), "updated_at": now()}
            made.append(call.store.add("member_tag", values, ("organization", call.path["id"])))
    return made


@serves("organizations.member_tags.bulk.post")
def add_tags(call: Call) -> Any:
    """Add many."""
    return {"created": len(_make_tags(call, call.body["labels"]))}


@serves("organizations.member_tags.bulk.delete")
def remove_tags(call: Call) -> Any:
    """Remove many."""
    found = [t for number in numbers(call.query.get("ids")) if (t := call.store.get("member_tag", number))]
    for item in found:
        call.store.remove(item)
    return {"deleted": len(found)}


@serves("organizations.member_tags.assign")
def assign_tags(call: Call) -> Any:
    """Put tags on members, instead of those that they have where that is asked for."""
    assigned = 0
    for user in chosen(call, call.body, everybody(call)):
        if call.body.get("overwrite"):
            for item in list(call.store.of("tag_assignment", user=user)):
                call.store.remove(item)
        assigned += sum(_tag(call, user, tag) for tag in call.body.get("tags", ()))
    return {"assigned": assigned}


def _tag(call: Call, user: int, tag: int) -> bool:
    if any(call.store.of("tag_assignment", user=user, tag=tag)):
        return False
    call.store.add("tag_assignment", {"user": user, "tag": tag}, ("user", user), ("member_tag", tag))
    return True


@serves("organizations.member_tags.import")
def import_tags(call: Call) -> Any:
    """Tags of a CSV file: a line names a member by e-mail, and tags."""
    labels = [label.strip() for label in str(call.body.get("bulk_tags", "")).split(",") if label.strip()]
    made, assigned, skipped = _make_tags(call, labels), 0, []
    people = {call.model.people.user(user)["email"]: user for user in everybody(call)}
    for line in csv.DictReader(io.StringIO(str(call.body.get("file", "")))):
        user = people.get(str(line.get("email", "")))
        if user is None:
            skipped.append(str(line.get("email", "")))
            continue
        own = [t.strip() for t in str(line.get("tags") or "").split(",") if t.strip()]
        made += _make_tags(call, own)
        found = [t.id for label in [*labels, *own] for t in call.store.of("member_tag", label=label)]
        assigned += sum(_tag(call, user, int(tag)) for tag in found)
    values: dict[str, Any] = {
        "status": "completed",
        "created_at": now(),
        "finished_at": now(),
        "users_skipped": skipped,
    }
    values |= {"tags_created": len(made), "assignments_created": assigned}
    item = call.store.add("tag_import", values, ("organization", call.path["id"]))
    return {"import": item.id}


@serves("organizations.member_tags.get_import")
def tag_import(call: Call) -> Any:
    """How far an import is: done, since they are done at once."""
    return call.item("tag_import", call.path["import_pk"]).values


# permission → whom it is given by default, of those whom it can be given
OPTIONS = {
    "projects.create": ("MA",),
    "projects.delete": ("MA",),
    "projects.change": ("MA",),
    "tasks.delete": ("MA",),
    "annotations.delete": ("MA", "RE"),
    "storages.change": ("MA",),
    "models.create": ("MA",),
}
CAN_BE_GIVEN = ("MA", "RE", "AN")


def _option(permission: str) -> dict[str, Any]:
    return {
        "permission": permission,
        "default": ["OW", "AD", *OPTIONS.get(permission, ())],
        "options": list(CAN_BE_GIVEN),
        "group": permission.partition(".")[0],
        "label": permission.replace(".", " ").capitalize(),
        "tooltip": "",
    }


@serves("organizations.permissions.get_options")
def options(_call: Call) -> Any:
    """What can be given to other roles than by default."""
    return [_option(permission) for permission in OPTIONS]


def _override(call: Call) -> Item:
    return call.item("permission", call.path["permission"])


def _shown(item: Item) -> dict[str, Any]:
    return {**_option(str(item.id)), **item.values, "id": item.values["number"]}


@serves("organizations.permissions.list")
def overrides(call: Call) -> Any:
    """What is given to other roles than by default."""
    return listed(
        call, [_shown(item) for item in call.store.of("permission", organization=call.organization)], filtered=False
    )


@serves("organizations.permissions.create")
def add_override(call: Call) -> Any:
    """Give a permission to other roles; once more, and others have it."""
    return _shown(_put(call, call.body["permission"], call.body))


def _put(call: Call, permission: str, sent: dict[str, Any]) -> Item:
    if permission not in OPTIONS:
        raise invalid("permission", "There is no such permission to give.")
    known = call.store.get("permission", permission)
    if known is not None:
        known.values |= sent
        return known
    organization = call.organization
    number = call.store.add("permission_number", {}).id
    values = {"roles": [], **sent, "permission": permission, "organization": organization, "number": number}
    return call.store.add("permission", values, ("organization", organization), identity=permission)


@serves("organizations.permissions.get")
def override(call: Call) -> Any:
    """To whom one is given."""
    return _shown(_override(call))


@serves("organizations.permissions.update", "organizations.permissions.replace")
def change_override(call: Call) -> Any:
    """Give it to others; under another name it is another one's."""
    item = _override(call)
    name = call.body.get("permission", item.id)
    if name != item.id:
        call.store.remove(item)
        item = _put(call, name, {k: v for k, v in item.values.items() if k not in {"id", "number"}})
    item.values |= call.body
    return _shown(item)


@serves("organizations.permissions.delete")
def remove_override(call: Call) -> Any:
    """As by default again."""
    call.store.remove(_override(call))
    return Answer(204)


@serves("organizations.invites.send_email")
def invite(call: Call) -> Any:
    """Remember who was invited: no mail leaves the stand-in."""
    wrong = [email for email in call.body["emails"] if not ADDRESS.fullmatch(email)]
    if wrong:
        raise invalid("emails", "Enter a valid email address.")
    for email in call.body["emails"]:
        for known in list(call.store.of("invite", email=email)):
            call.store.remove(known)
        call.store.add("invite", {**call.body, "email": email, "invited_by": call.caller.id, "invited_at": now()})
    return Answer(200)


@serves("organizations.invites.revoke_invite")
def revoke(call: Call) -> Any:
    """Nobody is invited by this address any more."""
    found = next(call.store.of("invite", email=call.body["email"]), None)
    if found is None:
        raise not_found("invite")
    call.store.remove(found)
    return Answer(200)
