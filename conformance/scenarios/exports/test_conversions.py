"""Conversions of snapshots that fail, and snapshots from which everything is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# formats that can hardly be made of texts and choices
UNFIT = ("BRUSH_TO_PNG", "BRUSH_TO_NUMPY", "YOLO_OBB_WITH_IMAGES", "ASR_MANIFEST", "CONLL2003")


@pytest.fixture
def annotated(api: Wire, project: dict[str, Any]) -> int:
    """A project with a task that is annotated, skipped, and has a ground truth."""
    task = import_tasks(api, project["id"], [{"text": "a"}])[0]
    annotate(api, task, choice("Positive"))
    annotate(api, task, was_cancelled=True)
    annotate(api, task, choice("Negative"), ground_truth=True)
    return int(project["id"])


@pytest.mark.requirement("LS-EXPORT-202")
def test_a_conversion_that_failed_is_told_as_failed(api: Wire, show: Show, annotated: int) -> None:
    snapshot = api.call("projects.exports.create", id=annotated, json={"title": "converted"}).json()["id"]

    def convert(kind: str) -> Exchange:
        return api.call(
            "projects.exports.convert",
            id=annotated,
            export_pk=snapshot,
            json={"export_type": kind},
            expect=None,
            deed="a format that does not fit the config",
        )

    failed = {kind: answer for kind in UNFIT if not (answer := convert(kind)).succeeded}
    if not failed:
        show.not_measured("each conversion succeeded, also to formats that hardly fit the config")
    for kind, first in failed.items():
        described = api.call("projects.exports.get", id=annotated, export_pk=snapshot).json()
        told = [c["status"] for c in described["converted_formats"] if c["export_type"] == kind]
        again = convert(kind)
        show(
            "LS-EXPORT-202",
            told in ([], ["failed"]) and "already" not in again.text,
            expected="no conversion, or a failed one, which can be asked for again",
            got=f"{first.brief()}; told as {told}; again: {again.brief()}",
            exchange=first,
        )


@pytest.mark.requirement("LS-EXPORT-203")
def test_a_snapshot_of_no_kind_of_annotation_has_none(api: Wire, show: Show, annotated: int) -> None:
    options = dict.fromkeys(("usual", "skipped", "ground_truth"), False)
    body = {"title": "of none", "annotation_filter_options": options}
    made = api.call("projects.exports.create", id=annotated, json=body)
    read = api.call("projects.exports.download", id=annotated, export_pk=made.json()["id"])
    whole = api.call("projects.exports.create", id=annotated, json={"title": "of all"}).json()["id"]
    if not held(api.call("projects.exports.download", id=annotated, export_pk=whole)):
        show.not_measured("a snapshot has no annotations anyway")
    show.equal("LS-EXPORT-203", expected=0, got=held(read), exchange=made)


def held(download: Exchange) -> int:
    """How many annotations a download has."""
    return sum(len(task["annotations"]) for task in download.json())
