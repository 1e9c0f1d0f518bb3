"""Invalid and unusual objects of a storage: the others are imported, and a number is read alike in every notation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.effects.syncing import brought
from conformance.scenarios.steps import list_tasks, texts

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

# what is odd about an object → it; none may keep another one from being read
ODD: dict[str, bytes] = {
    "annotations are a text": b'{"data": {"text": "odd"}, "annotations": "x"}',
    "annotations are a number": b'{"data": {"text": "odd"}, "annotations": 5}',
    "a prediction is a number": b'{"data": {"text": "odd"}, "predictions": [5]}',
    "annotations without data": b'{"text": "odd", "annotations": [{"result": []}]}',
    "allow_skip is a word": b'{"data": {"text": "odd"}, "allow_skip": "maybe"}',
    "a list of numbers": b"[5]",
    "a list of lists": b'[[{"text": "odd"}]]',
    "NaN": b'{"text": "odd", "n": NaN}',
    "a number of 5,000 digits": b'{"text": "odd", "n": ' + b"1" * 5000 + b"}",
    "2,000 deep": b'{"text": "odd", "n": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    "a byte order mark": b'\xef\xbb\xbf{"text": "odd"}',
    "text after its end": b'{"text": "odd"} x',
    "no UTF-8": '{"text": "ódd"}'.encode("latin-1"),
}


@pytest.mark.requirement("LS-EFFECT-052")
def test_an_odd_object_harms_no_other(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path
) -> None:
    project, synced = new_project(), {}
    for number, (case, content) in enumerate(ODD.items()):
        place = folder / str(number)
        place.mkdir(exist_ok=True)  # a body that runs twice has made it already
        (place / "b.json").write_bytes(content)
        for name in "ac":
            (place / f"{name}.json").write_text(json.dumps({"text": f"{name} {number}"}), encoding="utf-8")
        with api.unchecked():
            synced[case] = brought(api, eventually, project, place)
    with api.unchecked():
        got = {str(text) for text in texts(list_tasks(api, project["id"]))}
    for number, (case, exchange) in enumerate(synced.items()):
        expected = [f"{name} {number}" for name in "ac"]
        there = [text for text in expected if text in got]
        show.equal("LS-EFFECT-052", expected=expected, got=there, exchange=exchange, signature=case)


USUAL, LARGE = 1, 36893488147419103232
# how a task with a number is written → the object
WRITTEN: dict[str, str] = {
    "alone": '{{"text": "a", "n": {}}}',
    "in a list": '[{{"text": "a", "n": {}}}]',
    "in lines": '{{"text": "b"}}\n{{"text": "a", "n": {}}}',
}


@pytest.mark.requirement("LS-EFFECT-053")
def test_a_large_number_comes_however_it_is_written(
    api: Wire, show: Show, eventually: Eventually, new_project: NewProject, folder: Path
) -> None:
    found: dict[str, Any] = {}
    for way, content in WRITTEN.items():
        for number in (USUAL, LARGE):
            project, place = new_project(), folder / f"{way} {number}".replace(" ", "-")
            place.mkdir(exist_ok=True)  # a body that runs twice has made it already
            (place / "a.json").write_text(content.format(number), encoding="utf-8")
            with api.unchecked():
                synced = brought(api, eventually, project, place)
                there = [task["data"] for task in list_tasks(api, project["id"])]
            came = [data for data in there if data.get("text") == "a"]
            if number == LARGE:
                found[way] = came
            elif not came:  # a server that reads no lines treats no number in a line otherwise
                break
    if "alone" not in found or len(found) == 1:
        show.not_measured(f"a task with a small number is brought {' and '.join(found) or 'in no way'} only")
    show(
        "LS-EFFECT-053",
        all(data == found["alone"] for data in found.values()),
        expected=f"as alone: {found['alone']}",
        got=found,
        exchange=synced,
        signature=", ".join(way for way, data in found.items() if data != found["alone"]),
    )
