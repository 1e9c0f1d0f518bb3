"""Each kind of control in JSON, JSON_MIN, CSV, TSV and a snapshot: the same values, none lost."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each
from conformance.scenarios.exports.told import controls
from conformance.scenarios.exports.told.controls import leaves
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire


def _cell(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _values(name: str, answer: Exchange, control: str) -> Any:
    """Return what a format has under the control, as JSON."""
    try:
        if name.startswith("JSON"):
            (told,) = answer.json()
            return told.get(control)
        (row,) = readers.read_table(answer.content, delimiter="," if name == "CSV" else "\t")
        return row.get(control)
    except (Unreadable, ValueError, TypeError) as problem:
        return f"unreadable: {problem}"


def _counted(value: Any) -> Counter[str]:
    """Leaves, however they are written down; a text in a cell may be JSON, or only look like it."""
    return Counter(json.dumps(leaf) for leaf in leaves(value))


def _lost(values: list[dict[str, Any]], told: Any) -> list[str]:
    """Leaves of the values that were not told."""
    wanted = _counted(values)
    readings = [told, _cell(told)] if isinstance(told, str) else [told]
    return min((sorted((wanted - _counted(reading)).elements()) for reading in readings), key=len)


@pytest.mark.requirement("LS-EXPORT-140", "LS-EXPORT-141", "LS-EXPORT-142", "LS-EXPORT-143")
def test_every_control_tells_its_values(api: Wire, show: Show, labelled: Labelled) -> None:
    annotation = {"result": controls.result(), "ground_truth": False}
    project = labelled(controls.config(), [{"data": controls.data(), "annotations": [annotation]}])
    whole = export(api, project, "JSON", expect=None)
    show.equal("LS-EXPORT-140", expected=[controls.data(), annotation["result"]], got=_whole(whole), exchange=whole)
    for name, requirement in (("JSON_MIN", "LS-EXPORT-141"), ("CSV", "LS-EXPORT-142"), ("TSV", "LS-EXPORT-143")):
        answer = export(api, project, name, expect=None)
        lost: dict[str, tuple[object, object]] = {
            case: ([], _lost(controls.CONTROLS[case].values, _values(name, answer, called)))
            for case, called in controls.names().items()
        }
        show_each(requirement, show, answer, lost)


def _whole(answer: Exchange) -> Any:
    try:
        (task,) = answer.json()
        return [task["data"], task["annotations"][0]["result"]]
    except (ValueError, LookupError, TypeError) as problem:
        return f"unreadable: {problem}"


PAGES = """<View><Image name="image" valueList="$pages"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels>
<TextArea name="said" toName="image" perRegion="true"/><Choices name="kind" toName="image" perRegion="true">
<Choice value="big"/></Choices></View>"""


@pytest.mark.requirement("LS-EXPORT-144", "LS-EXPORT-145", "LS-EXPORT-146", "LS-EXPORT-221")
def test_what_belongs_together_can_be_told(api: Wire, show: Show, labelled: Labelled) -> None:
    """Pages, texts and notes of regions, and relations, in the formats that have no regions."""
    place = {"x": 1, "y": 2, "width": 3, "height": 4, "rotation": 0}

    def on(region: str, source: str, kind: str, page: int, **value: Any) -> dict[str, Any]:
        about = {"original_width": 100, "original_height": 50, "image_rotation": 0, "item_index": page}
        return {
            "id": region,
            "from_name": source,
            "to_name": "image",
            "type": kind,
            "value": {**place, **value},
            **about,
        }

    result = [
        {**on("first", "box", "rectanglelabels", 0, rectanglelabels=["Car"]), "meta": {"text": ["noted"]}},
        on("second", "box", "rectanglelabels", 7, rectanglelabels=["Car"]),
        on("first", "said", "textarea", 0, text=["of the first"]),
        on("second", "said", "textarea", 7, text=["of the second"]),
        on("second", "kind", "choices", 7, choices=["big"]),
        {"type": "relation", "from_id": "first", "to_id": "second", "direction": "bi", "labels": ["beside"]},
    ]
    data = {"pages": [f"https://images.invalid/{n}.jpg" for n in range(8)]}
    project = labelled(PAGES, [{"data": data, "annotations": [{"result": result, "ground_truth": False}]}])
    for name in ("JSON_MIN", "CSV"):
        answer = export(api, project, name, expect=None)
        boxes, said, kind = (_read(_values(name, answer, key)) for key in ("box", "said", "kind"))
        pages = [box.get("item_index") for box in boxes] if _are_objects(boxes) else boxes
        show.equal("LS-EXPORT-144", expected=[0, 7], got=pages, exchange=answer, signature=name)
        told = {"said": _are_objects(said), "kind": _are_objects(kind if isinstance(kind, list) else [kind])}
        show.equal("LS-EXPORT-145", expected={"said": True, "kind": True}, got=told, exchange=answer, signature=name)
        show.equal("LS-EXPORT-146", expected=True, got="beside" in answer.text, exchange=answer, signature=name)
        show.equal("LS-EXPORT-221", expected=True, got="noted" in answer.text, exchange=answer, signature=name)


def _read(value: Any) -> Any:
    return _cell(value) if isinstance(value, str) else value


def _are_objects(values: Any) -> bool:
    """Return whether each says where it belongs: by an id, or by a place."""
    return isinstance(values, list) and all(isinstance(v, dict) and {"id", "x"} & set(v) for v in values)
