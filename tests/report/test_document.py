from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.judge.observation import Evidence, Observation, Outcome, Verb
from conformance.judge.verdict import judge
from conformance.report.document import dump, finish, load, loads, schema
from conformance.report.document.errors import NotAReport, ReportError, Tampered, Truncated, UnknownFormat
from conformance.report.document.report import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.report.document import Report
    from tests.report.conftest import MakeReport


def test_a_report_survives_a_round_trip(report: Report, tmp_path: Path) -> None:
    path = dump(report, tmp_path / "run" / "conformance.json")
    assert load(path) == report
    assert [p.name for p in path.parent.iterdir()] == ["conformance.json"]


_TEXT = st.text(st.characters(), max_size=20)
_OBSERVATIONS = st.builds(
    Observation,
    requirement=st.text(min_size=1, max_size=20),
    outcome=st.sampled_from(Outcome),
    verb=st.sampled_from(Verb),
    operation=st.none() | st.text(min_size=1, max_size=20),
    rule=st.text(min_size=1, max_size=8),
    message=_TEXT,
    got=_TEXT,
    signature=_TEXT,
    test=st.text(min_size=1, max_size=8),
    count=st.integers(1, 9),
    evidence=st.none()
    | st.builds(
        Evidence,
        request=st.fixed_dictionaries(
            {"method": _TEXT, "url": _TEXT, "headers": st.lists(st.lists(_TEXT, min_size=2, max_size=2))}
        ),
        response=st.none() | st.fixed_dictionaries({"status": st.integers(100, 599), "body": _TEXT}),
        elapsed=st.floats(0, 1e6),
        request_id=_TEXT,
        curl=_TEXT,
    ),
)


@given(st.lists(_OBSERVATIONS, max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_report_survives_a_round_trip(make_report: MakeReport, seen: list[Observation]) -> None:
    report = make_report(seen)
    assert loads(json.dumps(report.to_json())) == report


def test_the_order_of_observations_does_not_change_the_file(report: Report, make_report: MakeReport) -> None:
    assert make_report(tuple(reversed(report.observations))) == report


def test_hostile_text_survives_a_round_trip(make_report: MakeReport, tmp_path: Path) -> None:
    nasty = Observation(requirement="x#y", outcome=Outcome.FAIL, message="\ud800\x00\x1b[2J</script>\u2028é", test="t")
    report = make_report([nasty])
    assert load(dump(report, tmp_path / "r.json")).observations[0].message == nasty.message


def test_the_published_schema_is_valid_and_accepts_real_documents(report: Report, make_report: MakeReport) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(report.to_json(), schema())
    jsonschema.validate(make_report([]).to_json(), schema())


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def _set(value: object, *path: str | int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


MUTATIONS = {
    "no end": _drop("end"),
    "no digest": _drop("end", "digest"),
    "no basis": _drop("basis"),
    "no plan": _drop("header", "plan"),
    "no outcome": _drop("observations", 0, "outcome"),
    "unknown outcome": _set("fine", "observations", 0, "outcome"),
    "unknown key": _set(1, "observations", 0, "colour"),
    "other format": _set("label-studio-conformance/2", "format"),
    "short contract digest": _set("sha256:ab", "header", "contract"),
    "time without offset": _set("2026-05-01T10:00:00", "header", "started"),
    "negative count": _set(-1, "end", "counts", "observations"),
    "unknown verdict": _set("splendid", "end", "verdict", "state"),
    "exit code 3": _set(3, "end", "verdict", "exit_code"),
    "test outcome": _set("ok", "tests", 0, "outcome"),
    "shard 0": _set("0/3", "header", "plan", "shard"),
    "status 42": _set({"status": 42}, "observations", 4, "evidence", "response"),
    "status class": _set(1, "statistics", "statuses", "6xx"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_published_schema_refuses(report: Report, mutation: str) -> None:
    data = json.loads(json.dumps(report.to_json()))
    MUTATIONS[mutation](data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema())


def test_any_single_edit_is_noticed(report: Report) -> None:
    text = json.dumps(report.to_json())
    for old, new in (
        ('"fail"', '"pass"'),
        ('"deviations"', '"conformant"'),
        ('"seed": 1', '"seed": 2'),
        ("tasks.list", "tasks.lost"),
    ):
        assert old in text
        with pytest.raises(Tampered):
            loads(text.replace(old, new, 1))


def test_a_resealed_file_with_an_observation_taken_out_is_noticed(report: Report) -> None:
    data = report.to_json()
    del data["observations"][0]
    data["end"]["digest"] = digest(data)
    with pytest.raises(Tampered, match="counts"):
        loads(json.dumps(data))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_truncated_file_is_named_so(report: Report, share: float) -> None:
    text = json.dumps(report.to_json())
    with pytest.raises(Truncated):
        loads(text[: int(len(text) * share)])


def test_a_report_without_end_marker_is_truncated(report: Report) -> None:
    data = report.to_json()
    del data["end"]
    with pytest.raises(Truncated):
        loads(json.dumps(data))


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", "{}", "null", '{"format": 7}', '{"a": NaN}', "[" * 100_000, "9" * 5000]
)
def test_other_files_are_no_reports(text: str) -> None:
    with pytest.raises(NotAReport):
        loads(text)


def test_a_newer_format_is_named_so() -> None:
    with pytest.raises(UnknownFormat, match="pip install -U"):
        loads('{"format": "label-studio-conformance/99"}')


def test_a_sealed_document_of_the_wrong_shape_is_no_report(report: Report) -> None:
    data = report.to_json()
    data["observations"][0]["outcome"] = "fine"
    data["end"]["digest"] = digest(data)
    with pytest.raises(NotAReport, match="observations"):
        loads(json.dumps(data))


def test_missing_unreadable_and_binary_files_are_told_with_a_hint(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.json", tmp_path, binary):
        with pytest.raises(NotAReport) as caught:
            load(path)
        assert isinstance(caught.value, ReportError)
        assert caught.value.hint in str(caught.value)
        assert str(path) in str(caught.value)


def test_a_failed_write_leaves_the_old_file(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dump(report, tmp_path / "conformance.json")
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        dump(report, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_tallies_are_counted_where_the_run_did_not(report: Report) -> None:
    bare = [replace(t, tally={}) for t in report.tests]
    again = finish(
        header=report.header,
        observations=report.observations,
        tests=bare,
        statistics=report.statistics,
        verdict=judge(report.observations, results=report.tests, plan=report.header.plan),
    )
    assert again == report
