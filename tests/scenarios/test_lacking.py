"""No answer that a server can give ends a scenario in an error of Python that names no answer."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios.faults.lacking import WAYS, places, spoil, variant
from tests.suite import run_suite
from tests.wire.conftest import response

if TYPE_CHECKING:
    from pathlib import Path

VALUE = {"id": 1, "tags": ["a"], "by": {"id": 2}}
RUNS = 25


@pytest.mark.parametrize(
    ("at", "way", "found"),
    [
        (("id",), "dropped", {"tags": ["a"], "by": {"id": 2}}),
        (("by", "id"), "null", {**VALUE, "by": {"id": None}}),
        (("tags",), "empty", {**VALUE, "tags": []}),
        (("tags", 0), "list", {**VALUE, "tags": [[7]]}),
        ((), "list", [7]),
        ((), "empty", {}),
    ],
)
def test_one_place_is_spoiled_and_the_rest_is_as_it_was(at: tuple[Any, ...], way: str, found: Any) -> None:
    assert spoil(VALUE, at, way) == found
    assert VALUE == {"id": 1, "tags": ["a"], "by": {"id": 2}}


def test_every_place_is_reached_in_every_way() -> None:
    assert list(places(VALUE)) == [(), ("id",), ("tags",), ("tags", 0), ("by",), ("by", "id")]
    dice = random.Random(1)
    kept = [response(200, VALUE), response(200, b"a,b\n1,2", "text/csv")]
    done = {variant(kept, dice)[2] for _ in range(2000)}
    assert {"cut in half", "broken off", "no body"} <= done
    assert {f"('by', 'id') {way}" for way in WAYS} <= done
    assert all(variant(kept, dice)[1] != kept[0] for _ in range(50))


@pytest.mark.embedded
@pytest.mark.long
@pytest.mark.parametrize(
    "scenario", ["conformance/scenarios/test_main_workflow.py", "conformance/scenarios/tasks/test_tasks.py"]
)
def test_scenarios_name_what_an_answer_lacks(tmp_path: Path, scenario: str) -> None:
    how = ["-n", "0", "-p", "tests.scenarios.faults.lacking", f"--spoil={RUNS}"]
    done = run_suite(*how, f"--report-dir={tmp_path}/r", scenario, timeout=500)
    (figures,) = re.findall(r"(\d+) runs on spoiled answers, (\d+) ended in a traceback", done.stdout)
    assert int(figures[0]) >= RUNS, json.dumps(done.stdout[-2000:])
    assert figures[1] == "0", done.stdout[-4000:]
