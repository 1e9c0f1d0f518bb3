"""What is drawn to judge a lawful difference by, and how it is told; and the keys that a run of faults is told of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.enterprise.differences import Row, drawn, line
from tests.enterprise.faults import EnterpriseLane
from tests.faults.lanes.choosing import Planned

if TYPE_CHECKING:
    from pathlib import Path

    from tests.enterprise.standin import StandIn

REACHES = frozenset({"workspaces.list"})
PLAN = (
    *(
        Planned(id=f"conformance/scenarios/enterprise/a.py::{n}", first=REACHES, operations=REACHES, seconds=2)
        for n in range(40)
    ),
    *(Planned(id=f"generated.py::{n}", first=REACHES, operations=REACHES, seconds=2) for n in range(40)),
    Planned(id="community.py", first=frozenset({"tasks.get"}), operations=frozenset({"tasks.get"}), seconds=0.1),
    Planned(id="test_stateful", first=REACHES, operations=REACHES, seconds=0.1),
)


def test_half_of_what_is_drawn_are_scenarios_and_all_of_it_is_about_enterprise() -> None:
    tests = drawn(PLAN, seconds=40, name="gzip")
    assert len(tests) == 20
    assert sum("scenarios" in name for name in tests) == 10
    assert tests == [p.id for p in PLAN if p.id in tests]
    assert not {"community.py", "test_stateful"} & set(tests)


def test_each_difference_has_a_draw_of_its_own_that_repeats() -> None:
    assert drawn(PLAN, seconds=20, name="gzip") == drawn(PLAN, seconds=20, name="gzip")
    assert drawn(PLAN, seconds=20, name="gzip") != drawn(PLAN, seconds=20, name="chunked")


@pytest.mark.parametrize(("found", "cell"), [((), "none"), (("a | b", "c"), "a \\| b; c")])
def test_a_row_tells_what_was_found(found: tuple[str, ...], cell: str) -> None:
    row = Row(difference="gzip", tests=20, written=10, requests=300, seconds=12.4, findings=found)
    assert line(row) == f"| gzip | 20 (10) | 300 | 12 | {cell} |"


def test_a_run_of_faults_is_told_the_key_that_another_organisation_has_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = SimpleNamespace(other_key="first", start=lambda: None)
    monkeypatch.setattr("tests.enterprise.faults.StandIn", lambda: cast("StandIn", standing))
    lane = EnterpriseLane(tmp_path)
    assert "--roles=other=first" in lane.options()
    standing.other_key = "second"
    assert "--roles=other=second" in lane.options()
