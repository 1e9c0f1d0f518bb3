"""Deliveries show counters of the project and its tasks as these show them themselves."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, import_tasks, predict
from conformance.scenarios.webhooks.listening import Ear, hook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.showing import Show
    from conformance.wire import Wire

PROJECT: Final = (
    "task_number",
    "finished_task_number",
    "total_annotations_number",
    "total_predictions_number",
    "skipped_annotations_number",
    "ground_truth_number",
    "useful_annotation_number",
    "num_tasks_with_annotations",
)
TASK: Final = ("is_labeled", "total_annotations", "cancelled_annotations", "total_predictions", "overlap", "inner_id")


class Scene:
    """A project with a task that is annotated, one that is predicted, and a bare one."""

    def __init__(self, api: Wire, project: int) -> None:
        self.api, self.project = api, project
        self.done, self.guessed, self.bare = import_tasks(api, project, [{"text": text} for text in "abc"])
        self.made = annotate(api, self.done, choice("Positive"))
        predict(api, self.guessed, choice("Negative"), score=0.5)

    def act(self, action: str) -> None:
        """Take an action on all tasks."""
        act(self.api, action, self.project)


WAYS: Final[dict[str, Callable[[Scene], object]]] = {
    "an import": lambda s: import_tasks(
        s.api, s.project, [{"data": {"text": "d"}, "annotations": [{"result": [choice("Positive")]}]}]
    ),
    "a task": lambda s: s.api.call("tasks.create", json={"project": s.project, "data": {"text": "d"}}),
    "an annotation": lambda s: annotate(s.api, s.bare, choice("Positive"), ground_truth=True),
    "a skip": lambda s: s.api.call("annotations.update", id=s.made["id"], json={"was_cancelled": True}),
    "an annotation's end": lambda s: s.api.call("annotations.delete", id=s.made["id"]),
    "a task's end": lambda s: s.api.call("tasks.delete", id=s.done["id"]),
    "predictions_to_annotations": lambda s: s.act("predictions_to_annotations"),
    "delete_tasks_annotations": lambda s: s.act("delete_tasks_annotations"),
    "delete_tasks": lambda s: s.act("delete_tasks"),
}


# Deliveries of the others name tasks by their ids alone, or not at all.
WITH_TASKS: Final = ("an import", "a task", "an annotation", "a skip", "predictions_to_annotations")


def each_way() -> pytest.MarkDecorator:
    """Run a test for each way; it shows what is told of tasks where they are told of."""
    shown = {way: ("LS-WEBHOOK-052", *(["LS-WEBHOOK-053"] if way in WITH_TASKS else [])) for way in WAYS}
    marked = [pytest.param(way, marks=pytest.mark.requirement(*ids), id=way) for way, ids in shown.items()]
    return pytest.mark.parametrize("way", marked)


def differing(told: dict[str, Any], now: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The fields that a delivery shows otherwise: name -> told, and read."""
    return {n: f"{told[n]}, is {now.get(n)}" for n in names if n in told and told[n] != now.get(n)}


@each_way()
def test_deliveries_are_true(
    api: Wire, show: Show, eventually: Eventually, peers: Peers, project: dict[str, Any], way: str
) -> None:
    scene = Scene(api, project["id"])
    inbox = peers.webhooks.inbox()
    hook(api, project, inbox)
    WAYS[way](scene)
    cause = next(exchange for exchange in reversed(api.history) if exchange.request.method != "GET")
    payloads = [d.json() for d in Ear(api, eventually, project["id"], inbox).heard()]
    read = api.call("projects.get", id=project["id"])
    projects = [(p["action"], p["project"]) for p in payloads if _tells(p.get("project"), PROJECT)]
    if not projects:
        show.not_measured("no delivery shows a counter of its project")
    wrong = {action: fields for action, told in projects if (fields := differing(told, read.json(), PROJECT))}
    show.equal("LS-WEBHOOK-052", expected={}, got=wrong, exchange=cause, signature=_signature(way, wrong))
    if way not in WITH_TASKS:
        return
    tasks = [t for p in payloads for key in ("task", "tasks") for t in _listed(p.get(key)) if _tells(t, TASK)]
    if not tasks:
        show.not_measured("no delivery shows a counter of a task")
    amiss: dict[int, dict[str, str]] = {}
    for told in tasks:
        now = api.call("tasks.get", id=told["id"]).json()
        if fields := differing(told, now, TASK):
            amiss[told["id"]] = fields
    show.equal("LS-WEBHOOK-053", expected={}, got=amiss, exchange=cause, signature=_signature(way, amiss))


def _tells(told: Any, names: tuple[str, ...]) -> bool:
    """Whether an object in a delivery has one of these fields."""
    return isinstance(told, dict) and any(name in told for name in names)


def _signature(way: str, wrong: Mapping[Any, Mapping[str, str]]) -> str:
    """The way, and the fields that were told wrong after it."""
    return f"{way}: {', '.join(sorted({name for fields in wrong.values() for name in fields}))}"


def _listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


@pytest.mark.requirement("LS-WEBHOOK-054")
def test_deliveries_hold_no_password(
    api: Wire, show: Show, eventually: Eventually, peers: Peers, project: dict[str, Any]
) -> None:
    password = f"hidden-{secrets.token_hex(8)}"
    settings = {"task_data_login": "reader", "task_data_password": password}
    told_of = api.call("projects.update", id=project["id"], json=settings)
    if told_of.json().get("task_data_login") != "reader":
        show.not_measured("the login of the project's data was not set")
    inbox = peers.webhooks.inbox()
    hook(api, project, inbox)
    made = api.call("tasks.create", json={"project": project["id"], "data": {"text": "a"}})
    payloads = [d.json() for d in Ear(api, eventually, project["id"], inbox).heard()]
    told = sorted({payload["action"] for payload in payloads if password in json.dumps(payload)})
    show_none("LS-WEBHOOK-054", show, made, told, among=[payload["action"] for payload in payloads])
