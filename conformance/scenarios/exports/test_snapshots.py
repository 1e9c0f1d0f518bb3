"""Snapshots: what is in them, as asked, and what becomes of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, rejected
from conformance.scenarios.data.configs import choice, region
from conformance.scenarios.exports.snapshots import downloaded, taken
from conformance.scenarios.steps import annotate, filters, predict

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

VIDEO = """<View>
  <Video name="video" value="$video"/>
  <VideoRectangle name="box" toName="video"/>
  <Labels name="label" toName="video"><Label value="Man"/></Labels>
</View>"""
NOBODY_S = 2_000_000_001
NAMES = ("annotated", "skipped", "bare", "both")


@pytest.fixture
def four(api: Wire, project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Tasks of ``project``: annotated (ground truth), skipped, bare, and with both kinds of annotations."""
    tasks = imported(project, [{"data": {"text": name}} for name in NAMES])
    annotate(api, tasks[0], choice("Positive"), ground_truth=True)
    annotate(api, tasks[1], was_cancelled=True)
    annotate(api, tasks[3], choice("Negative"))
    annotate(api, tasks[3], was_cancelled=True)
    return tasks


def names(exchange: Exchange) -> list[str]:
    """Return which tasks are in a download."""
    return [task["data"]["text"] for task in sorted(exchange.json(), key=lambda task: task["id"])]


@pytest.mark.requirement("LS-EXPORT-222")
def test_a_snapshot_ends_after_it_began(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], four: list[dict[str, Any]]
) -> None:
    made = taken(api, eventually, project)
    told = api.call("projects.exports.get", **made)
    if not told.json()["finished_at"]:
        show.not_measured(f"a snapshot of {len(four)} tasks is not finished: {told.json()['status']}")
    begun, ended = (dt.datetime.fromisoformat(told.json()[name]) for name in ("created_at", "finished_at"))
    show(
        "LS-EXPORT-222",
        begun <= ended,
        expected="a finished_at that is not earlier than created_at",
        got=[begun, ended],
        exchange=told,
    )


def can_be_downloaded(api: Wire, snapshot: dict[str, Any]) -> bool:
    """Return whether a snapshot is there."""
    return api.call("projects.exports.download", **snapshot, expect=None).succeeded


@pytest.mark.requirement("LS-EXPORT-223")
def test_a_snapshot_is_taken_whatever_its_status_is_said_to_be(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    imported(project, [{"data": {"text": "only"}}])
    begun = {
        status: api.call("projects.exports.create", id=project["id"], json={"status": status}, expect=None)
        for status in ("in_progress", "completed", "failed")
    }
    taken(api, eventually, project)  # what was begun before it has most likely ended, too
    for status, made in begun.items():
        answer, got = made, "refused"
        if made.ok:
            snapshot = {"id": project["id"], "export_pk": made.json()["id"]}
            with api.unchecked():
                eventually(partial(can_be_downloaded, api, snapshot), until=bool, budget="snapshot followed")
                answer = api.call("projects.exports.download", **snapshot, expect=None)
            got = str(names(answer)) if answer.succeeded else answer.brief()
        show(
            "LS-EXPORT-223",
            made.rejected or got == str(["only"]),
            expected="a snapshot with the task, or a 4xx",
            got=got,
            exchange=answer,
            signature=status,
        )


CHOSEN: list[tuple[str, dict[str, object], list[str] | None]] = [
    ("LS-EXPORT-025", {"only_with_annotations": True}, ["annotated", "skipped", "both"]),
    ("LS-EXPORT-025", {"annotated": "only"}, ["annotated", "both"]),
    ("LS-EXPORT-025", {"annotated": "exclude"}, ["skipped", "bare"]),
    ("LS-EXPORT-026", {"finished": "only"}, None),
    ("LS-EXPORT-026", {"finished": "exclude"}, None),
    ("LS-EXPORT-027", {"skipped": "only"}, ["skipped", "both"]),
    ("LS-EXPORT-027", {"skipped": "exclude"}, ["annotated", "bare"]),
]


@pytest.mark.parametrize(
    ("requirement", "options", "expected"),
    [
        pytest.param(r, o, e, marks=pytest.mark.requirement(r), id=" ".join(f"{k} {v}" for k, v in o.items()))
        for r, o, e in CHOSEN
    ],
)
def test_a_snapshot_holds_the_tasks_that_were_asked_for(
    api: Wire,
    show: Show,
    eventually: Eventually,
    project: dict[str, Any],
    four: list[dict[str, Any]],
    requirement: str,
    options: dict[str, object],
    expected: list[str] | None,
) -> None:
    if expected is None:  # whether a skipped task is finished, the server decides; the snapshot has to agree with it
        finished = {t["id"]: api.call("tasks.get", id=t["id"]).json()["is_labeled"] for t in four}
        expected = [t["data"]["text"] for t in four if finished[t["id"]] == (options["finished"] == "only")]
    exchange = downloaded(api, eventually, project, task_filter_options=options)
    show.equal(requirement, expected=expected, got=names(exchange), exchange=exchange, signature=str(options))


@pytest.mark.requirement("LS-EXPORT-028")
def test_a_snapshot_of_a_view(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], four: list[dict[str, Any]]
) -> None:
    assert len(four) == len(NAMES)
    data = {"filters": filters(("data.text", "contains", "String", "b"))}
    view = api.call("views.create", json={"project": project["id"], "data": data}).json()
    exchange = downloaded(api, eventually, project, task_filter_options={"view": view["id"]})
    show.equal("LS-EXPORT-028", expected=["bare", "both"], got=names(exchange), exchange=exchange)


@pytest.mark.requirement("LS-EXPORT-200")
@pytest.mark.parametrize("case", ["of another project", "that is deleted", "that never was"])
def test_a_snapshot_of_a_view_that_is_not_the_project_s(
    api: Wire,
    show: Show,
    eventually: Eventually,
    project: dict[str, Any],
    new_project: NewProject,
    four: list[dict[str, Any]],
    case: str,
) -> None:
    if names(downloaded(api, eventually, project)) != [task["data"]["text"] for task in four]:
        show.not_measured("a snapshot without a view does not have the tasks of the project, either")
    place = new_project() if case == "of another project" else project
    view = api.call("views.create", json={"project": place["id"], "data": {}}).json()["id"]
    if case == "that is deleted":
        api.call("views.delete", id=view)
    options = {"task_filter_options": {"view": view if case != "that never was" else NOBODY_S}}
    made = api.call("projects.exports.create", id=project["id"], json=options, expect=None)
    if not made.ok:
        rejected(show, "LS-EXPORT-200", made, about=f"a view {case}")
        return
    got = names(downloaded(api, eventually, project, **options))
    show.equal("LS-EXPORT-200", expected=[], got=got, exchange=made, signature=f"a view {case}")


@pytest.mark.requirement("LS-EXPORT-029")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"usual": True, "skipped": False, "ground_truth": False}, [0, 0, 0, 1]),
        ({"usual": False, "skipped": True, "ground_truth": False}, [0, 1, 0, 1]),
        ({"usual": False, "skipped": False, "ground_truth": True}, [1, 0, 0, 0]),
    ],
    ids=["usual", "skipped", "ground truth"],
)
def test_a_snapshot_holds_the_annotations_that_were_asked_for(
    api: Wire,
    show: Show,
    eventually: Eventually,
    project: dict[str, Any],
    four: list[dict[str, Any]],
    options: dict[str, bool],
    expected: list[int],
) -> None:
    exchange = downloaded(api, eventually, project, annotation_filter_options=options)
    found = {task["id"]: len(task["annotations"]) for task in exchange.json()}
    got = [found.get(task["id"], 0) for task in four]
    show.equal("LS-EXPORT-029", expected=expected, got=got, exchange=exchange, signature=str(options))


@pytest.mark.requirement("LS-EXPORT-030", "LS-EXPORT-031")
def test_a_snapshot_shows_references_as_asked(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], task: dict[str, Any]
) -> None:
    annotation = annotate(api, task, choice("Positive"))
    guess = predict(api, task, choice("Negative"), score=0.5, model_version="m")
    for by_id in (True, False):
        asked = {"predictions": {"only_id": by_id}, "annotations__completed_by": {"only_id": by_id}}
        exchange = downloaded(api, eventually, project, serialization_options=asked)
        (told,) = exchange.json()
        (prediction,), person = told["predictions"], told["annotations"][0]["completed_by"]
        show.equal(
            "LS-EXPORT-030",
            expected=guess["id"] if by_id else [guess["id"], guess["result"], 0.5, "m"],
            got=prediction if by_id else [prediction.get(k) for k in ("id", "result", "score", "model_version")],
            exchange=exchange,
            signature=f"only_id {by_id}",
        )
        show.equal(
            "LS-EXPORT-031",
            expected=annotation["completed_by"] if by_id else {"id": annotation["completed_by"]},
            got={"id": person.get("id")} if isinstance(person, dict) else person,
            exchange=exchange,
            signature=f"only_id {by_id}",
        )


@pytest.mark.requirement("LS-EXPORT-044")
@pytest.mark.parametrize("by_id", [True, False])
def test_a_snapshot_shows_drafts_where_there_are_any(
    api: Wire,
    show: Show,
    eventually: Eventually,
    project: dict[str, Any],
    task: dict[str, Any],
    by_id: bool,
) -> None:
    annotate(api, task, choice("Positive"))
    exchange = downloaded(api, eventually, project, serialization_options={"drafts": {"only_id": by_id}})
    got = [told.get("drafts") for told in exchange.json()]
    show.equal("LS-EXPORT-044", expected=[[]], got=got, exchange=exchange)


@pytest.mark.requirement("LS-EXPORT-045")
def test_a_snapshot_fills_in_frames_if_asked(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, imported: Imported
) -> None:
    project = new_project(label_config=VIDEO)
    (task,) = imported(project, [{"data": {"video": "https://videos.invalid/1.mp4"}}])
    still = {"y": 20, "width": 5, "height": 5, "rotation": 0}
    frames = [
        {"frame": 1, "enabled": True, "time": 0.04, "x": 10, **still},
        {"frame": 5, "enabled": False, "time": 0.2, "x": 50, **still},
    ]
    value = {"framesCount": 10, "duration": 0.4, "sequence": frames, "labels": ["Man"]}
    annotate(api, task, region("videorectangle", value, source="box", target="video"))
    for asked, expected in ((False, [(1, 10), (5, 50)]), (True, [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)])):
        options = {"interpolate_key_frames": asked}
        exchange = downloaded(api, eventually, project, serialization_options=options)
        (told,) = exchange.json()
        sequence = told["annotations"][0]["result"][0]["value"]["sequence"]
        got = [(frame["frame"], round(frame["x"], 6)) for frame in sequence]
        show.equal("LS-EXPORT-045", expected=expected, got=got, exchange=exchange, signature=f"interpolate {asked}")


@pytest.mark.requirement("LS-EXPORT-032", "LS-EXPORT-033")
def test_snapshots_are_listed_with_their_titles(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject
) -> None:
    project, other = new_project(), new_project()
    titles = ["First of all", "Zweiter Stand: 50 %"]
    made = [taken(api, eventually, project, title=title)["export_pk"] for title in titles]
    foreign = taken(api, eventually, other)["export_pk"]
    listed = [api.call("projects.exports.list", id=p["id"]) for p in (project, other)]
    got = [sorted(entry["id"] for entry in answer.json()) for answer in listed]
    show.equal("LS-EXPORT-033", expected=[made, [foreign]], got=got, exchange=listed[0])
    told = {entry["id"]: entry["title"] for entry in listed[0].json()}
    show.equal("LS-EXPORT-032", expected=dict(zip(made, titles, strict=True)), got=told, exchange=listed[0])


@pytest.mark.requirement("LS-EXPORT-034", "LS-EXPORT-035")
def test_a_snapshot_stays_as_it_was(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    first, second = imported(project, [{"data": {"text": "first"}}, {"data": {"text": "second"}}])
    snapshot = taken(api, eventually, project)
    before = api.call("projects.exports.download", **snapshot)
    if "first" not in before.text or "second" not in before.text:
        show.not_measured("the snapshot does not hold both tasks, changed or not")
    api.call("tasks.update", id=first["id"], json={"data": {"text": "changed"}})
    api.call("tasks.delete", id=second["id"])
    after = api.call("projects.exports.download", **snapshot)
    show.equal("LS-EXPORT-034", expected=before.text, got=after.text, exchange=after)

    told = api.call("projects.exports.get", **snapshot)
    digest = hashlib.md5(after.content, usedforsecurity=False).hexdigest()
    show.equal("LS-EXPORT-035", expected=digest, got=told.json().get("md5"), exchange=told)


@pytest.mark.requirement("LS-EXPORT-036", "LS-EXPORT-037")
def test_a_snapshot_is_converted(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], task: dict[str, Any]
) -> None:
    annotate(api, task, choice("Positive"))
    snapshot = taken(api, eventually, project)
    api.call("projects.exports.convert", json={"export_type": "TSV"}, **snapshot)
    told = eventually(
        lambda: api.call("projects.exports.get", **snapshot),
        until=lambda seen: all(f["status"] == "completed" for f in seen.json()["converted_formats"]),
        budget="conversion ready",
    )
    got = [(f["export_type"], f["status"]) for f in told.json()["converted_formats"]]
    show.equal("LS-EXPORT-036", expected=[("TSV", "completed")], got=got, exchange=told)

    rejected = api.call("projects.exports.convert", json={"export_type": "NOPE"}, expect=None, **snapshot)
    show(
        "LS-EXPORT-037",
        400 <= rejected.status < 500,
        expected="a 4xx",
        got=rejected.brief(),
        exchange=rejected,
        signature=f"HTTP {rejected.status}",
    )


@pytest.mark.requirement("LS-EXPORT-038", "LS-EXPORT-039")
def test_a_snapshot_that_is_gone_answers_404(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any]
) -> None:
    snapshot = taken(api, eventually, project)
    api.call("projects.exports.delete", **snapshot)
    for verb in ("get", "download", "convert", "delete"):
        body = {"export_type": "CSV"} if verb == "convert" else None
        answer = api.call(f"projects.exports.{verb}", json=body, expect=None, **snapshot)
        show.status("LS-EXPORT-038", answer, *GONE)
        if verb == "get":
            show.equal("LS-EXPORT-039", expected="application/json", got=answer.content_type, exchange=answer)
