"""An annotation whose creation was answered with an error is not stored: clients send it again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import DRAWN, ODD_REGIONS, choice
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Wire

# what is odd about a region → it
ODD: dict[str, dict[str, Any]] = {
    **ODD_REGIONS,
    "value is a list": {**DRAWN, "value": []},
    "from_name is null": {**DRAWN, "from_name": None},
    "from_name is a number": {**DRAWN, "from_name": 5},
    "to_name is null": {**DRAWN, "to_name": None},
    "type is a number": {**DRAWN, "type": 5},
    "labels hold null": {**DRAWN, "value": {"choices": [None]}},
}


@pytest.mark.requirement("LS-ANNOTATION-033")
def test_what_failed_is_not_stored(api: Wire, show: Show, task: dict[str, Any]) -> None:
    kept = annotate(api, task, choice("Negative"))
    for case, odd in ODD.items():
        with api.unchecked():
            made = api.call("annotations.create", id=task["id"], json={"result": [odd]}, expect=None)
            there = [a["id"] for a in api.call("annotations.list", id=task["id"]).json()]
            changed = api.call("annotations.update", id=kept["id"], json={"result": [odd]}, expect=None)
            now = api.call("annotations.get", id=kept["id"]).json()["result"]
        show(
            "LS-ANNOTATION-033",
            made.succeeded or there == [kept["id"]],
            expected="no annotation",
            exchange=made,
            got=f"{case}: {made.brief()}, and {len(there) - 1} stored",
            signature="created",
        )
        show(
            "LS-ANNOTATION-033",
            changed.succeeded or now == kept["result"],
            expected=kept["result"],
            exchange=changed,
            got=f"{case}: {changed.brief()}, and {now}",
            signature="updated",
        )
        for one in there:
            if one != kept["id"]:
                api.call("annotations.delete", id=one)
        if now != kept["result"]:
            api.call("annotations.update", id=kept["id"], json={"result": kept["result"]})


@pytest.mark.requirement("LS-ANNOTATION-034", "LS-ANNOTATION-035")
def test_an_annotation_is_told_by_its_own_mark(api: Wire, show: Show, task: dict[str, Any]) -> None:
    for mark in ("x", "", 5, ["x"]):
        with api.unchecked():
            made = api.call("annotations.create", id=task["id"], json={"result": [], "unique_id": mark}, expect=None)
        show(
            "LS-ANNOTATION-034",
            not made.server_error,
            expected="a 4xx, or a 2xx",
            got=made.brief(),
            exchange=made,
        )
    body = {"result": [DRAWN], "unique_id": str(uuid.uuid4())}
    before = len(api.call("annotations.list", id=task["id"]).json())
    for _ in range(2):
        made = api.call("annotations.create", id=task["id"], json=body, expect=None)
    after = len(api.call("annotations.list", id=task["id"]).json())
    show.equal("LS-ANNOTATION-035", expected=1, got=after - before, exchange=made)
