"""The page in a real browser (Debian: ``apt-get install chromium chromium-driver``).

It is the one program of the self-tests that no package index has: without it these tests are skipped and say so. CI
installs it first, and fails where it can't.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from conformance.judge.deviations import read_deviations
from conformance.judge.observation import Outcome
from conformance.judge.plan import NodeResult
from conformance.report.catalogue import load_catalogue
from conformance.report.commands.matrix import render_matrix
from conformance.report.commands.verify import rejudge
from conformance.report.renderings.html import render_html
from conformance.report.renderings.html.page import PACKED, island
from tests.report.hostile import hostile
from tests.report.making import BASIS, make
from tests.report.samples import EVIDENCE, SAMPLE, broken, ok

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.report.conftest import MakeReport

pytestmark = pytest.mark.browser

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    program, driver_program = (shutil.which(name) for name in ("chromium", "chromedriver"))
    if program is None or driver_program is None:
        assert not os.environ.get("CI"), "CI has to install a browser first: see .ci/run"
        pytest.skip("needs a browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for switch in (*SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_program))
        yield driver
        driver.quit()


@pytest.fixture(params=[PACKED, 0], ids=["plain", "packed"])
def sample(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys.modules[island.__module__], "PACKED", request.param)
    long = replace(ok("projects.update"), test="long_" * 40)
    seen = (*SAMPLE, long, hostile("webhooks.list#status"), hostile("<i>odd#id</i>"))
    report = make(seen, tests=sorted({o.test for o in seen}))
    # a test without observations: what it is called stands in a reason
    report = replace(report, tests=(*report.tests, NodeResult(id="unbreakable_" * 20, outcome="failed")))
    report = replace(report, end=replace(report.end, verdict=rejudge(report).to_json()))
    path = tmp_path / "report.html"
    path.write_text(render_html(report, load_catalogue()), encoding="utf-8")
    return path.as_uri()


def shown(browser: webdriver.Chrome) -> set[str]:
    script = "return [...document.querySelectorAll('.req')].filter(r => r.offsetParent).map(r => r.id)"
    return set(browser.execute_script(script))


def until_shown(browser: webdriver.Chrome, *ids: str) -> None:
    WebDriverWait(browser, 5).until(lambda b: shown(b) == set(ids), f"shown: {shown(browser)}, expected: {ids}")


def no_error(browser: webdriver.Chrome) -> None:
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call] # Selenium's own gap


def test_hostile_strings_do_nothing_however_far_the_page_is_opened(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true })")
    WebDriverWait(browser, 5).until(
        lambda b: len(b.find_elements(By.CSS_SELECTOR, ".req .body")) == len(b.find_elements(By.CSS_SELECTOR, ".req"))
    )
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.execute_script("return window.hacked") is None
    assert browser.find_elements(By.TAG_NAME, "img") == []
    body = browser.find_element(By.ID, "webhooks.list#status").text
    assert "<script>window.hacked=1</script>" in body
    assert "\u202e" not in browser.find_element(By.TAG_NAME, "body").text
    no_error(browser)


def test_search_and_filters(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    every = shown(browser)
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    search = browser.switch_to.active_element
    assert search.get_attribute("id") == "search"
    search.send_keys("tasks.list schema")
    until_shown(browser, "tasks.list#response-schema")
    assert browser.find_element(By.ID, "shown").text == "1 requirement"
    search.send_keys(Keys.ESCAPE)
    until_shown(browser, *every)
    warn = browser.find_element(By.CSS_SELECTOR, "[data-outcome=warn]")
    warn.send_keys(Keys.SPACE)
    assert warn.get_attribute("aria-pressed") == "true"
    until_shown(browser, "LS-EXPORT-007")
    browser.find_element(By.CSS_SELECTOR, "[data-outcome=blocked]").click()
    until_shown(browser, "LS-EXPORT-007", "LS-EXPORT-008")
    browser.find_element(By.ID, "search").send_keys("no such thing")
    until_shown(browser)
    assert browser.find_element(By.ID, "none").is_displayed()
    browser.find_element(By.ID, "reset").click()
    until_shown(browser, *every)
    no_error(browser)


def test_a_cell_of_the_matrix_leads_to_its_requirements(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    cell = browser.find_element(By.CSS_SELECTOR, "a.pick[data-area=tasks][data-rule=status]")
    cell.click()
    until_shown(browser, "tasks.list#status")
    no_error(browser)


def test_accepted_failures_stand_apart(browser: webdriver.Chrome, tmp_path: Path) -> None:
    entry = {"requirement": "tasks.list#status", "signature": "500", "reason": "<b>Known</b>.", "expires": "2020-01-31"}
    file = read_deviations({"product": "label-studio", "versions": ">=1", "deviations": [entry]}, "mine.yaml")
    path = tmp_path / "report.html"
    path.write_text(render_html(make(basis=replace(BASIS, deviations=file.deviations)), load_catalogue()), "utf-8")
    browser.get(path.as_uri())
    browser.find_element(By.CSS_SELECTOR, "[data-outcome=accepted]").click()
    until_shown(browser, "tasks.list#status")
    row = browser.find_element(By.ID, "tasks.list#status")
    row.find_element(By.TAG_NAME, "summary").click()
    WebDriverWait(browser, 5).until(lambda _: "<b>Known</b>." in row.text)
    assert "tasks.list#status" not in browser.find_element(By.CSS_SELECTOR, ".finding").get_attribute("outerHTML")  # type: ignore[operator]
    assert "expired: tasks.list#status" in browser.find_element(By.TAG_NAME, "main").text
    no_error(browser)


def test_an_exchange_shows_headers_bodies_and_the_tests_that_saw_it(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(f"{sample}#tasks.list#status")
    row = browser.find_element(By.ID, "tasks.list#status")
    WebDriverWait(browser, 5).until(lambda _: row.find_elements(By.CSS_SELECTOR, ".seen details"))
    for details in row.find_elements(By.CSS_SELECTOR, ".seen details > summary"):
        details.click()
    for text in (
        "GET http://127.0.0.1:8080/api/projects/1/",
        "content-type: application/json",
        "boom",
        "t::tasks.list",
    ):
        assert text in row.text


def test_more_than_ten_findings_are_one_click_away(
    browser: webdriver.Chrome, make_report: MakeReport, tmp_path: Path
) -> None:
    many = [broken(f"area.op{n}", signature=f"s{n}") for n in range(25)]
    path = tmp_path / "many.html"
    path.write_text(render_html(make_report(many), load_catalogue()), encoding="utf-8")
    browser.get(path.as_uri())
    assert len([f for f in browser.find_elements(By.CSS_SELECTOR, ".finding") if f.is_displayed()]) == 10
    more = browser.find_element(By.CSS_SELECTOR, ".more > summary")
    assert more.text == "15 more"
    more.click()
    assert len([f for f in browser.find_elements(By.CSS_SELECTOR, ".finding") if f.is_displayed()]) == 25


@pytest.mark.parametrize("requirement", ["LS-EXPORT-007", "projects.get#status"])
def test_deep_links_open_their_requirement(browser: webdriver.Chrome, sample: str, requirement: str) -> None:
    browser.get("about:blank")
    browser.get(f"{sample}#{requirement}")
    row = browser.find_element(By.ID, requirement)
    summary = row.find_element(By.TAG_NAME, "summary")
    WebDriverWait(browser, 5).until(lambda b: b.switch_to.active_element == summary)
    assert row.get_attribute("open")
    WebDriverWait(browser, 5).until(
        lambda b: 0 <= b.execute_script("return arguments[0].getBoundingClientRect().top", row) < 900
    )
    assert row.find_element(By.CSS_SELECTOR, ".seen").is_displayed()
    no_error(browser)


def test_a_blocked_requirement_leads_to_its_root_even_if_that_is_filtered_out(
    browser: webdriver.Chrome, sample: str
) -> None:
    browser.get(f"{sample}#LS-EXPORT-008")
    browser.find_element(By.CSS_SELECTOR, "[data-outcome=blocked]").click()
    until_shown(browser, "LS-EXPORT-008")
    browser.find_element(By.ID, "LS-EXPORT-008").find_element(By.LINK_TEXT, "tasks.list#status").click()
    WebDriverWait(browser, 5).until(lambda b: b.find_element(By.ID, "tasks.list#status").is_displayed())
    assert browser.find_element(By.ID, "tasks.list#status").get_attribute("open")
    no_error(browser)


def test_the_keyboard_opens_a_requirement(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    summary = browser.find_element(By.ID, "tasks.list#status").find_element(By.TAG_NAME, "summary")
    summary.send_keys(Keys.ENTER)
    WebDriverWait(browser, 5).until(lambda b: b.find_elements(By.CSS_SELECTOR, "[id='tasks.list#status'] .seen"))
    assert "curl -H" in browser.find_element(By.ID, "tasks.list#status").text


def test_light_and_dark_have_enough_contrast(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    # WCAG 2.2, 1.4.3: text has a contrast of 4.5 to its background
    script = """
      const lum = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => { v /= 255;
        return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
      const low = [];
      for (const e of document.querySelectorAll('main *')) {
        if (!e.offsetParent || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
        const [a, b] = [lum(getComputedStyle(e).color), lum(ground(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) low.push([ratio.toFixed(2), e.className, e.textContent.slice(0, 40)]);
      }
      return [document.documentElement.dataset.theme || '', getComputedStyle(document.body).backgroundColor, low];
    """
    first = browser.execute_script(script)
    browser.find_element(By.ID, "theme").click()
    second = browser.execute_script(script)
    assert first[1] != second[1]
    assert first[2] == []
    assert second[2] == []


def test_a_phone_needs_no_sideways_scrolling(browser: webdriver.Chrome, sample: str) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(sample)
        browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_controls_have_names_and_headings_do_not_skip(browser: webdriver.Chrome, sample: str) -> None:
    browser.get(sample)
    nameless = browser.execute_script(
        "return [...document.querySelectorAll('a, button, input, select')].filter(e => "
        "!(e.textContent.trim() || e.getAttribute('aria-label') || e.title)).map(e => e.outerHTML)"
    )
    assert nameless == []
    levels = browser.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert browser.execute_script("return document.documentElement.lang") == "en"


def test_four_thousand_observations_open_in_less_than_two_seconds(
    browser: webdriver.Chrome, make_report: MakeReport, tmp_path: Path
) -> None:
    evidence = replace(EVIDENCE, response={"status": 200, "headers": {}, "body": "x" * 1000})
    many = [
        broken(f"area{n % 40}.op{n}", signature=f"s{n % 60}")
        if n % 10 == 0
        else replace(ok(f"area{n % 40}.op{n}"), evidence=evidence)
        for n in range(4000)
    ]
    path = tmp_path / "big.html"
    path.write_text(render_html(make_report(many), load_catalogue()), encoding="utf-8")
    # processor time of the page's thread: other programs on the machine are not what is measured
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    browser.get(path.as_uri())
    metrics = {m["name"]: m["value"] for m in browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    assert len(browser.find_elements(By.CSS_SELECTOR, ".req")) == 4000
    assert 0 < metrics["TaskDuration"] < 2, metrics
    no_error(browser)


def test_the_matrix_page_filters_and_links(browser: webdriver.Chrome, make_report: MakeReport, tmp_path: Path) -> None:
    fixed = [replace(o, outcome=Outcome.PASS, message="") if o.operation == "projects.get" else o for o in SAMPLE]
    path = tmp_path / "matrix.html"
    path.write_text(render_matrix([make_report(), make_report(fixed)], load_catalogue()), encoding="utf-8")
    browser.get(path.as_uri())
    rows = "return [...document.querySelectorAll('tr.row')].filter(r => r.offsetParent).map(r => r.id)"
    assert browser.execute_script(rows) == ["projects.get#status"]
    assert len(browser.find_elements(By.CSS_SELECTOR, "td.better")) == 1
    browser.find_element(By.CSS_SELECTOR, "td.better").click()
    assert "fail: projects.get answered 500" in browser.find_element(By.CSS_SELECTOR, "tr.said").text
    browser.find_element(By.CSS_SELECTOR, "td.better").click()
    assert browser.find_elements(By.CSS_SELECTOR, "tr.said") == []
    assert "1 fixed" in browser.find_element(By.TAG_NAME, "table").text
    browser.find_element(By.CSS_SELECTOR, "[data-only=changed]").click()
    assert set(browser.execute_script(rows)) == {o.requirement for o in SAMPLE}
    browser.get(f"{path.as_uri()}#LS-EXPORT-007")
    browser.refresh()
    assert "LS-EXPORT-007" in browser.execute_script(rows)
    assert "keep the order of tasks" in browser.find_element(By.CSS_SELECTOR, "tr.said").text
    no_error(browser)


def test_hostile_strings_do_nothing_in_the_matrix(
    browser: webdriver.Chrome, make_report: MakeReport, tmp_path: Path
) -> None:
    path = tmp_path / "matrix.html"
    nasty = hostile("webhooks.list#status")
    reports = [make_report([nasty]), make_report([replace(nasty, outcome=Outcome.PASS)])]
    path.write_text(render_matrix(reports, load_catalogue()), encoding="utf-8")
    browser.get(path.as_uri())
    browser.find_element(By.CSS_SELECTOR, "tr.row td.o-fail").click()
    assert "<script>window.hacked=1</script>" in browser.find_element(By.CSS_SELECTOR, "tr.said").text
    assert browser.execute_script("return window.hacked") is None
    assert browser.find_elements(By.TAG_NAME, "img") == []
    no_error(browser)
