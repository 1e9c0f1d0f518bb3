"""Counters against what they count: a project and its tasks, as the lists show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.scenarios.steps import ALL, tasks_page

if TYPE_CHECKING:
    from conformance.wire import Wire


def disagreements(api: Wire, project: int) -> list[str]:
    """Every counter that is not what the lists show, ``list.total: 2 for 1``; of tasks, by how much."""
    shown = tasks_page(api, project, fields="all", page_size=ALL).json()
    told = api.call("projects.get", id=project).json()
    tasks = shown["tasks"]
    pairs = {f"list.{n}": (shown[n], there) for n, there in of_list(tasks).items()}
    pairs |= {f"project.{n}": (told[n], there) for n, there in of_project(tasks).items()}
    for task in tasks:
        for name, (counts, there) in of_task(task).items():
            before = pairs.get(f"task.{name}", (0, 0))
            # a task that is wrong one way does not make up for one that is wrong the other way
            wrong = (before[0] + abs(counts - there), before[1])
            pairs[f"task.{name}"] = wrong
    return [f"{name}: {counts} for {there}" for name, (counts, there) in pairs.items() if counts != there]


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
    """Is the task labelled? Whether the truth counts among its annotations may be seen either way."""
    without = sum(not a["was_cancelled"] and not a["ground_truth"] for a in task["annotations"])
    if without < task["overlap"] <= drawn:
        return bool(task["is_labeled"])
    return bool(drawn >= task["overlap"])


def of_list(tasks: list[dict[str, Any]]) -> dict[str, int]:
    """What a list of these tasks should count."""
    return {
        "total": len(tasks),
        "total_annotations": sum(not a["was_cancelled"] for t in tasks for a in t["annotations"]),
        "total_predictions": sum(len(t["predictions"]) for t in tasks),
    }


def of_project(tasks: list[dict[str, Any]]) -> dict[str, int]:
    """What a project of these tasks should count."""
    annotations = [a for t in tasks for a in t["annotations"]]
    return {
        "task_number": len(tasks),
        "total_annotations_number": sum(not a["was_cancelled"] for a in annotations),
        "total_predictions_number": sum(len(t["predictions"]) for t in tasks),
        "skipped_annotations_number": sum(a["was_cancelled"] for a in annotations),
        "ground_truth_number": sum(a["ground_truth"] for a in annotations),
        "num_tasks_with_annotations": sum(any(not a["was_cancelled"] for a in t["annotations"]) for t in tasks),
    }
