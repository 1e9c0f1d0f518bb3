"""The counters of a project agree with what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, predict

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

COUNTERS = (
    "task_number",
    "num_tasks_with_annotations",
    "total_annotations_number",
    "total_predictions_number",
    "skipped_annotations_number",
    "ground_truth_number",
)


@pytest.mark.requirement("LS-PROJECT-036")
def test_a_new_project_counts_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    read = api.call("projects.get", id=project["id"])
    show.equal("LS-PROJECT-036", expected=[0] * 6, got=[read.json()[c] for c in COUNTERS], exchange=read)


@pytest.mark.requirement("LS-PROJECT-024", "LS-PROJECT-025")
def test_counters_tell_what_is_there(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    first, second, third, _ = imported(project, [{"data": {"text": str(n)}} for n in range(4)])
    annotate(api, first, choice("Positive"), ground_truth=True)
    annotate(api, first, choice("Negative"))
    annotate(api, second, choice("Negative"))
    annotate(api, third, was_cancelled=True)
    for task in (first, second, second):
        predict(api, task, choice("Positive"))

    expected = dict(zip(COUNTERS, (4, 2, 3, 3, 1, 1), strict=True))
    read = eventually(
        lambda: api.call("projects.get", id=project["id"]),
        until=lambda seen: all(seen.json()[c] == n for c, n in expected.items()),
        budget="counters settled",
    )
    show.equal("LS-PROJECT-024", expected=expected, got={c: read.json()[c] for c in COUNTERS}, exchange=read)

    counts = api.call("projects.list_counts", query={"ids": project["id"]})
    (listed,) = counts.json()["results"]
    show.equal(
        "LS-PROJECT-025",
        expected={c: read.json()[c] for c in COUNTERS},
        got={c: listed.get(c) for c in COUNTERS},
        exchange=counts,
    )


@pytest.mark.requirement("LS-PROJECT-026")
def test_a_finished_task_counts_until_its_annotation_goes(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    def finished() -> list[Exchange]:
        listed = api.call("projects.list_counts", query={"ids": project["id"]})
        return [api.call("projects.get", id=project["id"]), listed]

    def told(answer: Exchange) -> object:
        said = answer.json()
        return (said["results"][0] if "results" in said else said)["finished_task_number"]

    annotation = annotate(api, task, choice("Positive"))
    before = finished()
    deleted = api.call("annotations.delete", id=annotation["id"])
    seen = [(without, [told(with_it), told(without)]) for with_it, without in zip(before, finished(), strict=True)]
    agreed = all(got != [1, 0] for _, got in seen)
    for answer, got in seen:
        show.equal("LS-PROJECT-026", expected=[1, 0], got=got, exchange=deleted if agreed else answer)
