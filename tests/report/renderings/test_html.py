"""The page without a browser: what it holds, and what it must never hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Observation, Outcome
from conformance.report.catalogue import load_catalogue
from conformance.report.commands.matrix import render_matrix
from conformance.report.renderings.html import render_html, visible
from tests.report.hostile import HOSTILE, hostile
from tests.report.samples import SAMPLE

if TYPE_CHECKING:
    from conformance.report.document import Report
    from tests.report.conftest import MakeReport


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def tags(page: str) -> _Tags:
    found = _Tags()
    found.feed(page)
    return found


@pytest.mark.parametrize("render", ["report", "matrix"])
def test_nothing_that_a_server_sent_becomes_markup(make_report: MakeReport, render: str) -> None:
    report = make_report([hostile(), replace(hostile(), requirement=f"x{HOSTILE}", test="u")])
    catalogue = load_catalogue()
    page = render_html(report, catalogue) if render == "report" else render_matrix([report, report], catalogue)
    found = tags(page)
    assert found.tags.count("script") == (3 if render == "report" else 2)
    assert "img" not in found.tags
    assert not found.handlers
    assert "\u202e" not in page
    page.encode("utf-8")
    assert "connect-src" not in page
    assert "default-src 'none'" in page


def test_the_data_of_every_requirement_is_in_the_page(report: Report) -> None:
    page = render_html(report, load_catalogue())
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    data = json.loads(match[1])
    ids = re.findall(r'class="req" id="([^"]+)"', page)
    assert set(ids) == {o.requirement for o in report.observations}
    assert len(ids) == len(data)
    assert sum(len(entry["seen"]) for entry in data) == len(report.observations)
    for requirement, of_it in zip(ids, data, strict=True):
        seen = {o["outcome"] for o in of_it["seen"]}
        assert seen == {o.outcome.value for o in report.observations if o.requirement == requirement}


def test_the_page_asks_nothing_of_the_network(report: Report) -> None:
    page = render_html(report, load_catalogue())
    assert not re.search(r"<(?:link|script|img|iframe)[^>]+(?:src|href)=\"(?!data:)", page)
    assert "@import" not in page


def test_the_grid_has_roles_and_rules_on_keys(make_report: MakeReport) -> None:
    table = "conformance/scenarios/people/test_authorization.py::test_a_role_may_do_what_the_table_says"
    seen = [
        Observation(requirement="LS-AUTHZ-005", outcome=Outcome.PASS, test=f"{table}[member-projects.get]"),
        Observation(
            requirement="LS-AUTHZ-001",
            outcome=Outcome.FAIL,
            expected="anonymous: 401",
            got="200 OK",
            test=f"{table}[anonymous-projects.get]",
        ),
        Observation(
            requirement="tasks.list#refuses-wrong-key",
            outcome=Outcome.PASS,
            operation="tasks.list",
            rule="refuses-wrong-key",
            test="t",
        ),
    ]
    page = render_html(make_report(seen), load_catalogue())
    columns = re.findall(r"<th[^>]*>([^<]*)</th>", page.partition('class="access"')[2].partition("</thead>")[0])[1:]
    grid = {
        operation: dict(zip(columns, re.findall(r'<td class="cell">(.*?)</td>', cells), strict=True))
        for operation, cells in re.findall(r'<tr><th scope="row"><code>([^<]*)</code>(.*?)</tr>', page)
    }
    assert 'aria-label="pass"' in grid["projects.get"]["member"]
    assert 'title="expected 401, got 200 OK" aria-label="fail"' in grid["projects.get"]["anonymous"]
    assert 'aria-label="pass"' in grid["tasks.list"]["wrong key"]
    assert grid["tasks.list"]["member"] == ""
    assert "2 operations against 3 roles and keys" in page


def test_control_characters_are_shown_as_what_they_are() -> None:
    assert visible("a\x1b[2J\u202e\ud800é\n") == "a\\u001b[2J\\u202e\\ud800é\n"
    assert visible("x" * 50, 10) == "x" * 10 + "… (40 more characters)"


def test_a_notable_matrix_leaves_out_what_holds_everywhere_and_says_so(make_report: MakeReport) -> None:
    page = render_matrix([make_report(), make_report()], load_catalogue(), notable=True)
    ids = set(re.findall(r'<tr class="row" id="([^"]+)"', page))
    assert ids == {o.requirement for o in SAMPLE if o.outcome is not Outcome.PASS}
    assert "3 requirements that hold in every run" in page
    assert "left out of this page" not in render_matrix([make_report()], load_catalogue())


def test_runs_of_one_version_on_two_databases_are_told_apart(make_report: MakeReport) -> None:
    report = make_report()
    facts = {"facts": {"database": "postgresql"}}
    other = replace(report, header=replace(report.header, options={**report.header.options, **facts}))
    page = render_matrix([report, other], load_catalogue())
    assert page.count(f"{report.header.target.version} on postgresql") >= 2, "in the grid, and among the reasons"
    assert "community on postgresql" in page, "among the runs"
