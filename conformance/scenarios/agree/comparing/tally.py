"""Compares the counters of a project and its tasks with what the lists show, and with each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.scenarios.steps import ALL, tasks_page

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire

MOST_READ: Final = 20
FIRST: Final = 3
COUNTED: Final = frozenset({"total_annotations", "cancelled_annotations", "total_predictions", "is_labeled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A counter that is not what the lists show.

    Attributes:
        name: ``project.task_number``.
        told: ``project.task_number: 2 for 1``; of tasks, by how much.
        reader: the answer that is wrong, where another reader counts right; None where it was counted wrongly.
    """

    name: str
    told: str
    reader: Exchange | None


def disagreements(api: Wire, project: int) -> list[Disagreement]:
    """Every counter that is not what the lists show."""
    listed = tasks_page(api, project, fields="all", page_size=ALL)
    shown = listed.json()
    read = api.call("projects.get", id=project)
    told = read.json()
    tasks = shown["tasks"]
    pairs = {f"list.{n}": (shown[n], there) for n, there in of_list(tasks).items()}
    pairs |= {f"project.{n}": (told[n], there) for n, there in of_project(tasks).items()}
    for task in tasks:
        for name, (counts, there) in of_task(task).items():
            before = pairs.get(f"task.{name}", (0, 0))
            # a task that is wrong one way does not make up for one that is wrong the other way
            wrong = (before[0] + abs(counts - there), before[1])
            pairs[f"task.{name}"] = wrong
    wrong_ones = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    seconds = _second_look(api, project, tasks) if wrong_ones else {}
    if not any(name.startswith("task.") for name in wrong_ones):
        # tasks count right and their sum is wrong: whoever adds up does so
        seconds |= {name: there for name, (_, there) in wrong_ones.items() if name.startswith("list.")}
    answers = {"project": read, "list": listed, "task": listed}
    return [
        Disagreement(
            name=name,
            told=f"{name}: {counts} for {there}",
            reader=answers[name.partition(".")[0]] if seconds.get(name, counts) == there else None,
        )
        for name, (counts, there) in wrong_ones.items()
    ]


def elsewhere(api: Wire, project: int) -> list[Disagreement]:
    """Every counter of a project, or of its first tasks, that one reader tells otherwise than the others.

    ``disagreements`` says whether what they agree on is so.
    """
    return [*_of_lists(api, project), *_of_tasks(api, project)]


def _of_tasks(api: Wire, project: int) -> list[Disagreement]:
    found: list[Disagreement] = []
    for task in tasks_page(api, project, fields="all", page_size=FIRST).json()["tasks"]:
        alone = api.call("tasks.get", id=task["id"])
        told = alone.json()
        counts = of_task(task)
        found += [
            Disagreement(
                name=f"tasks.get: {name}", told=f"{name}: {told[name]}, in the list {task[name]}", reader=alone
            )
            for name in sorted(COUNTED & told.keys())
            # where the list counts wrong, it is the list that is told of
            if told[name] != task[name] and counts[name][0] == counts[name][1]
        ]
    return found


def _of_lists(api: Wire, project: int) -> list[Disagreement]:
    alone = api.call("projects.get", id=project)
    lists = {name: api.call(name, query={"ids": project}) for name in ("projects.list", "projects.list_counts")}
    by = {"projects.get": alone, **lists}
    told = {"projects.get": alone.json(), **{name: _one(page, project) for name, page in lists.items()}}
    found: list[Disagreement] = []
    for name in sorted({n for one in told.values() for n in one if n.endswith("_number")}):
        values = {reader: one[name] for reader, one in told.items() if name in one}
        usual = Counter(values.values()).most_common(1)[0][0]
        found += [
            Disagreement(name=f"{reader}: {name}", told=f"{name}: {value}, elsewhere {usual}", reader=by[reader])
            for reader, value in values.items()
            if value != usual
        ]
    return found


def _one(listed: Exchange, project: int) -> dict[str, Any]:
    """What a list tells of a project; nothing where it has not got it, which another check is about."""
    return next((one for one in listed.json()["results"] if one.get("id") == project), {})


def _second_look(api: Wire, project: int, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """The counters as another reader shows them: of the project in the list of projects, of the tasks by themselves."""
    with api.unchecked():
        page = api.call("projects.list", query={"ids": project}, expect=None)
        alone = [api.call("tasks.get", id=task["id"], expect=None) for task in tasks[:MOST_READ]]
    listed = (page.object() or {}).get("results") or [{}]
    found: dict[str, Any] = {f"project.{name}": value for name, value in listed[0].items()}
    if len(alone) == len(tasks):
        for task, one in zip(tasks, alone, strict=True):
            mine = {**task, **{n: v for n, v in (one.object() or {}).items() if n in COUNTED}}
            for name, (counts, there) in of_task(mine).items():
                found[f"task.{name}"] = found.get(f"task.{name}", 0) + abs(counts - there)
    return found


def of_task(task: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Counter → what it says, and what is there."""
    skipped = [a for a in task["annotations"] if a["was_cancelled"]]
    drawn = len(task["annotations"]) - len(skipped)
    return {
        "total_annotations": (task["total_annotations"], drawn),
        "cancelled_annotations": (task["cancelled_annotations"], len(skipped)),
        "total_predictions": (task["total_predictions"], len(task["predictions"])),
        "is_labeled": (task["is_labeled"], finished(task, drawn)),
    }


def finished(task: dict[str, Any], drawn: int) -> bool:
    """Return the expected `is_labeled`; where that depends on whether the ground truth counts, the server's own."""
    without = sum(not a["was_cancelled"] and not a["ground_truth"] for a in task["annotations"])
    if without < task["overlap"] <= drawn:
        return bool(task["is_labeled"])
    return bool(drawn >= task["overlap"])


def of_list(tasks: list[dict[str, Any]]) -> dict[str, int]:
    """Return what a list of these tasks should count."""
    return {
        "total": len(tasks),
        "total_annotations": sum(not a["was_cancelled"] for t in tasks for a in t["annotations"]),
        "total_predictions": sum(len(t["predictions"]) for t in tasks),
    }


def of_project(tasks: list[dict[str, Any]]) -> dict[str, int]:
    """Return what a project of these tasks should count."""
    annotations = [a for t in tasks for a in t["annotations"]]
    return {
        "task_number": len(tasks),
        "total_annotations_number": sum(not a["was_cancelled"] for a in annotations),
        "total_predictions_number": sum(len(t["predictions"]) for t in tasks),
        "skipped_annotations_number": sum(a["was_cancelled"] for a in annotations),
        "ground_truth_number": sum(a["ground_truth"] for a in annotations),
        "num_tasks_with_annotations": sum(any(not a["was_cancelled"] for a in t["annotations"]) for t in tasks),
    }
