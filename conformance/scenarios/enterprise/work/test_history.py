"""The history of annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.enterprise.steps import NOBODY, choice, ids
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.scenarios.enterprise.work.conftest import Work
    from conformance.showing import Show
    from conformance.wire import Wire

pytestmark = pytest.mark.destructive


def steps(items: list[dict[str, Any]]) -> list[list[object]]:
    """Return what happened, and the result after it."""
    return [[item["action"], item["result"]] for item in items]


@pytest.mark.requirement("LS-HISTORY-001", "LS-HISTORY-002", "LS-HISTORY-006", "LS-HISTORY-007", "LS-HISTORY-015")
def test_an_annotation_has_a_past(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    annotation = work.annotations[0]
    first = work.history(annotation)
    show.equal("LS-HISTORY-001", expected=[["submitted", annotation["result"]]], got=steps(first))
    where = [first[0][name] for name in ("annotation_id", "task_id", "project_id", "created_by")]
    expected = [annotation["id"], work.tasks[0]["id"], work.project, staff.annotator.id]
    show.equal("LS-HISTORY-006", expected=expected, got=where)
    changed = [choice("Negative")]
    api.call("annotations.update", id=annotation["id"], json={"result": changed}, role=staff.annotator.role)
    now = work.history(annotation)
    past = [["submitted", annotation["result"]], ["updated", changed]]
    show.equal("LS-HISTORY-002", expected=past, got=steps(now))
    read = api.call("annotation_history.retrieve", id=now[0]["id"])
    cases = {name: (value, read.json().get(name)) for name, value in now[0].items()}
    show_each("LS-HISTORY-007", show, read, cases)
    api.call("annotations.update", id=annotation["id"], json={"result": read.json()["result"]})
    back = api.call("annotations.get", id=annotation["id"])
    show.equal("LS-HISTORY-015", expected=annotation["result"], got=back.json()["result"], exchange=back)


@pytest.mark.requirement("LS-HISTORY-003", "LS-HISTORY-005")
def test_imported_and_skipped_ones_say_so(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    result = [choice("Positive")]
    task = {"data": {"text": "from elsewhere"}, "annotations": [{"result": result}]}
    imported = import_tasks(api, work.project, [task])[0]
    listed = api.call("annotations.list", id=imported["id"]).json()
    show.equal("LS-HISTORY-003", expected=[["imported", result]], got=steps(work.history(listed[0])))
    body = {"result": [], "was_cancelled": True}
    skipped = api.call("annotations.create", id=imported["id"], json=body, role=staff.second.role).json()
    show.equal("LS-HISTORY-005", expected="skipped", got=work.history(skipped)[-1]["action"])


@pytest.mark.requirement("LS-HISTORY-004", "LS-HISTORY-016")
def test_reviews_stand_in_it(api: Wire, show: Show, work: Work) -> None:
    accepted, rejected, fixed = work.annotations
    made = work.review(accepted, accepted=True).json()
    work.review(rejected, accepted=False, comment="No.")
    work.review(fixed, accepted=True, result=[choice("Positive")])
    got = [work.history(annotation)[-1]["action"] for annotation in work.annotations]
    show.equal("LS-HISTORY-004", expected=["accepted", "rejected", "fixed_and_accepted"], got=got)
    api.call("annotation_reviews.delete", id=made["id"])
    show.equal("LS-HISTORY-016", expected="deleted_review", got=work.history(accepted)[-1]["action"])


@pytest.mark.requirement("LS-HISTORY-008", "LS-HISTORY-009", "LS-HISTORY-014")
def test_history_is_listed(api: Wire, show: Show, work: Work, new_project: NewProject) -> None:
    elsewhere = annotate(api, import_tasks(api, new_project()["id"], [{"data": {"text": "elsewhere"}}])[0])
    api.call("annotations.update", id=work.annotations[0]["id"], json={"result": [choice("Negative")]})
    own = [sorted({item["annotation_id"] for item in work.history(one)}) for one in work.annotations]
    show.equal("LS-HISTORY-008", expected=[[one["id"]] for one in work.annotations], got=own)
    items = sorted(one for annotation in work.annotations for one in ids(work.history(annotation)))
    asked = [
        api.call("annotation_history.list_for_project", id=work.project, query={"page": page, "page_size": 2})
        for page in (1, 2)
    ]
    pages = [answer.json() for answer in asked]
    found = sorted(item["id"] for page in pages for item in page["results"])
    foreign = set(found) & set(ids(work.history(elsewhere)))
    got = [found, pages[0]["count"], sorted(foreign)]
    show.equal("LS-HISTORY-009", expected=[items, 4, []], got=got, exchange=asked[-1])
    orders = [[item["id"] for item in work.history(work.annotations[0], ordering=o)] for o in ("id", "-id")]
    expected = ids(work.history(work.annotations[0]))
    show.equal("LS-HISTORY-014", expected=[expected, expected[::-1]], got=orders)


@pytest.mark.requirement("LS-HISTORY-013")
@pytest.mark.parametrize(
    ("way", "requirement", "left"),
    [
        pytest.param(way, shown, left, marks=pytest.mark.requirement(shown), id=way)
        for way, shown, left in (
            ("annotation", "LS-HISTORY-010", [0, 1, 1, 1]),
            ("task", "LS-HISTORY-011", [0, 0, 1, 1]),
            ("project", "LS-HISTORY-012", [0, 0, 0, 1]),
        )
    ],
)
def test_history_is_removed(
    api: Wire, show: Show, work: Work, new_project: NewProject, way: str, requirement: str, left: list[int]
) -> None:
    elsewhere = annotate(api, import_tasks(api, new_project()["id"], [{"data": {"text": "elsewhere"}}])[0])
    everything = [*work.annotations, elsewhere]
    named = {"annotation": work.annotations[0]["id"], "task": work.tasks[0]["id"], "project": work.project}
    gone = api.call("annotation_history.delete", query={way: named[way]})
    got = [len(work.history(annotation)) for annotation in everything]
    show.equal(requirement, expected=left, got=got, exchange=gone)
    show.equal(requirement, expected=left.count(0), got=gone.json()["removed"], exchange=gone, signature="told")
    read = [api.call("annotations.get", id=one["id"], expect=None) for one in everything]
    results = [one.json()["result"] if one.ok else one.brief() for one in read]
    show.equal("LS-HISTORY-013", expected=[one["result"] for one in everything], got=results, exchange=read[0])


@pytest.mark.requirement("LS-HISTORY-017")
def test_nothing_is_no_history(api: Wire, show: Show) -> None:
    show.status("LS-HISTORY-017", api.call("annotation_history.retrieve", id=NOBODY, expect=None), 404)
