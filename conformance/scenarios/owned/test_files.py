"""Tasks that name an uploaded file of another project, or none that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import BROUGHT, bring, list_tasks, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

NOWHERE: dict[str, Any] = {"that does not exist": 2_000_000_001, "below zero": -1, "a word": "first", "a list": [1]}
OWN = "own.json"
DEEDS = {"an import in a body": "a file that is none"}


def naming(api: Wire, project: dict[str, Any], way: str, file: object) -> Exchange:
    """Make a task that names the file, or let one name it."""
    task: dict[str, Any] = {"data": {"text": "a"}}
    named = {"file_upload_id" if way.startswith("an import") else "file_upload": file}
    body = named if way == "tasks.update" else task | named
    return bring(api, project, way, body, before=task, file=OWN, deed=DEEDS.get(way))


@pytest.mark.requirement("LS-OWNED-031")
@pytest.mark.parametrize("way", BROUGHT)
def test_a_task_has_no_file_of_another_project(api: Wire, show: Show, new_project: NewProject, way: str) -> None:
    here, elsewhere = new_project(), new_project()
    uploaded = upload(api, elsewhere, ("theirs.csv", b"text\na\n")).json()["file_upload_ids"]
    named = str(list_tasks(api, elsewhere["id"])[0]["file_upload"])
    if "theirs" not in named:
        show.not_measured(f"a task does not name the file that it came from, but {named}")
    answer = naming(api, here, way, uploaded[0])
    got = [task["file_upload"] for task in list_tasks(api, here["id"])]
    told = [name for name in got if "theirs" in str(name)]
    show.equal("LS-OWNED-031", expected=[], got=told, exchange=answer, signature=way)


@pytest.mark.requirement("LS-IMPORT-168")
@pytest.mark.parametrize("case", NOWHERE)
def test_an_import_with_a_file_that_is_none(api: Wire, show: Show, project: dict[str, Any], case: str) -> None:
    answer = naming(api, project, "an import in a body", NOWHERE[case])
    there = len(list_tasks(api, project["id"]))
    show(
        "LS-IMPORT-168",
        not answer.server_error and there == int(answer.succeeded),
        expected="a success, and a task, or a 4xx, and none",
        got=f"{answer.brief()}, and {there}",
        exchange=answer,
        signature=case,
    )
