from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import SPEC
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.judge.deviations import Deviation, DeviationError, read_deviations, stale
from conformance.judge.observation import Evidence, Observation, Outcome, Verb
from conformance.report.inputs import load_deviations, read_deviation_file

if TYPE_CHECKING:
    from pathlib import Path

ENTRY: dict[str, Any] = {
    "rule": "status",
    "operations": ["a.list", "b.list"],
    "signature": "HTTP 418",
    "status": 418,
    "pointer": "#/paths/x",
    "reason": "A teapot.",
    "link": "https://example.com/1",
    "owner": "kim",
    "expires": "2027-01-31",
}
FILE: dict[str, Any] = {"product": "label-studio", "edition": "community", "versions": ">=1.23,<1.24"}
EVIDENCE = Evidence(
    request={"method": "GET", "url": "x"}, response={"status": 418}, elapsed=0.1, request_id="", curl=""
)
SEEN = Observation(
    requirement="a.list#status",
    outcome=Outcome.FAIL,
    operation="a.list",
    rule="status",
    signature="HTTP 418",
    pointer="#/paths/x",
    evidence=EVIDENCE,
)


def read(**changes: object) -> Deviation:
    entry = {k: v for k, v in {**ENTRY, **changes}.items() if v is not None}
    return read_deviations({**FILE, "deviations": [entry]}, "d.yaml").deviations[0]


def test_only_the_very_failure_is_accepted() -> None:
    entry = read()
    assert entry.accepts(SEEN)
    assert entry.accepts(replace(SEEN, operation="b.list", requirement="b.list#status"))
    for other in (
        replace(SEEN, operation="c.list"),
        replace(SEEN, rule="content-type"),
        replace(SEEN, signature="HTTP 500"),
        replace(SEEN, pointer="#/paths/y"),
        replace(SEEN, outcome=Outcome.UNSUPPORTED),
        replace(SEEN, evidence=replace(EVIDENCE, response={"status": 500})),
        replace(SEEN, evidence=None),
    ):
        assert not entry.accepts(other)


def test_an_entry_survives_a_round_trip() -> None:
    for entry in (
        read(),
        read(intermittent=True, sampled=True),
        read(rule=None, requirement="LS-EXPORT-001", operations=None, expires=None, status=None),
    ):
        assert Deviation.from_json(entry.to_json()) == entry


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reason": None}, "reason is missing"),
        ({"reason": "  "}, "reason is missing"),
        ({"reason": "TODO: why?"}, "reason is missing"),
        ({"signature": None}, "signature is missing"),
        ({"operations": None}, "name a requirement, or a rule and the operations"),
        ({"operations": "a.list"}, "is a list"),
        ({"outcome": "pass"}, "fail or unsupported"),
        ({"status": 42}, "HTTP status"),
        ({"intermittent": "often"}, "true or false"),
        ({"sampled": "often"}, "true or false"),
        ({"expires": "soon"}, "a day like"),
        ({"colour": "red"}, "unknown: colour"),
    ],
)
def test_a_broken_entry_is_refused_by_name(change: dict[str, object], message: str) -> None:
    with pytest.raises(DeviationError, match=message) as caught:
        read(**change)
    assert "d.yaml, entry 1" in str(caught.value)


@pytest.mark.parametrize("data", [None, [], {"versions": "1"}, {**FILE, "more": 1}, {**FILE, "versions": "newest"}])
def test_a_broken_file_is_refused(data: object) -> None:
    with pytest.raises(DeviationError, match=r"d\.yaml"):
        read_deviations(data, "d.yaml")


def test_a_file_is_about_a_product_an_edition_and_a_range_of_versions() -> None:
    file = read_deviations({**FILE, "deviations": [ENTRY]}, "d.yaml")
    assert file.applies(product="Label Studio", edition="community", version="1.23.2")
    assert not file.applies(product="label-studio", edition="community", version="1.24.0")
    assert not file.applies(product="label-studio", edition="enterprise", version="1.23.2")
    assert not file.applies(product="other", edition="community", version="1.23.2")
    assert not file.applies(product="label-studio", edition="community", version="newest")


def test_one_place_of_several_that_passes_again_is_reported() -> None:
    again = replace(SEEN, operation="b.list", requirement="b.list#status", outcome=Outcome.PASS)
    found = stale([SEEN, again], [read()], day=None, whole=True)
    assert [(s.problem, s.operation) for s in found] == [("unexpected pass", "b.list")]
    assert stale([SEEN], [read()], day=None, whole=False) == ()


def test_what_is_asked_of_one_operation_for_all_is_not_missed_at_the_others() -> None:
    again = replace(SEEN, operation="b.list", requirement="b.list#status", outcome=Outcome.PASS)
    assert stale([SEEN, again], [read(sampled=True)], day=None, whole=True) == ()
    nowhere = stale([replace(SEEN, outcome=Outcome.PASS), again], [read(sampled=True)], day=None, whole=True)
    assert [(s.problem, s.operation) for s in nowhere] == [("unexpected pass", "a.list"), ("unexpected pass", "b.list")]


def test_what_comes_and_goes_needs_nobody_when_it_does_not_come() -> None:
    passed = [replace(SEEN, outcome=Outcome.PASS)]
    assert stale(passed, [read()], day=None, whole=True)
    race = read(intermittent=True)
    assert not stale(passed, [race], day=None, whole=True)
    assert not stale([], [race], day=None, whole=True)
    assert race.accepts(SEEN)
    assert [s.problem for s in stale(passed, [race], day=date(2030, 1, 1), whole=True)] == ["expired"]


def test_files_of_adopters_are_read_and_named_in_errors(tmp_path: Path) -> None:
    good, bad, broken = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "broken.yaml"
    text = "product: label-studio\nversions: '>=1'\ndeviations:\n- {requirement: a#b, signature: s, reason: "
    good.write_text(text + "Because.}\n")
    bad.write_text(text + "''}\n")
    broken.write_text("a: [")
    known = {"product": "label-studio", "edition": "community", "version": "1.23.2", "shipped": False}
    assert [d.source for d in load_deviations([good], **known)] == ["good.yaml"]
    for path in (bad, broken, tmp_path / "none.yaml"):
        with pytest.raises(DeviationError, match=path.name):
            load_deviations([path], **known)


def test_a_part_of_a_run_can_say_that_a_behaviour_holds_again_but_not_that_a_rule_does() -> None:
    again = [replace(SEEN, operation=o, outcome=Outcome.PASS) for o in ("a.list", "b.list")]
    assert stale(again, [read()], day=None, whole=False) == ()
    behaviour = replace(SEEN, requirement="LS-A-001", outcome=Outcome.PASS, rule="behaviour")
    entry = Deviation(requirement="LS-A-001", rule="", operations=frozenset(), signature="x", reason="y")
    assert [s.problem for s in stale([behaviour], [entry], day=None, whole=False)] == ["unexpected pass"]


def test_what_was_not_measured_is_not_stale() -> None:
    entry = read(operations=["a.list"])
    silent = replace(SEEN, outcome=Outcome.NOT_MEASURED, signature="no peer")
    elsewhere = replace(SEEN, operation="b.list", requirement="b.list#status", outcome=Outcome.PASS)
    assert stale([silent, elsewhere], [entry], day=None, whole=True) == ()
    offered = replace(silent, rule="offered", requirement="a.list#offered")
    assert stale([offered, elsewhere], [entry], day=None, whole=True) == (), "nothing of the operation could be asked"
    assert stale([elsewhere], [entry], day=None, whole=True) == (), "nor where it was never reached"
    asked = replace(offered, outcome=Outcome.PASS)
    assert [s.problem for s in stale([asked, elsewhere], [entry], day=None, whole=True)] == ["matches nothing"]


@pytest.mark.parametrize("path", sorted((SPEC / "deviations").glob("*.yaml")), ids=lambda path: path.stem)
def test_only_what_must_be_needs_to_be_accepted(path: Path) -> None:
    asked = {name: requirement.owed for name, requirement in load_requirements().items()}
    asked |= {name: rule.verb for name, rule in load_rules().rules.items()}
    shoulds = [e.name for e in read_deviation_file(path).deviations if asked[e.requirement or e.rule] is Verb.SHOULD]
    assert shoulds == [], "a should that is broken is a warning: it makes no run red, and an entry would match nothing"


OWN_FILES = sorted((SPEC / "deviations").glob("*.yaml"))


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_each_known_failure_is_accepted_once(path: Path) -> None:
    """Two entries of one failure have two reasons, of which one is nobody's."""
    known = read_deviation_file(path).deviations
    met = Counter((d.requirement or d.rule, o, d.signature) for d in known for o in d.operations or ("",))
    assert [entry for entry, times in met.items() if times > 1] == []


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_each_known_failure_has_a_reason_an_owner_and_an_end(path: Path) -> None:
    entries = read_deviation_file(path).deviations
    assert [e.name for e in entries if not (e.reason and e.owner and e.expires)] == []


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_known_server_errors_say_what_was_sent(path: Path) -> None:
    """Observations of these rules end with what was done to the request; any other signature accepts nothing."""
    rules = {"no-server-error", "valid-never-fails"}
    odd = [
        d.signature for d in read_deviation_file(path).deviations if d.rule in rules and ": " not in d.signature[:10]
    ]
    assert odd == []
