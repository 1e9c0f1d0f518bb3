"""Exports agree with lists and single objects, and snapshots with direct exports."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order, equal
from conformance.outcomes import NotMeasured
from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.exports.conftest import import_annotated
from conformance.scenarios.steps import annotate, export, list_tasks, predict

if TYPE_CHECKING:
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# What the list shows otherwise by design: as a text for filters, for people, or only where it was asked for.
SHOWN_OTHERWISE = {"annotations", "predictions", "drafts", "updated_by", "file_upload", "comment_authors"}
RELATIVE = {"created_ago", "created_username"}
MANY = 65
# of what is compressed another length is announced
PLAIN = ("Accept-Encoding", "identity")
FEW = 200
SEVERAL = frozenset({"annotations", "predictions", "drafts", "comments"})


@pytest.fixture
def looked_at(api: Wire, target: TargetInUse, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A project whose tasks have something of everything; where nothing may be made, the one that was named."""
    if not api.read_only:
        made: dict[str, Any] = request.getfixturevalue("rich")
        return made
    named = target.settings.ids.get("project")
    if named is None:
        raise NotMeasured("The target is only read, and no project was named ([ids] in the target file).")
    project = api.call("projects.get", id=named).json()
    if project["task_number"] > FEW:
        raise NotMeasured(f"The project has more than {FEW} tasks: reading each is too much to ask of others' server.")
    return {"id": project["id"]}


@pytest.fixture
def rich(api: Wire, project: dict[str, Any], imported: Imported) -> dict[str, Any]:
    """A project whose tasks have something of everything."""
    tasks = imported(
        project,
        [{"data": {"text": f"Größe {n}", "n": n / 3}, "meta": {"m": [n, None, "ä"]}} for n in range(6)],
    )
    annotate(api, tasks[0], choice("Positive"), lead_time=0.123456789, ground_truth=True)
    annotate(api, tasks[1], choice("Positive"), choice("Negative", region_id="c2"), lead_time=86400.25)
    annotate(api, tasks[1], choice("Negative"))
    annotate(api, tasks[2], was_cancelled=True, lead_time=1)
    annotate(api, tasks[3])
    predict(api, tasks[3], choice("Positive"), score=0.123456789012345, model_version="ä 1.0")
    predict(api, tasks[4], choice("Negative"), score=-1.5, model_version="b")
    return project


def snapshot(api: Wire, project: int, **options: object) -> dict[str, Any]:
    """A snapshot, named as in paths."""
    made = api.call("projects.exports.create", id=project, json=options).json()
    return {"id": project, "export_pk": made["id"]}


def by_id(things: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Objects by their id."""
    return {thing["id"]: thing for thing in things}


def common(one: dict[str, Any], other: dict[str, Any], *, without: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what both have, of each."""
    keys = (set(one) & set(other)) - without
    return {k: one[k] for k in keys}, {k: other[k] for k in keys}


def differing(one: dict[str, Any], other: dict[str, Any], *, without: set[str]) -> list[str]:
    """Names of what both have and say otherwise."""
    first, second = common(one, other, without=without)
    return sorted(key for key in first if not equal(_of_a_task(key, first[key]), _of_a_task(key, second[key])))


def _of_a_task(name: str, value: Any) -> Any:
    """The value; what a task has several of comes in no order that anybody promised."""
    return any_order(value) if name in SEVERAL and isinstance(value, list) else value


@pytest.mark.safety("read-only")
@pytest.mark.requirement("LS-EXPORT-170", "LS-EXPORT-171", "LS-EXPORT-172", "LS-EXPORT-173")
def test_an_export_says_what_the_objects_say(api: Wire, show: Show, looked_at: dict[str, Any]) -> None:
    answer = export(api, looked_at["id"], "JSON", everything=True)
    exported = by_id(answer.json())
    listed = by_id(list_tasks(api, looked_at["id"]))
    got = sorted(task["id"] for task in answer.json())
    show.equal("LS-EXPORT-170", expected=sorted(listed), got=got, exchange=answer)
    if not exported:
        show.not_measured("no task was exported that could be compared with others")
    apart: dict[str, set[str]] = {"list": set(), "task": set()}
    for number, task in exported.items():
        single = api.call("tasks.get", id=number).json()
        for name, other in (("list", listed[number]), ("task", single)):
            apart[name] |= set(differing(task, other, without=SHOWN_OTHERWISE))
    show_each("LS-EXPORT-171", show, answer, {name: ([], sorted(names)) for name, names in apart.items()})
    wrong: set[str] = set()
    annotations = [a for task in exported.values() for a in task["annotations"]]
    for annotation in annotations:
        single = api.call("annotations.get", id=annotation["id"]).json()
        wrong |= set(differing(annotation, single, without=RELATIVE))
    show_none("LS-EXPORT-172", show, answer, sorted(wrong), among=annotations)
    counted = {
        a["id"]: (len({region["id"] for region in a["result"]}), a["result_count"])
        for a in annotations
        # who imports annotations need not name their regions
        if "result_count" in a and all("id" in region for region in a["result"])
    }
    if not counted:
        show.not_measured("no annotation was exported with the number of its regions")
    show.equal("LS-EXPORT-173", expected={}, got={k: v for k, v in counted.items() if v[0] != v[1]}, exchange=answer)


@pytest.mark.requirement("LS-EXPORT-174", "LS-EXPORT-175", "LS-EXPORT-176", "LS-EXPORT-177")
def test_a_snapshot_says_what_a_direct_export_says(api: Wire, show: Show, rich: dict[str, Any]) -> None:
    direct = export(api, rich["id"], "JSON", everything=True)
    made = snapshot(api, rich["id"])
    download = api.call("projects.exports.download", **made)
    tasks, other = by_id(direct.json()), by_id(download.json())
    show.equal("LS-EXPORT-174", expected=sorted(tasks), got=sorted(other), exchange=download)
    wrong = sorted({name for n, task in tasks.items() for name in differing(task, other[n], without={"drafts"})})
    show_none("LS-EXPORT-174", show, download, wrong, among=tasks, signature=", ".join(wrong))
    suffixes: dict[str, tuple[object, object]] = {}
    plain: dict[str, tuple[object, object]] = {}
    for name in (None, "JSON", "JSON_MIN", "CSV", "TSV"):
        converted = api.call("projects.exports.download", query={"exportType": name}, expect=None, **made)
        if name not in {None, "JSON"}:
            straight = export(api, rich["id"], str(name), everything=True)
            expected, got = in_any_order(straight.text), in_any_order(converted.text)
            show.equal("LS-EXPORT-175", expected=expected, got=got, exchange=converted, signature=name)
        disposition = _disposition(converted)
        suffix = "json" if name in {None, "JSON_MIN"} else str(name).lower()
        suffixes[str(name)] = (suffix, disposition.rpartition(".")[2])
        plain[str(name)] = (True, bool(disposition) and "/" not in disposition and "\\" not in disposition)
    show_each("LS-EXPORT-176", show, download, suffixes)
    show_each("LS-EXPORT-177", show, download, plain)


def in_any_order(text: str) -> list[str]:
    """The rows of a table or of JSON_MIN, sorted: nobody promised an order of tasks."""
    try:
        rows = json.loads(text)
    except ValueError:
        return sorted(text.splitlines())
    return sorted(json.dumps(row, ensure_ascii=False) for row in rows) if isinstance(rows, list) else [text]


def _disposition(answer: Exchange) -> str:
    header = answer.response.headers.get("content-disposition", "") if answer.response else ""
    found = re.search(r'filename\*?="?([^";]+)', header)
    return found[1] if found else ""


@pytest.mark.requirement("LS-EXPORT-178", "LS-EXPORT-179", "LS-EXPORT-180", "LS-EXPORT-181")
def test_what_is_asked_for_is_exported(api: Wire, show: Show, new_project: NewProject, rich: dict[str, Any]) -> None:
    listed = list_tasks(api, rich["id"])
    annotated = [task["id"] for task in listed if task["annotations"]]
    if not annotated:
        show.not_measured("no annotation is listed that could be exported")
    asked: dict[str, tuple[object, object]] = {}
    for value, expected in (("true", [t["id"] for t in listed]), ("false", annotated), (None, annotated)):
        all_or_not = {"export_type": "JSON", "download_all_tasks": value}
        answer = api.call("projects.exports.download_sync", id=rich["id"], query=all_or_not, expect=None)
        asked[str(value)] = (expected, _ids(answer))
    show_each("LS-EXPORT-178", show, answer, asked)

    foreign = import_annotated(api, new_project()["id"], [{"data": {"text": "foreign"}}])[0]["id"]
    for ids, requirement in (([foreign], "LS-EXPORT-179"), (["x"], "LS-EXPORT-180"), ([2**70], "LS-EXPORT-180")):
        query: dict[str, object] = {"export_type": "JSON", "download_all_tasks": "true", "ids": ids}
        answer = api.call("projects.exports.download_sync", id=rich["id"], query=query, expect=None)
        show(
            requirement,
            foreign not in _ids(answer) if requirement.endswith("9") else answer.status < 500,
            expected="no task of another project, and no error of the server",
            got=answer.brief(),
            exchange=answer,
        )
    made = snapshot(api, rich["id"])
    for name in ("bogus", "json", ""):
        deed = f"exportType: {name!r}"
        answer = api.call("projects.exports.download", query={"exportType": name}, expect=None, deed=deed, **made)
        unknown = 400 <= answer.status < 500 or (not name and answer.ok)
        show("LS-EXPORT-181", unknown, expected="a 4xx", got=answer.brief(), exchange=answer, signature=repr(name))


def _ids(answer: Exchange) -> list[int]:
    """Of the exported tasks, in the order of their ids: nobody promised another."""
    return sorted(task["id"] for task in answer.json()) if answer.ok else []


@pytest.mark.requirement("LS-EXPORT-182", "LS-EXPORT-183", "LS-EXPORT-184")
def test_a_download_can_be_announced_and_cut(api: Wire, show: Show, labelled: Labelled) -> None:
    """HEAD says what GET would, and a range is that part of the whole."""
    tasks = [
        {"data": {"text": f"{n} ä"}, "annotations": [{"result": [choice("Positive")], "ground_truth": False}]}
        for n in range(MANY)
    ]
    project = labelled(TEXT_CHOICES, tasks)
    made = snapshot(api, project)
    paths = {
        "direct": f"/api/projects/{project}/export?export_type=CSV",
        "snapshot": f"/api/projects/{project}/exports/{made['export_pk']}/download",
    }
    for case, path in paths.items():
        whole = api.request("GET", path, headers=[PLAIN])
        head = api.request("HEAD", path, headers=[PLAIN])
        told = {n: _header(head, n) for n in ("content-type", "content-disposition", "content-length")}
        length = str(len(whole.content))
        show.equal(
            "LS-EXPORT-182",
            expected={"status": 200, "body": 0, "content-type": _header(whole, "content-type")},
            got={"status": head.status, "body": len(head.content), "content-type": told["content-type"]},
            exchange=head,
            signature=case,
        )
        announced = {told["content-length"], _header(whole, "content-length")} - {""}
        show.equal("LS-EXPORT-183", expected=[length], got=sorted(announced | {length}), exchange=head, signature=case)
        part = api.request("GET", path, headers=[PLAIN, ("Range", "bytes=5-14")])
        wanted = whole.content[5:15] if part.status == 206 else whole.content
        show.equal("LS-EXPORT-184", expected=repr(wanted), got=repr(part.content), exchange=part, signature=case)


def _header(answer: Exchange, name: str) -> str:
    return str(answer.response.headers.get(name, "")) if answer.response else ""
