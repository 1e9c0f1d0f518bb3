"""The suite on the stand-in: green, also where the stand-in differs lawfully."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.enterprise.judging import findings, judge, reached
from tests.enterprise.lawful import LAWFUL, TOGETHER
from tests.enterprise.standin import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.embedded
# what reads, writes and lists objects of all kinds, without the thousands of generated cases
TELLING = ("test_success.py", "test_writing.py", "test_listing.py", "test_lifecycle.py")
FEW = "workspaces or comments or member_tags or prompts"
AT_LEAST = 390


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn() as standing:
        yield standing


def test_a_few_kinds_are_green_through_all_differences_at_once(server: StandIn, tmp_path: Path) -> None:
    with StandIn(server.community, lawful=TOGETHER) as differing:
        report = judge(differing, tmp_path, "conformance/properties/test_writing.py", "-k", FEW)
    assert findings(report) == []
    assert len(report.tests) > 20


@pytest.mark.long
def test_nearly_all_operations_reach_their_success(server: StandIn, tmp_path: Path) -> None:
    report = judge(server, tmp_path, "conformance/properties/test_success.py")
    assert findings(report) == []
    assert len(reached(report)) >= AT_LEAST


@pytest.mark.long
@pytest.mark.parametrize("difference", LAWFUL)
def test_what_is_lawful_is_no_finding(server: StandIn, tmp_path: Path, difference: str) -> None:
    tests = [f"conformance/properties/{name}" for name in TELLING]
    with StandIn(server.community, lawful=[difference]) as differing:
        report = judge(differing, tmp_path, *tests)
    assert findings(report) == []


@pytest.mark.long
def test_a_gate_has_no_findings(server: StandIn, tmp_path: Path) -> None:
    report = judge(server, tmp_path, "conformance", "-n", "2")
    assert findings(report) == []
    assert len(reached(report)) >= AT_LEAST
