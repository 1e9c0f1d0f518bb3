"""JUnit, badge, accepted deviations, merge, verify, compare: everything that is made from ``conformance.json``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.judge.claims.basis import Basis
from conformance.judge.compare import Change, compare
from conformance.judge.deviations import DeviationError, read_deviations
from conformance.judge.observation import Outcome
from conformance.judge.plan import Plan
from conformance.judge.shards import parse_shard, split
from conformance.report.commands.accept import render_entries, version_range
from conformance.report.commands.diff import diff_json, is_red, render_diff
from conformance.report.commands.merge import MergeError, merge
from conformance.report.commands.verify import problems, rejudge
from conformance.report.renderings.badge import message, render_badge_json, render_badge_svg
from conformance.report.renderings.junit import render_junit
from tests.report.making import BASIS, TESTS, make, parts
from tests.report.samples import SAMPLE, STATISTICS, broken, ok

if TYPE_CHECKING:
    from tests.report.conftest import MakeReport


# --- JUnit


def test_junit_cases_carry_the_failure_text() -> None:
    root = ET.fromstring(render_junit(make()))
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "2", "1")
    case = suite.find("testcase[@name='tasks.list']")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert failure.text is not None
    for text in ("tasks.list#status fail", "expected", "a documented 2xx", "curl -H", "request id"):
        assert text in failure.text


def test_junit_is_xml_whatever_a_server_sent() -> None:
    nasty = replace(broken("tasks.list"), message="\x00\x1b\ud800]]><failure>&", got="\uffff")
    root = ET.fromstring(render_junit(make([nasty], tests=[nasty.test])))
    assert len(list(root.iter("failure"))) == 1


def test_junit_shows_an_accepted_deviation_without_a_failure() -> None:
    entry = {"requirement": "tasks.list#status", "signature": "500", "reason": "Known."}
    file = read_deviations({"product": "label-studio", "versions": ">=1", "deviations": [entry]}, "d.yaml")
    report = make([broken("tasks.list")], tests=["t::tasks.list"], basis=replace(BASIS, deviations=file.deviations))
    root = ET.fromstring(render_junit(report))
    assert not list(root.iter("failure"))
    assert "accepted" in (next(root.iter("system-out")).text or "")


# --- badge


def test_the_badge_never_says_more_than_was_measured() -> None:
    assert message(make())[0] == "not measured"
    assert message(make(basis=Basis()))[0] == "deviations"
    assert message(make([ok("projects.create")], tests=["t::projects.create"], basis=Basis()))[0] == "conformant"
    assert message(make(shard="1/2"))[0] == "part 1/2"
    badge = json.loads(render_badge_json(make()))
    assert (badge["schemaVersion"], badge["label"]) == (1, "Label Studio API")
    svg = ET.fromstring(render_badge_svg(make()))
    assert svg.get("aria-label") == "Label Studio API: not measured"


# --- accept


def test_accept_writes_entries_that_are_refused_until_they_have_a_reason() -> None:
    text = render_entries(make())
    data = yaml.safe_load(text)
    assert (data["product"], data["edition"], data["versions"]) == ("label-studio", "community", ">=1.23,<1.24")
    assert len(data["deviations"]) == 2
    with pytest.raises(DeviationError, match="reason is missing"):
        read_deviations(data, "new.yaml")
    for entry in data["deviations"]:
        entry["reason"] = "Known since 1.20."
    accepted = read_deviations(data, "new.yaml").deviations
    assert {d.operations for d in accepted} == {frozenset({"projects.get", "tasks.list"}), frozenset({"tasks.list"})}
    verdict = rejudge(make(basis=replace(BASIS, deviations=accepted)))
    assert (verdict.broken, verdict.accepted) == (0, 3)


def test_accept_has_nothing_to_write_for_a_clean_run() -> None:
    data = yaml.safe_load(render_entries(make([ok("projects.create")], tests=["t::projects.create"])))
    assert data["deviations"] == []


def test_version_ranges() -> None:
    assert version_range("1.23.2") == ">=1.23,<1.24"
    assert version_range("2") == ">=2.0,<2.1"
    assert "TODO" in version_range("newest")


# --- verify


def test_a_sound_report_verifies() -> None:
    assert problems(make(), suite="0.1.0") == []


@pytest.mark.parametrize("change", ["verdict", "observation", "floor", "plan"])
def test_an_edit_that_was_sealed_again_is_found(change: str) -> None:
    report = make()
    fake = {
        "verdict": lambda r: replace(
            r, end=replace(r.end, verdict={**r.end.verdict, "state": "conformant", "exit_code": 0})
        ),
        "observation": lambda r: replace(r, observations=r.observations[1:]),
        "floor": lambda r: replace(
            r, basis=replace(r.basis, profiles=replace(r.basis.profiles, profiles={}), profile="")
        ),
        "plan": lambda r: replace(
            r,
            observations=tuple(o for o in r.observations if o.outcome is not Outcome.FAIL),
            header=replace(r.header, plan=Plan()),
        ),
    }[change](report)
    assert problems(fake, suite="0.1.0")


def test_weakened_profiles_are_found_against_those_of_the_suite() -> None:
    features = {
        name: replace(f, musts=frozenset({"projects.create#success"})) for name, f in BASIS.profiles.features.items()
    }
    report = make(basis=replace(BASIS, profiles=replace(BASIS.profiles, features=features)))
    assert problems(report, suite="another") == []
    assert problems(report, suite="0.1.0") == ["Its profiles are not those of version 0.1.0 of the suite."]


# --- shards and merging


@settings(deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=30),
    st.integers(1, 8),
    st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0, 100)),
    st.randoms(),
)
def test_a_split_has_each_test_once_whatever_the_order(
    tests: list[str], count: int, durations: dict[str, float], random: object
) -> None:
    members = split(tests, count, durations)
    assert sorted(t for m in members for t in m) == sorted(tests)
    assert len(members) == count
    shuffled = list(tests)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis' own Random
    assert split(shuffled, count, durations) == members


def test_a_split_follows_measured_times() -> None:
    assert split(["a", "b", "c", "d"], 2, {"a": 9, "b": 3, "c": 3, "d": 3}) == [("a",), ("b", "c", "d")]
    assert [len(m) for m in split([f"t{n}" for n in range(9)], 3, dict.fromkeys([f"t{n}" for n in range(9)], 0.0))] == [
        3,
        3,
        3,
    ]


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "a/b", "-1/3", "1/0", "1/3/5"])
def test_wrong_shards_are_refused(text: str) -> None:
    assert parse_shard("3/8") == (3, 8)
    with pytest.raises(ValueError, match="3/8"):
        parse_shard(text)


@settings(deadline=None)
@given(st.data(), st.integers(1, 5))
def test_merged_is_unsharded(data: st.DataObject, count: int) -> None:
    tests = tuple(f"t{n}" for n in range(data.draw(st.integers(1, 8))))
    operations = ("projects.create", "projects.get", "tasks.list", "import_storage.s3.create")
    drawn = data.draw(
        st.lists(st.tuples(st.sampled_from(operations), st.sampled_from(Outcome), st.sampled_from(tests)), max_size=15)
    )
    seen = [replace(ok(operation), outcome=outcome, test=test) for operation, outcome, test in drawn]
    whole = make(seen, tests=tests)
    shards = parts(seen, tests, count)
    merged = merge(data.draw(st.permutations(shards)))
    assert merged.end.verdict == whole.end.verdict
    assert merged.observations == whole.observations
    assert merged.tests == whole.tests
    assert merged.header.plan == whole.header.plan
    assert problems(merged) == []


def test_merge_adds_up_the_wire() -> None:
    merged = merge(parts(SAMPLE, TESTS, 2))
    assert merged.statistics.requests == 2 * STATISTICS.requests
    assert merged.statistics.statuses["2xx"] == 6000


def test_merge_refuses_what_is_no_whole() -> None:
    a, b, c = parts(SAMPLE, TESTS, 3)
    other_seed = replace(b, header=replace(b.header, seed=2))
    other_contract = replace(b, header=replace(b.header, contract="sha256:" + "cd" * 32))
    other_version = replace(b, header=replace(b.header, target=replace(b.header.target, version="1.22.0")))
    other_basis = replace(b, basis=replace(b.basis, strict=True))
    fewer = replace(b, header=replace(b.header, plan=replace(b.header.plan, tests=())))
    overlap = replace(b, header=replace(b.header, plan=replace(b.header.plan, tests=a.header.plan.tests)))
    for reports, message_part in (
        ([], "nothing to merge"),
        ([a, c], "missing: 2/3"),
        ([a, a, c], "twice"),
        ([a, other_seed, c], "seed: 1 and 2"),
        ([a, other_contract, c], "contract"),
        ([a, other_version, c], "version: 1.23.2 and 1.22.0"),
        ([a, other_basis, c], "profiles and deviations"),
        ([a, make(whole=TESTS), c], "whole run"),
        ([a, fewer, c], "tests are missing"),
        ([a, overlap, c], "two of the parts"),
        ([*parts(SAMPLE, TESTS, 2), a], "different splits"),
    ):
        with pytest.raises(MergeError, match=message_part):
            merge(reports)


# --- compare


def test_every_kind_of_change() -> None:
    before = [
        ok("a.get"),
        ok("b.get"),
        ok("c.get"),
        broken("d.get"),
        broken("e.get", signature="1"),
        ok("g.get"),
        broken("h.get"),
    ]
    after = [
        replace(ok("a.get"), outcome=Outcome.FAIL, message="Broke."),
        replace(ok("b.get"), outcome=Outcome.BLOCKED),
        replace(broken("d.get"), outcome=Outcome.PASS),
        broken("e.get", signature="2"),
        ok("f.get"),
        replace(ok("g.get"), outcome=Outcome.UNSUPPORTED),
        broken("h.get"),
        broken("i.get"),
    ]
    found = {d.requirement.partition(".")[0]: d.change for d in compare(before, after)}
    assert found == {
        "a": Change.REGRESSED,
        "g": Change.REGRESSED,
        "c": Change.VANISHED,
        "b": Change.UNMEASURED,
        "e": Change.CHANGED,
        "i": Change.NEW_FAILURE,
        "d": Change.FIXED,
        "f": Change.NEW,
    }


def test_vanished_and_unmeasured_fail_unless_allowed() -> None:
    gone = compare([ok("a.get")], [])
    assert is_red(gone)
    assert not is_red(gone, [Change.VANISHED])
    silent = compare([ok("a.get")], [replace(ok("a.get"), outcome=Outcome.ERROR)])
    assert is_red(silent)
    assert not is_red(compare([broken("a.get")], [ok("a.get", "status")]))


def test_a_pass_never_hides_a_failure() -> None:
    both = [ok("a.get"), replace(ok("a.get"), outcome=Outcome.FAIL, test="other")]
    assert [d.change for d in compare([ok("a.get")], both)] == [Change.REGRESSED]


def test_diff_is_told_in_markdown_and_json(make_report: MakeReport) -> None:
    before = make_report()
    after = make_report([o for o in SAMPLE if o.rule != "response-schema"])
    after = replace(after, header=replace(after.header, seed=9))
    differences = compare(before.observations, after.observations)
    page = render_diff(before, after, differences)
    assert "2 vanished" in page
    assert "differ in their seed" in page
    data = diff_json(before, after, differences)
    assert data["counts"] == {"vanished": 2}
    assert {d["requirement"] for d in data["differences"]} == {
        "projects.create#response-schema",
        "tasks.list#response-schema",
    }
    assert "no difference" in render_diff(before, before, ())
