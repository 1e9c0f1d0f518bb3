"""Every list whose contract has an ordering lists its objects in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import annotate, upload

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.showing import Show
    from conformance.wire import Wire


def show_ordered(api: Wire, show: Show, operation: str, query: dict[str, Any] | None = None, **path: Any) -> None:
    """List objects, of which there are several, in both orders of their ids; show that they come so."""
    for order, down in (("id", False), ("-id", True)):
        answer = api.call(operation, query={**(query or {}), "ordering": order}, **path)
        got = [one["id"] for one in answer.json()]
        show(
            "LS-AGREE-017",
            len(got) > 1 and got == sorted(got, reverse=down),
            expected=sorted(got, reverse=down),
            got=got,
            exchange=answer,
            signature=operation,
        )


@pytest.mark.requirement("LS-AGREE-017")
@pytest.mark.usefixtures("member")  # the second account
def test_lists_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    place = project["id"]
    for number in range(3):
        annotate(api, task, lead_time=number)
        api.call("projects.exports.create", id=place, json={"title": f"ordered {number}"})
    upload(api, project, *((f"{name}.csv", f"text\n{name}\n".encode()) for name in "cab"))
    show_ordered(api, show, "annotations.list", id=task["id"])
    show_ordered(api, show, "projects.exports.list", id=place)
    show_ordered(api, show, "files.list", {"all": True}, id=place)
    show_ordered(api, show, "users.list")


@pytest.mark.requirement("LS-AGREE-017")
def test_lists_of_storages_are_in_the_order_that_was_asked_for(
    api: Wire, show: Show, project: dict[str, Any], folder: Path
) -> None:
    for side in ("import_storage", "export_storage"):
        for number in range(2):
            body = {"project": project["id"], "path": str(folder), "title": f"ordered {number}"}
            api.call(f"{side}.local.create", json=body)
        show_ordered(api, show, f"{side}.local.list", {"project": project["id"]})
