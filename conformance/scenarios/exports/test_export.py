"""Direct exports: what is in them, and what is refused."""

from __future__ import annotations

import json
from email.message import Message
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, show_read
from conformance.scenarios.data.configs import choice
from conformance.scenarios.readers import Unreadable, read_large, read_table
from conformance.scenarios.steps import annotate, bring_in, export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Wire

MANY = 1000
LARGE = 2000


@pytest.mark.requirement("LS-EXPORT-002")
@pytest.mark.parametrize("name", ["NOPE", "../JSON"])
def test_a_format_that_does_not_exist_is_refused(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], name: str
) -> None:
    annotate(api, task, choice("Positive"))
    answer = api.call("projects.exports.download_sync", id=project["id"], query={"export_type": name}, expect=None)
    show(
        "LS-EXPORT-002",
        400 <= answer.status < 500,
        expected="a 4xx",
        got=answer.brief(),
        exchange=answer,
        signature=f"HTTP {answer.status}",
    )


@pytest.mark.requirement("LS-EXPORT-020")
def test_chosen_tasks_are_exported(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    tasks = imported(project, [{"data": {"text": str(n)}} for n in range(4)])
    for task in tasks:
        annotate(api, task, choice("Positive"))
    wanted = [tasks[1]["id"], tasks[3]["id"]]
    answer = api.call("projects.exports.download_sync", id=project["id"], query={"export_type": "JSON", "ids": wanted})
    show.equal("LS-EXPORT-020", expected=wanted, got=sorted(t["id"] for t in answer.json()), exchange=answer)
    expected = [task["data"]["text"] for task in (tasks[1], tasks[3])]
    read: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {"JSON_MIN": json.loads, "CSV": read_table}
    for kind, rows in read.items():
        query = {"export_type": kind, "ids": wanted}
        other = api.call("projects.exports.download_sync", id=project["id"], query=query)
        show_read("LS-EXPORT-020", show, other, partial(texts_of, rows), expected)


def texts_of(rows: Callable[[bytes], list[dict[str, Any]]], content: bytes) -> list[str]:
    """The texts of the rows of an export, sorted."""
    return sorted(str(row["text"]) for row in rows(content))


@pytest.mark.requirement("LS-EXPORT-021", "LS-EXPORT-023")
def test_nothing_to_export_is_no_error(api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]) -> None:
    assert task["total_annotations"] == 0
    answer = api.call("projects.exports.download_sync", id=project["id"], query={"export_type": "JSON"}, expect=None)
    got = answer.json() if answer.ok else answer.brief()
    show.equal("LS-EXPORT-021", expected=[], got=got, exchange=answer)

    api.call("projects.delete", id=project["id"])
    gone = api.call("projects.exports.download_sync", id=project["id"], query={"export_type": "JSON"}, expect=None)
    show.status("LS-EXPORT-023", gone, *GONE)


@pytest.mark.requirement("LS-EXPORT-022")
def test_a_thousand_tasks_are_exported(api: Wire, show: Show, project: dict[str, Any]) -> None:
    result = [{"result": [choice("Positive")]}]
    sent: list[dict[str, Any]] = [{"data": {"text": f"task {n}"}, "annotations": result} for n in range(MANY)]
    bring_in(api, project["id"], json=sent)
    answer = export(api, project["id"], "JSON")
    got = [task["data"]["text"] for task in answer.json() if len(task["annotations"]) == 1]
    missing = sorted({task["data"]["text"] for task in sent} - set(got))
    show(
        "LS-EXPORT-022",
        len(got) == MANY and not missing,
        expected="1,000 tasks with an annotation, each once",
        got={"tasks": len(got), "missing": missing[:5]},
        exchange=answer,
    )


@pytest.mark.requirement("LS-EXPORT-043")
def test_a_large_export_arrives_whole(api: Wire, show: Show, project: dict[str, Any], tmp_path: Path) -> None:
    filler = "Zeile mit Umlauten: äöü. " * 320  # about 8 KB, so that the whole is 16 MB
    for part in range(4):
        texts = [f"{number} {filler}" for number in range(part * LARGE // 4, (part + 1) * LARGE // 4)]
        bring_in(api, project["id"], json=[{"text": text} for text in texts], timeout=300)
    path = tmp_path / "export.json"
    query = {"export_type": "JSON", "download_all_tasks": True}
    answer = api.call(
        "projects.exports.download_sync",
        id=project["id"],
        query=query,
        headers={"Accept-Encoding": "identity"},  # of what is compressed another length is announced
        timeout=300,
        into=path,
    )
    announced = answer.response.headers.get("content-length") if answer.response else None
    size = path.stat().st_size
    try:
        got = [int(task["data"]["text"].partition(" ")[0]) for task in read_large(path)]
    except Unreadable as problem:
        show("LS-EXPORT-043", holds=False, expected="a list of tasks", got=str(problem), exchange=answer)
        return
    show(
        "LS-EXPORT-043",
        sorted(got) == list(range(LARGE)) and announced in {None, str(size)},
        expected=f"tasks 0 to {LARGE - 1}, each once; {size} bytes announced, or no length",
        got=f"{len(got)} tasks, {len(set(got))} different; {announced} bytes announced",
        exchange=answer,
    )


def suggested_name(disposition: str) -> str:
    """The file name of a Content-Disposition, however it is written there (RFC 6266); empty if there is none."""
    message = Message()
    message["content-disposition"] = disposition
    return message.get_filename("")


@pytest.mark.requirement("LS-EXPORT-024", "LS-EXPORT-046")
@pytest.mark.parametrize("name", ["JSON", "CSV", "TSV"])
def test_a_download_suggests_a_name(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], name: str
) -> None:
    annotate(api, task, choice("Positive"))
    answer = export(api, project["id"], name)
    suggested = answer.response.headers.get("content-disposition", "") if answer.response else ""
    show(
        "LS-EXPORT-024",
        suggested.startswith("attachment") and suggested.rstrip('"').endswith(f".{name.lower()}"),
        expected=f"attachment; filename=….{name.lower()}",
        got=suggested or "no Content-Disposition",
        exchange=answer,
        signature=name,
    )
    show(
        "LS-EXPORT-046",
        not (file := suggested_name(suggested)) or file.lower().endswith(f".{name.lower()}"),
        expected=f"a name that ends in .{name.lower()}, or none",
        got=suggested,
        exchange=answer,
        signature=name,
    )
