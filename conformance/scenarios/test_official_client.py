"""The main workflow through the official client, as its users have it. What it sends goes through the wire."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from conformance.run.state import STATE
from conformance.scenarios.checks import GONE
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.witness.user import Raised, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.showing import Show
    from conformance.wire import Wire

SENT = [{"text": "The soup was excellent."}, {"text": 'Never again: "cold", said Zoë.'}]
STEPS = ("LS-MAIN-028", "LS-MAIN-029", "LS-MAIN-030", "LS-MAIN-031")


@pytest.fixture
def user(request: pytest.FixtureRequest, api: Wire) -> Iterator[User]:
    """Somebody with the client that the target's release comes with."""
    client = request.config.stash[STATE].worker.witness.another()
    yield User(client, api)
    client.stop()


@pytest.mark.requirement(*STEPS)
def test_the_main_workflow_through_the_client(
    user: User, api: Wire, show: Show, new_name: Callable[[str], str]
) -> None:
    steps = iter(STEPS)
    step = next(steps)
    try:
        project = user.call("projects.create", title=new_name("client"), label_config=TEXT_CHOICES)["id"]
        user.call("projects.import_tasks", id=project, request=SENT)
        tasks = user.call("tasks.list", project=project)
        show.equal(step, expected=SENT, got=sorted((t["data"] for t in tasks), key=SENT.index))

        step = next(steps)
        wanted = {"result": [choice("Positive")], "lead_time": 2.5}
        made = user.call("annotations.create", id=tasks[0]["id"], **wanted)
        read = user.call("annotations.get", id=made["id"])
        show.equal(step, expected=wanted, got={name: read[name] for name in wanted})

        step = next(steps)
        exported = {t["id"]: t for t in user.call("projects.exports.as_json", project_id=project)}
        told = {number: (t["data"], [a["id"] for a in t["annotations"]]) for number, t in exported.items()}
        expected = {t["id"]: (t["data"], [made["id"]] if t["id"] == tasks[0]["id"] else []) for t in tasks}
        show(step, told == expected, expected=expected, got=told, signature="export")

        step = next(steps)
        user.call("projects.delete", id=project)
        gone = _status_of_project(user, api, project)
        show(step, gone in GONE, expected="404 or 410", got=gone, signature=f"HTTP {gone}")
    except Raised as problem:
        got = f"label-studio-sdk {user.version}: {problem}"
        for one in (step, *steps):  # nobody gets to what comes after it
            show(one, holds=False, expected="methods that return", got=got, signature=str(problem))


def _status_of_project(user: User, api: Wire, project: int) -> int:
    with suppress(Raised):
        user.call("projects.get", id=project)
    return api.history[-1].status
