"""Deleting an account keeps all the work of that person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.outcomes import NotMeasured
from conformance.scenarios.data.configs import choice
from conformance.scenarios.drafts.making import make_draft
from conformance.scenarios.steps import bring_in, list_tasks
from conformance.world.addresses import unused

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

IMAGE = (
    '<View><Image name="img" value="$image"/>'
    '<Choices name="label" toName="img"><Choice value="Positive"/></Choices></View>'
)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
DRAWN = {**choice("Positive"), "to_name": "img"}


@pytest.mark.requirement("LS-USER-015")
def test_of_a_deleted_account_all_work_stays(
    api: Wire, show: Show, new_project: NewProject, new_name: Callable[[str], str], member: Account
) -> None:
    place, role = new_project(label_config=IMAGE)["id"], member.role
    uploaded = bring_in(api, place, files={"file": ("a.png", PICTURE, "image/png")}, role=role).json()[
        "file_upload_ids"
    ][0]
    (task,) = list_tasks(api, place)
    view = api.call("views.create", json={"project": place, "data": {"title": "Mine"}}, role=role).json()["id"]
    hook = {"project": place, "url": unused(api)}
    webhook = api.call("webhooks.create", json=hook, role=role).json()["id"]
    snapshot = api.call("projects.exports.create", id=place, json={"title": "Mine"}, role=role).json()["id"]
    guess = {"task": task["id"], "result": [DRAWN]}
    prediction = api.call("predictions.create", json=guess, role=role).json()["id"]
    body = {"result": [DRAWN]}
    annotation = api.call("annotations.create", id=task["id"], json=body, role=role).json()["id"]
    described = {"title": new_name("of a person who leaves"), "label_config": IMAGE}
    project = api.call("projects.create", json=described, role=role).json()["id"]
    with_draft = True
    try:
        make_draft(api, task["id"], DRAWN)
    except NotMeasured:
        with_draft = False  # nobody has drafts there: all else can be asked

    def work() -> dict[str, Exchange]:
        readers: dict[str, tuple[str, dict[str, Any]]] = {
            "file": ("files.get", {"id": uploaded}),
            "view": ("views.get", {"id": view}),
            "webhook": ("webhooks.get", {"id": webhook}),
            "snapshot": ("projects.exports.download", {"id": place, "export_pk": snapshot}),
            "prediction": ("predictions.get", {"id": prediction}),
            "annotation": ("annotations.get", {"id": annotation}),
            "project": ("projects.get", {"id": project}),
            "task": ("tasks.get", {"id": task["id"]}),
        }
        seen = {name: api.call(operation, expect=None, **path) for name, (operation, path) in readers.items()}
        return {**seen, "picture": api.follow(task["data"]["image"])}

    before = {name: read.ok for name, read in work().items()}
    gone = api.call("users.delete", id=member.id)
    with api.unchecked():  # whose creator is gone breaks its schema, which is told where that is asked for
        after = work()
    for name in (name for name, there in before.items() if there):
        show(
            "LS-USER-015",
            after[name].ok,
            expected=f"the {name}",
            got=after[name].brief(),
            exchange=gone,
            signature=name,
        )
    if with_draft:
        drafts = len(after["task"].json()["drafts"])
        show.equal("LS-USER-015", expected=1, got=drafts, exchange=gone, signature="draft of somebody else")
