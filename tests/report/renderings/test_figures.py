"""Levels and shares as every form words them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge.compare import Change, compare
from conformance.judge.observation import Impact, Outcome
from conformance.report.figures import headline, set_aside, share, unmeasured
from conformance.report.renderings.summary import render_summary
from conformance.report.renderings.terminal import render_terminal
from tests.report.samples import SAMPLE, broken, ok

if TYPE_CHECKING:
    from tests.report.conftest import MakeReport


def aspect(level: str, held: int, asked: int, allowing: str = "") -> dict[str, Any]:
    about = {"level": level, "allowing": allowing or level, "reason": "Because."}
    return {**about, "held": held, "asked": asked, "unmeasured": 0}


PROFILE = {
    "level": "partial",
    "allowing": "core",
    "measured": True,
    "reason": "",
    "aspects": {"interoperable": aspect("partial", 1286, 1368, "core"), "secure": aspect("full", 9, 9)},
}


@pytest.mark.parametrize(
    ("held", "asked", "said"),
    [(9, 9, "100 %"), (1999, 2000, "99.9 %"), (99999, 100000, "99.9 %"), (0, 7, "0.0 %"), (0, 0, "nothing asked")],
)
def test_a_share_is_never_rounded_up(held: int, asked: int, said: str) -> None:
    assert share(held, asked) == said


def test_the_headline_names_every_aspect() -> None:
    assert headline(PROFILE) == "interoperable partial 94.0 % · secure full 100 %"
    assert headline(PROFILE, figures=False) == "interoperable partial · secure full"
    assert set_aside(PROFILE) == "interoperable core"
    assert headline({**PROFILE, "measured": False}) == "not measured"
    assert headline({"level": "core", "measured": True}) == "core", "a report of an older version"


def test_what_is_missing_has_one_line_each(make_report: MakeReport, areas: dict[str, str]) -> None:
    why = "the peer 'redis' is not available: there is no redis-server on PATH\n  hint: apt-get install redis-server"
    missing = [
        replace(ok("webhooks.list", rule), outcome=Outcome.NOT_MEASURED, message=why) for rule in ("success", "status")
    ]
    report = make_report([*SAMPLE, *missing])
    ((said, number),) = unmeasured(report)
    assert (number, said.endswith("hint: apt-get install redis-server")) == (2, True)
    lines = [line for line in render_terminal(report, areas, 200).splitlines() if "redis-server" in line]
    assert len(lines) == 1
    assert lines[0].startswith("2 requirements not measured: the peer 'redis'")
    assert "2 requirements: the peer 'redis'" in render_summary(report, areas)


def test_what_changed_goes_by_who_is_hurt() -> None:
    before = [ok("a.get", "status"), ok("b.get", "status")]
    after = [
        replace(broken("a.get"), impact=Impact.CONTRACT_ONLY),
        replace(broken("b.get"), impact=Impact.DATA_LOSS),
    ]
    found = compare(before, after)
    assert [(d.change, d.requirement, d.impact) for d in found] == [
        (Change.REGRESSED, "b.get#status", Impact.DATA_LOSS),
        (Change.REGRESSED, "a.get#status", Impact.CONTRACT_ONLY),
    ]
