"""Infinity and NaN, as numbers and as texts that are read as numbers: tasks stay readable, whichever way they came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.effects.syncing import brought
from conformance.scenarios.steps import act, bring_in, export, import_tasks, tasks_page, upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

VALUES = ("Infinity", "-1e999")
LARGE = 1.7e308  # finite, and the sum of two of them is not
DRAWN = [choice("Positive")]


def whole(part: str, value: str) -> dict[str, Any]:
    """A task whose prediction has such a score, or whose annotation took such a time."""
    if part == "score":
        return {"data": {"text": "a"}, "predictions": [{"result": DRAWN, "score": value}]}
    return {"data": {"text": "a"}, "annotations": [{"result": DRAWN, "lead_time": value}]}


def show_readable(api: Wire, show: Show, project: int, done: Exchange, case: str) -> None:
    """Ask the readers of a project; show that each answers, with JSON."""
    with api.unchecked():
        asked = {
            "list": tasks_page(api, project, fields="all", expect=None),
            "export": export(api, project, "JSON", everything=True, expect=None),
        }
    amiss = [name for name, answer in asked.items() if not answer.succeeded or "Infinity" in answer.text]
    show(
        "LS-EFFECT-039",
        not amiss,
        expected="each reader answers, with JSON (RFC 8259 has no Infinity)",
        got=f"{amiss}: " + ", ".join(answer.brief() for answer in asked.values()),
        exchange=done,
        signature=case,
    )


@pytest.mark.requirement("LS-EFFECT-039")
@pytest.mark.parametrize("part", ["score", "lead_time"])
def test_tasks_are_readable_whatever_number_came(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path, part: str
) -> None:
    def body(project: dict[str, Any], sent: dict[str, Any]) -> Exchange:
        return bring_in(api, project["id"], json=[sent], expect=None)

    def file(project: dict[str, Any], sent: dict[str, Any]) -> Exchange:
        return upload(api, project, ("tasks.json", json.dumps([sent]).encode()), expect=None)

    def storage(project: dict[str, Any], sent: dict[str, Any]) -> Exchange:
        (folder / "a.json").write_text(json.dumps(sent), encoding="utf-8")
        return brought(api, eventually, project, folder)

    def created(project: dict[str, Any], sent: dict[str, Any]) -> Exchange:
        (task,) = import_tasks(api, project["id"], [{"text": "a"}])
        if part == "score":
            guess = {**sent["predictions"][0], "task": task["id"]}
            return api.call("predictions.create", json=guess, expect=None)
        return api.call("annotations.create", id=task["id"], json=sent["annotations"][0], expect=None)

    ways: dict[str, Callable[[dict[str, Any], dict[str, Any]], Exchange]] = {
        "import": body,
        "import of a file": file,
        "synchronisation": storage,
        "creation": created,
    }
    for number, (way, do) in enumerate(ways.items()):
        project = new_project()
        with api.unchecked():
            done = do(project, whole(part, VALUES[number % 2]))
        show_readable(api, show, project["id"], done, f"{part}: {way}")


@pytest.mark.requirement("LS-EFFECT-039")
def test_tasks_are_readable_whatever_score_a_model_gives(
    api: Wire, show: Show, project: dict[str, Any], peers: Peers
) -> None:
    model = peers.ml.model(predictor=lambda _, __: {"result": DRAWN, "score": VALUES[0]})
    import_tasks(api, project["id"], [{"text": "a"}])
    api.call("ml.create", json={"project": project["id"], "url": model.url})
    with api.unchecked():
        done = act(api, "retrieve_tasks_predictions", project["id"], expect=None)
    show_readable(api, show, project["id"], done, "score: a model")


@pytest.mark.requirement("LS-EFFECT-043")
@pytest.mark.parametrize("way", ["created", "imported", "updated"])
def test_tasks_are_readable_whatever_their_lead_times_add_up_to(
    api: Wire, show: Show, project: dict[str, Any], way: str
) -> None:
    place = project["id"]
    there = 1
    large = {"result": DRAWN, "lead_time": LARGE}
    if way == "imported":
        sent = [{"data": {"text": "a"}, "annotations": [large, large]}]
        done = bring_in(api, place, json=sent, expect=None)
        there = int(done.succeeded)
    else:
        task = import_tasks(api, place, [{"data": {"text": "a"}}])[0]["id"]
        first = large if way == "created" else {"result": DRAWN, "lead_time": 1}
        for _ in range(2):
            done = api.call("annotations.create", id=task, json=first, expect=None)
            if way == "updated" and done.ok:
                new = {"lead_time": LARGE}
                done = api.call("annotations.update", id=done.json()["id"], json=new, expect=None)
    deed = "a task whose lead times add up to more than a number can be"
    answer = tasks_page(api, place, fields="all", expect=None, deed=deed)
    listed = len(answer.json()["tasks"]) if answer.ok else 0
    show(
        "LS-EFFECT-043",
        answer.ok and listed == there,
        expected=f"a 200, and {there} in the list",
        got=f"{answer.brief()}, and {listed} in the list",
        exchange=answer,
        signature=way,
    )
