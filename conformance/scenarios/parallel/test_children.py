"""Imports with annotations and predictions, deletions of each kind and actions, all at once; counted afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.tally import disagreements
from conformance.scenarios.checks import GONE, show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.parallel.racing import PATIENCE, at_once
from conformance.scenarios.steps import annotate, bring_in, import_tasks, list_tasks, predict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.budgets import Eventually
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

LATER = {409, 423, 429, 503}  # "not now" in HTTP's words
EACH = 3


def whole(text: str) -> dict[str, Any]:
    """A task with two annotations, one of them skipped, and a prediction."""
    return {
        "data": {"text": text},
        "annotations": [{"result": [choice("Positive", region_id=text)]}, {"result": [], "was_cancelled": True}],
        "predictions": [{"result": [choice("Negative", region_id=text)], "model_version": text}],
    }


def bring(api: Wire, project: int, name: str) -> Callable[[], Exchange]:
    """An import of a few whole tasks."""
    sent = [whole(f"{name}.{n}") for n in range(EACH)]
    return lambda: bring_in(api, project, json=sent, expect=None, timeout=PATIENCE)


def act(api: Wire, action: str, project: int, ids: Sequence[int]) -> Callable[[], Exchange]:
    """An action on some tasks."""
    body = {"selectedItems": {"all": False, "included": list(ids)}}
    query = {"id": action, "project": project}
    return lambda: api.call("actions.create", query=query, json=body, expect=None, timeout=PATIENCE)


def delete(api: Wire, kind: str, identity: int) -> Callable[[], Exchange]:
    """A deletion of one object."""
    return lambda: api.call(f"{kind}s.delete", id=identity, expect=None, timeout=PATIENCE)


def show_answers(show: Show, answers: Sequence[Exchange]) -> None:
    """Show that each was done or put off."""
    for answer in answers:
        fine = answer.succeeded or answer.status in LATER
        show(
            "LS-PARALLEL-001",
            fine,
            expected="a success, or 409, 423, 429, 503",
            got=answer.brief(),
            exchange=answer,
            signature=f"{answer.operation.id if answer.operation else ''} HTTP {answer.status}",
        )


def show_counted(api: Wire, show: Show, eventually: Eventually, project: int, texts: list[str], case: str) -> None:
    """Show that exactly these tasks are there, each with its own children, under its own number."""
    tasks = list_tasks(api, project)
    got = sorted(t["data"]["text"] for t in tasks)
    show.equal("LS-PARALLEL-002", expected=sorted(texts), got=got, signature=case)
    inner = [t["inner_id"] for t in tasks]
    show.equal("LS-PARALLEL-004", expected=sorted(set(inner)), got=sorted(inner), signature=case)
    found = eventually(lambda: news(api, project), until=lambda seen: not seen, budget="counters settled")
    # which of the counters a race leaves wrong is chance: they have one cause
    show.equal("LS-PARALLEL-005", expected=[], got=found, signature=case)
    children = [
        (t["data"]["text"], r["id"])
        for t in tasks
        for r in [
            *(r for a in t["annotations"] for r in a["result"]),
            *(r for p in t["predictions"] for r in p["result"]),
        ]
    ]
    strays = [text for text, region in children if region != text]
    show_none("LS-PARALLEL-003", show, None, strays, among=children, signature=f"{case}: another task's")


def news(api: Wire, project: int) -> list[str]:
    """The counters that are wrong, but for what is wrong after one import already and told there (LS-EFFECT-032)."""
    return [d.told for d in disagreements(api, project) if d.name not in KNOWN]


KNOWN = {"project.num_tasks_with_annotations"}
SHOWN = ("LS-PARALLEL-001", "LS-PARALLEL-002", "LS-PARALLEL-003", "LS-PARALLEL-004", "LS-PARALLEL-005")


@pytest.mark.requirement(*SHOWN, "LS-PARALLEL-006")
def test_imports_with_children(api: Wire, show: Show, eventually: Eventually, project: dict[str, Any]) -> None:
    answers = at_once([bring(api, project["id"], f"i{n}") for n in range(4)])
    show_answers(show, answers)
    texts = [f"i{n}.{k}" for n, answer in enumerate(answers) if answer.succeeded for k in range(EACH)]
    if tasks := list_tasks(api, project["id"]):
        children = [[len(t["annotations"]), len(t["predictions"])] for t in tasks]
        show.equal("LS-PARALLEL-006", expected=[[2, 1]] * len(tasks), got=children)
    show_counted(api, show, eventually, project["id"], texts, "imports")


@pytest.mark.requirement(*SHOWN)
def test_actions_beside_imports(api: Wire, show: Show, eventually: Eventually, project: dict[str, Any]) -> None:
    made = import_tasks(api, project["id"], [whole(f"old{n}") for n in range(6)])
    ids = [t["id"] for t in made]
    answers = at_once(
        [
            bring(api, project["id"], "new"),
            act(api, "delete_tasks", project["id"], ids[:2]),
            act(api, "delete_tasks_annotations", project["id"], ids[2:3]),
            act(api, "predictions_to_annotations", project["id"], ids[4:5]),
        ]
    )
    show_answers(show, answers)
    texts = [f"old{n}" for n in range(0 if not answers[1].succeeded else 2, 6)]
    texts += [f"new.{n}" for n in range(EACH)] if answers[0].succeeded else []
    show_counted(api, show, eventually, project["id"], texts, "actions beside an import")


@pytest.mark.requirement(*SHOWN)
@pytest.mark.parametrize("kind", ["annotation", "prediction", "task"])
def test_deletions_beside_creations(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], kind: str
) -> None:
    made = import_tasks(api, project["id"], [whole(f"t{n}") for n in range(3)])
    task, text = made[0], "t0"
    old = {
        "annotation": [a["id"] for a in task["annotations"]],
        "prediction": [p["id"] for p in task["predictions"]],
        "task": [t["id"] for t in made[1:]],
    }[kind]
    body = {"result": [choice("Positive", region_id=text)]}

    def draw() -> Exchange:
        return api.call("annotations.create", id=task["id"], json=body, expect=None, timeout=PATIENCE)

    def guess() -> Exchange:
        return api.call("predictions.create", json={"task": task["id"], **body}, expect=None, timeout=PATIENCE)

    answers = at_once([*(delete(api, kind, identity) for identity in old), draw, guess, draw])
    show_answers(show, answers)
    left = ["t0"] + ([] if kind == "task" else ["t1", "t2"])
    left += [f"t{n}" for n, a in enumerate(answers[:2], 1) if kind == "task" and not a.succeeded]
    show_counted(api, show, eventually, project["id"], left, f"{kind}s deleted beside others made")


@pytest.mark.requirement("LS-PARALLEL-001", "LS-PARALLEL-007", "LS-PARALLEL-005")
def test_answers_can_all_be_true(api: Wire, show: Show, eventually: Eventually, project: dict[str, Any]) -> None:
    ids = [t["id"] for t in import_tasks(api, project["id"], [whole(f"t{n}") for n in range(4)])]
    for action in ("delete_tasks_annotations", "delete_tasks_predictions", "delete_tasks"):
        there = {"delete_tasks": 4, "delete_tasks_annotations": 8, "delete_tasks_predictions": 4}[action]
        answers = at_once([act(api, action, project["id"], ids)] * 3)
        show_answers(show, answers)
        told = [int(n[0]) for a in answers if a.succeeded and (n := re.search(r"\d+", str(a.json().get("detail"))))]
        show.equal("LS-PARALLEL-007", expected=there, got=sum(told), exchange=answers[0], signature=action)
    found = eventually(lambda: news(api, project["id"]), until=lambda seen: not seen, budget="counters settled")
    show.equal("LS-PARALLEL-005", expected=[], got=found, signature="after three deletions of all")


@pytest.mark.requirement("LS-PARALLEL-008")
@pytest.mark.parametrize("kind", ["annotation", "prediction", "view"])
def test_one_thing_is_deleted_once(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], kind: str
) -> None:
    made: Any = {
        "annotation": lambda: annotate(api, task, choice("Positive"))["id"],
        "prediction": lambda: predict(api, task, choice("Positive"))["id"],
        "view": lambda: api.call("views.create", json={"project": project["id"], "data": {}}).json()["id"],
    }[kind]()
    answers = at_once([delete(api, kind, made)] * 3)
    statuses = sorted(a.status for a in answers)
    show(
        "LS-PARALLEL-008",
        204 in statuses and set(statuses) <= {204, *GONE, *LATER},
        expected="204, otherwise 404 or 410",
        got=statuses,
        exchange=answers[0],
        signature=kind,
    )
