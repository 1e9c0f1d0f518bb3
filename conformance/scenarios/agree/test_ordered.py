"""Every list whose contract has an ordering lists its objects in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.imports.test_files import upload
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Wire


def show_ordered(api: Wire, show: Show, operation: str, query: dict[str, Any] | None = None, **path: Any) -> None:
    """List objects in both orders of their ids; show that they come so."""
    for order, down in (("id", False), ("-id", True)):
        answer = api.call(operation, query={**(query or {}), "ordering": order}, **path)
        got = [one["id"] for one in answer.json()]
        if len(got) > 1:  # one object is in any order
            show.equal(
                "LS-AGREE-017", expected=sorted(got, reverse=down), got=got, exchange=answer, signature=operation
            )


@pytest.mark.requirement("LS-AGREE-017")
def test_lists_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], member: Account
) -> None:
    assert member.id  # the second account of the list
    place = project["id"]
    for number in range(3):
        annotate(api, task, lead_time=number)
        api.call("projects.exports.create", id=place, json={"title": f"ordered {number}"})
    upload(api, project, *((f"{name}.csv", f"text\n{name}\n".encode()) for name in "cab"))
    lists: dict[str, Callable[[str], None]] = {
        "annotations.list": lambda operation: show_ordered(api, show, operation, id=task["id"]),
        "projects.exports.list": lambda operation: show_ordered(api, show, operation, id=place),
        "files.list": lambda operation: show_ordered(api, show, operation, {"all": True}, id=place),
        "users.list": lambda operation: show_ordered(api, show, operation),
    }
    for operation, ask in lists.items():
        ask(operation)


@pytest.mark.requirement("LS-AGREE-017")
def test_lists_of_storages_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], folder: Path
) -> None:
    for side in ("import_storage", "export_storage"):
        for number in range(2):
            body = {"project": project["id"], "path": str(folder), "title": f"ordered {number}"}
            api.call(f"{side}.local.create", json=body)
        show_ordered(api, show, f"{side}.local.list", {"project": project["id"]})
