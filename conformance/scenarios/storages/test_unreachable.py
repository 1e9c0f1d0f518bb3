"""Storages that cannot be reached: what is done meanwhile is done whole, or refused, for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import act, annotate, import_tasks, list_tasks
from conformance.scenarios.storages.connections import Drain, Source, put
from conformance.scenarios.storages.stores import Store, each

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

POSITIVE = choice("Positive")
DEED = "a storage that cannot be reached"
LESS = {"label_config": TEXT_CHOICES.replace('<Choice value="Negative"/>', "")}


@each(53)
def test_what_was_brought_stays(
    api: Wire, show: Show, eventually: Eventually, store: Store, project: dict[str, Any]
) -> None:
    source = Source(api, eventually, store, project["id"])
    put(store, "1.json", {"text": "one"})
    source.connect()
    source.sync()
    if not source.tasks():
        show.not_measured("a synchronisation brings nothing, also where the storage can be reached")
    with store.away():
        synced = source.sync(deed=DEED)
        told = not synced.ok or synced.json().get("status") in {"failed", "completed_with_errors"}
        show(
            store.requirement(53),
            told and source.texts() == ["one"],
            expected="an error, or the status failed or completed_with_errors; and the task as it was",
            got=f"{state_of(synced)}, and {source.texts()}",
            exchange=synced,
            signature=state_of(synced),
        )


def state_of(synced: Exchange) -> str:
    """What a synchronisation ended with."""
    return f"status {synced.json().get('status')}" if synced.ok else f"HTTP {synced.status}"


# what is done to a task, by an operation or an action → the labels that are there then; None: the task is gone
DONE: dict[str, list[str] | None] = {
    "delete_tasks_annotations": [],
    "annotations.create": ["Positive", "Positive"],
    "predictions_to_annotations": ["Positive", "Positive"],
    "annotations.update": ["Negative"],
    "annotations.delete": [],
    "tasks.delete": None,
    "delete_tasks": None,
}
NUMBERS = {"annotations.create": 50, "predictions_to_annotations": 50, "annotations.update": 51}
# the first, so that no other annotation has the label when it is deleted
NEGATIVE = "delete_tasks_annotations"


def contents(tasks: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The labels that the tasks have, by text."""
    return {
        task["data"]["text"]: sorted(r["value"]["choices"][0] for a in task["annotations"] for r in a["result"])
        for task in tasks
    }


def do(api: Wire, project: int, what: str, task: dict[str, Any]) -> Exchange:
    """Do something to a task."""
    if "." not in what:
        return act(api, what, project, task["id"], expect=None, deed=DEED)
    first = what in {"annotations.update", "annotations.delete"}
    number = task["annotations"][0]["id"] if first else task["id"]
    body = {"result": [choice("Negative") if what == "annotations.update" else POSITIVE]}
    sent: dict[str, Any] = {} if what.endswith(".delete") else {"json": body}
    return api.call(what, id=number, expect=None, deed=DEED, **sent)


@each(50, 51, 52, 54, 55)
def test_what_cannot_be_followed_is_whole_or_refused(
    api: Wire,
    show: Show,
    eventually: Eventually,
    store: Store,
    project: dict[str, Any],
    new_project: NewProject,
    target: TargetInUse,
) -> None:
    place = project["id"]
    drain = Drain(api, eventually, store, place)
    # of an action that fails half-way, a row may stay that no operation reaches
    deeds = {what: after for what, after in DONE.items() if what != "delete_tasks" or target.disposable}
    made = [{"data": {"text": what}, "predictions": [{"result": [POSITIVE]}]} for what in (*deeds, "kept", "spare")]
    tasks = {task["data"]["text"]: task for task in import_tasks(api, place, made)}
    drain.connect(can_delete_objects=True)
    for what, task in tasks.items():
        task["annotations"] = [annotate(api, task, choice("Negative") if what == NEGATIVE else POSITIVE)]
    usual = drain.sync()
    if len(store.exported()) < len(made) or state_of(usual) != "status completed":
        show.not_measured("the annotations are not written, also where the storage can be reached")
    late = never_synchronised(api, eventually, store, new_project()["id"])
    guarded = api.call("projects.validate_label_config", id=place, json=LESS, expect=None).rejected
    # Servers run for long: whether a project was deleted last, or a task, must make no difference to what follows.
    act(api, "delete_tasks", place, tasks.pop("spare")["id"])
    before = contents(list(tasks.values()))
    with store.away():
        for what, after in deeds.items():
            answer = do(api, place, what, tasks[what])
            with api.unchecked():
                got = contents(list_tasks(api, place))
            done = {text: labels for text, labels in {**before, what: after}.items() if labels is not None}
            show(
                store.requirement(NUMBERS.get(what, 52)),
                got == (done if answer.ok else before),
                expected=f"a success, and {after} ({before[what]} before), or an error, and no difference",
                got=f"{answer.brief()}, and {got.get(what)}, of {len(got)} tasks",
                exchange=answer,
                signature=what,
            )
            if what == NEGATIVE and guarded:
                show_guarded(api, show, store, place, after=answer, there=bool(got.get(what)))
            before = got
        synced = late.sync(deed=DEED)
        show(
            store.requirement(54),
            not synced.ok or synced.json().get("status") != "completed",
            expected="an error, or another status than completed",
            got=state_of(synced),
            exchange=synced,
            signature=state_of(synced),
        )
        gone = api.call("projects.delete", id=place, expect=None, deed=DEED)
        there = api.call("projects.get", id=place, expect=None).ok
        show(
            store.requirement(52),
            there != gone.ok,
            expected="a success, and no project, or an error, and the project",
            got=f"{gone.brief()}, and {'a' if there else 'no'} project",
            exchange=gone,
            signature="projects.delete",
        )


def never_synchronised(api: Wire, eventually: Eventually, store: Store, project: int) -> Drain:
    """A storage that has everything to write: one that writes what is new only has no need of its place otherwise."""
    (task,) = import_tasks(api, project, [{"data": {"text": "late"}}])
    annotate(api, task, POSITIVE)
    drain = Drain(api, eventually, store, project)
    drain.connect()
    return drain


def show_guarded(api: Wire, show: Show, store: Store, project: int, *, after: Exchange, there: bool) -> None:
    """Show that a label is in use if and only if an annotation has it."""
    told = api.call("projects.validate_label_config", id=project, json=LESS, expect=None)
    show(
        store.requirement(55),
        told.rejected if there else told.ok,
        expected=f"a config without the label is {'rejected' if there else 'accepted'}",
        got=f"{told.brief()}, after {after.brief()}",
        exchange=told,
        signature=f"HTTP {told.status} while {'one' if there else 'none'} has it",
    )
