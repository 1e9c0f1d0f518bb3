"""Several people in one project: who is named as author, and who sees whose work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# kind → the field that says whose it is, and what is changed of it (of a snapshot nothing can be)
AUTHORS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "projects": ("created_by", {"description": "changed by the other"}),
    "annotations": ("completed_by", {"result": [choice("Negative")]}),
    "projects.exports": ("created_by", None),
}


def author(answer: Exchange, field: str) -> object:
    """Whose it is said to be: by id, or as an object with one."""
    told = answer.json().get(field)
    return told.get("id") if isinstance(told, dict) else told


@pytest.mark.destructive
@pytest.mark.requirement("LS-MEMBER-010", "LS-MEMBER-011")
def test_work_is_whose_it_is(
    api: Wire, show: Show, task: dict[str, Any], member: Account, new_name: Callable[[str], str]
) -> None:
    """One person makes it and another one changes it, either way round."""
    owner = api.call("users.whoami").json()["id"]
    for maker, other, person in (("default", member.role, owner), (member.role, "default", member.id)):
        described = {"title": new_name("whose"), "label_config": TEXT_CHOICES}
        made = {
            "projects": api.call("projects.create", json=described, role=maker),
            "annotations": api.call(
                "annotations.create", id=task["id"], json={"result": [choice("Positive")]}, role=maker
            ),
            "projects.exports": api.call("projects.exports.create", id=task["project"], json={}, role=maker),
        }
        for kind, (field, change) in AUTHORS.items():
            show.equal(
                "LS-MEMBER-010", expected=person, got=author(made[kind], field), exchange=made[kind], signature=kind
            )
            identity = made[kind].json()["id"]
            if change is None:
                continue
            changed = api.call(f"{kind}.update", id=identity, json=change, role=other)
            read = api.call(f"{kind}.get", id=identity, role=other)
            got = [author(changed, field), author(read, field)]
            as_made = [author(made[kind], field)] * 2
            show.equal("LS-MEMBER-011", expected=as_made, got=got, exchange=changed, signature=kind)


@pytest.mark.destructive
@pytest.mark.requirement("LS-PROJECT-081")
def test_everybody_who_annotated_is_listed(api: Wire, show: Show, task: dict[str, Any], member: Account) -> None:
    own = annotate(api, task, choice("Positive"))
    body = {"result": [choice("Negative")]}
    theirs = api.call("annotations.create", id=task["id"], json=body, role=member.role).json()
    for role in ("default", member.role):
        listed = api.call("projects.list_unique_annotators", id=task["project"], role=role)
        expected = sorted([own["completed_by"], theirs["completed_by"]])
        got = sorted(person["id"] for person in listed.json())
        show.equal("LS-PROJECT-081", expected=expected, got=got, exchange=listed)
