"""Frames between the key frames of a video: nothing is lost, whatever a key frame leaves open."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.data.configs import region
from conformance.scenarios.exports.snapshots import taken
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

CONFIG = """<View>
  <Video name="video" value="$video"/>
  <VideoRectangle name="box" toName="video"/>
  <Labels name="label" toName="video"><Label value="Man"/></Labels>
  <Choices name="weather" toName="video"><Choice value="Rain"/></Choices>
</View>"""
MEASURES = ("x", "y", "width", "height", "rotation")
FIRST = {"frame": 2, "enabled": True, "time": 0.08, "x": 10, "y": 20, "width": 30, "height": 8, "rotation": 0}
LAST = {"frame": 6, "enabled": False, "time": 0.24, "x": 50, "y": 12, "width": 10, "height": 12, "rotation": 40}


def track(*frames: dict[str, Any], region_id: str = "r1", **more: Any) -> dict[str, Any]:
    """A box that is followed through a video of ten frames."""
    value = {"framesCount": 10, "duration": 0.4, "sequence": list(frames), "labels": ["Man"], **more}
    return region("videorectangle", value, source="box", target="video", region_id=region_id)


def lacking(*keys: str) -> list[dict[str, Any]]:
    """Both key frames without these keys."""
    return [{key: value for key, value in frame.items() if key not in keys} for frame in (FIRST, LAST)]


RAIN = region("choices", ["Rain"], source="weather", target="video", region_id="rain")
CASES: dict[str, list[dict[str, Any]]] = {
    "whole": [track(FIRST, LAST)],
    "without rotation": [track(*lacking("rotation"))],
    "without time": [track(*lacking("time"))],
    "without enabled": [track(*lacking("enabled"))],
    "without labels, duration and number of frames": [
        region("videorectangle", {"sequence": [FIRST, LAST]}, source="box", target="video")
    ],
    "a number of frames written as 10.0": [track(FIRST, {**LAST, "enabled": True}, framesCount=10.0)],
    "a box without key frames, beside another": [track(region_id="none"), track(FIRST, LAST)],
    "a choice and two boxes": [RAIN, track(FIRST, LAST), track(LAST, region_id="r2")],
    "one key frame": [track(LAST)],
}


def told(api: Wire, eventually: Eventually, project: dict[str, Any], way: str, case: str) -> tuple[Exchange, bool]:
    """Export all frames; returns the answer that has them, or that says why there are none, and whether it has."""
    if way == "direct":
        query = {"export_type": "JSON", "interpolate_key_frames": True}
        answer = api.call(
            "projects.exports.download_sync", id=project["id"], query=query, expect=None, deed=f"all frames, {case}"
        )
        return answer, answer.ok
    made = taken(api, eventually, project, serialization_options={"interpolate_key_frames": True})
    state = api.call("projects.exports.get", **made)
    if state.json()["status"] != "completed":
        return state, False
    return api.call("projects.exports.download", **made), True


def key_frames(regions: Iterable[dict[str, Any]], drawn: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what is told of the key frames that were drawn, by the id of their region; other regions have none.

    What was not sent of a key frame (its time, its rotation) may be filled in, and is not looked at.
    """
    sent = {one["id"]: {f["frame"]: f for f in one["value"].get("sequence", [])} for one in drawn}
    told: dict[str, list[dict[str, Any]]] = {}
    for one in regions:
        keys = sent.get(one["id"], {})
        frames = [frame for frame in one["value"].get("sequence", []) if frame["frame"] in keys]
        told[one["id"]] = [{k: v for k, v in frame.items() if k in keys[frame["frame"]]} for frame in frames]
        told[one["id"]].sort(key=itemgetter("frame"))
    return told


@pytest.mark.requirement("LS-EXPORT-207", "LS-EXPORT-208")
@pytest.mark.parametrize("way", ["direct", "snapshot"])
@pytest.mark.parametrize("case", CASES)
def test_an_export_of_all_frames_has_every_region(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, imported: Imported, case: str, way: str
) -> None:
    drawn = CASES[case]
    project = new_project(label_config=CONFIG)
    (task,) = imported(project, [{"data": {"video": "https://videos.invalid/1.mp4"}}])
    annotate(api, task, *drawn)
    answer, there = told(api, eventually, project, way, case)
    got = "the export" if there else f"{answer.brief()}: {answer.text[:200]}"
    show("LS-EXPORT-207", there, expected="the export", got=got, exchange=answer, signature=f"{way}: {case}")
    if not there:
        show.blocked("LS-EXPORT-207", "there is no export, so nothing that could be missing in it")
    (annotation,) = answer.json()[0]["annotations"]
    show.equal(
        "LS-EXPORT-208",
        expected=key_frames(drawn, drawn),
        got=key_frames(annotation["result"], drawn),
        exchange=answer,
        signature=f"{way}: {case}",
    )


def between(share: float) -> dict[str, float]:
    """The measures at this share of the way from the first to the last key frame."""
    return {name: FIRST[name] + (LAST[name] - FIRST[name]) * share for name in MEASURES}


BEFORE = {number: between((number - 2) / 4) for number in range(2, 7)}
AFTER = {number: between(1) for number in range(7, 11)}
ON = {**LAST, "enabled": True}
OFF = {**FIRST, "enabled": False}
# key frames in the order in which they are stored, and what each frame has then
FOLLOWED: dict[str, tuple[list[dict[str, Any]], dict[int, dict[str, float]]]] = {
    "until the last key frame": ([FIRST, LAST], BEFORE),
    "stored the other way round": ([LAST, FIRST], BEFORE),
    "until the end": ([FIRST, ON], {**BEFORE, **AFTER}),
    "with a gap": ([OFF, ON], {2: BEFORE[2], 6: BEFORE[6], **AFTER}),
}


@pytest.mark.requirement("LS-EXPORT-209")
@pytest.mark.parametrize("way", ["direct", "snapshot"])
@pytest.mark.parametrize("case", FOLLOWED)
def test_frames_lie_between_their_key_frames(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, imported: Imported, case: str, way: str
) -> None:
    stored, expected = FOLLOWED[case]
    project = new_project(label_config=CONFIG)
    (task,) = imported(project, [{"data": {"video": "https://videos.invalid/1.mp4"}}])
    annotate(api, task, track(*stored))
    answer, there = told(api, eventually, project, way, case)
    if not there:
        show.blocked("LS-EXPORT-207", "there is no export, so no frames")
    (one,) = answer.json()[0]["annotations"][0]["result"]
    got = [(frame["frame"], {name: round(frame[name], 6) for name in MEASURES}) for frame in one["value"]["sequence"]]
    wanted = [(number, {name: round(value, 6) for name, value in expected[number].items()}) for number in expected]
    show.equal("LS-EXPORT-209", expected=any_order(wanted), got=got, exchange=answer, signature=f"{way}: {case}")
