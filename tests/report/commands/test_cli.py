from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.cli import main
from conformance.judge.observation import Outcome
from conformance.report.document import dump, load
from conformance.report.renderings.forms import FORMS
from tests.report.making import TESTS, make, parts
from tests.report.samples import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def result(tmp_path: Path) -> Path:
    return dump(make(), tmp_path / "run" / "conformance.json")


def test_render_writes_all_forms_beside_the_result(result: Path) -> None:
    assert main(["render", str(result)]) == 0
    assert {p.name for p in result.parent.iterdir()} == {"conformance.json", *FORMS.values()}


def test_render_writes_what_is_asked_for_where_it_is_asked_for(result: Path, tmp_path: Path) -> None:
    assert main(["render", str(result), "--to", "badge-json", "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "badge.json").read_text())["schemaVersion"] == 1
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_verify_ends_with_the_verdict_and_fails_on_an_edit(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(result)]) == 1
    assert "sound. DEVIATIONS" in capsys.readouterr().out
    result.write_text(result.read_text().replace('"fail"', '"pass"', 1))
    assert main(["verify", str(result)]) == 4
    assert "edited or damaged" in capsys.readouterr().err


def test_diff_fails_on_what_was_lost(result: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    less = dump(make([o for o in SAMPLE if o.requirement != "LS-EXPORT-007"]), tmp_path / "less.json")
    assert main(["diff", str(result), str(result)]) == 0
    assert main(["diff", str(result), str(less)]) == 1
    assert "LS\\-EXPORT" not in capsys.readouterr().out
    assert main(["diff", str(result), str(less), "--allow", "vanished"]) == 0
    capsys.readouterr()
    assert main(["diff", "--json", str(result), str(less)]) == 1
    assert json.loads(capsys.readouterr().out)["counts"] == {"vanished": 1}


def test_matrix_and_merge_write_their_files(tmp_path: Path, result: Path) -> None:
    assert main(["matrix", str(result), str(result), "--out", str(tmp_path / "m.html")]) == 0
    assert "2 runs" in (tmp_path / "m.html").read_text()
    files = [str(dump(p, tmp_path / f"{n}.json")) for n, p in enumerate(parts(SAMPLE, TESTS, 3))]
    assert main(["merge", *files, "--out", str(tmp_path / "merged")]) == 1
    assert load(tmp_path / "merged" / "conformance.json").end.verdict == make().end.verdict
    assert main(["merge", *files[1:], "--out", str(tmp_path / "x.json")]) == 4
    assert not (tmp_path / "x.json").exists()


def test_accept_never_overwrites(tmp_path: Path, result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.yaml"
    assert main(["accept", str(result), "--out", str(out)]) == 0
    written = out.read_text()
    assert main(["accept", str(result), "--out", str(out)]) == 4
    assert out.read_text() == written
    capsys.readouterr()
    assert main(["accept", str(result)]) == 0
    assert capsys.readouterr().out == written


def test_explain_knows_operations_requirements_and_the_last_run(
    result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tasks.list", "GET /api/tasks/"):
        assert main(["explain", name, "--report", str(result)]) == 0
        told = capsys.readouterr().out
        assert "tasks.list: GET /api/tasks/ (community, tasks)" in told
        assert "spec/openapi.yaml#/paths/~1api~1tasks~1/get" in told
        assert "fail         tasks.list#status: tasks.list answered 500" in told
    assert main(["explain", "tasks.list#status", "--report", str(result)]) == 0
    assert "reproduce curl" in capsys.readouterr().out
    assert main(["explain", "LS-MAIN-001", "--report", str(result)]) == 0
    told = capsys.readouterr().out
    assert "A created project" in told
    assert "not observed" in told


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("refuses-query", "conformance/properties/test_coverage.py::test_coverage"),
        ("read-back", "conformance/properties/test_writing.py::test_read_back"),
        ("response-schema", "conformance/wire/checking/checks.py (every response)"),
        ("stays", "conformance/properties/stateful/test_stateful.py::test_stateful"),
    ],
)
def test_explain_says_where_a_rule_is_checked(capsys: pytest.CaptureFixture[str], rule: str, place: str) -> None:
    assert main(["explain", f"projects.create#{rule}"]) == 0
    assert f"checked  {place}\n" in capsys.readouterr().out


def test_explain_goes_without_a_newest_result_that_it_can_not_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "reports" / "latest").mkdir(parents=True)
    (tmp_path / "reports" / "latest" / "conformance.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "projects.create"]) == 0
    said = capsys.readouterr()
    assert "projects.create" in said.out
    assert "without a result" in said.err


def test_explain_offers_near_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "project.create"]) == 4
    assert "projects.create" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["render"], ["verify"], ["accept"], ["matrix"], ["diff", "same"]])
@pytest.mark.parametrize("content", [None, "", "{}", '{"format": "label-studio-conformance/1", "header"'])
def test_useless_input_is_told_in_one_line_without_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], content: str | None
) -> None:
    path = tmp_path / "conformance.json"
    if content is not None:
        path.write_text(content)
    arguments = [str(path) if part == "same" else part for part in command] + [str(path)]
    assert main(arguments) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert str(path) in told.err


@pytest.mark.parametrize("arguments", [[], ["nope"], ["diff", "a"], ["merge", "a"], ["render", "--to", "pdf"]])
def test_wrong_usage_ends_with_4(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    assert "--help" in capsys.readouterr().err


def test_a_result_that_cannot_be_written_is_told(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(result), "--out", str(result)]) == 4
    assert "conformance.json" in capsys.readouterr().err


def test_hostile_text_can_be_rendered_in_every_form(tmp_path: Path) -> None:
    nasty = replace(SAMPLE[3], message="\ud800\x00\u202e<script>", test=SAMPLE[3].test)
    path = dump(make([nasty], tests=[nasty.test]), tmp_path / "conformance.json")
    assert nasty.outcome is Outcome.FAIL
    assert main(["render", str(path)]) == 0
    for name in FORMS.values():
        path = tmp_path / name
        for file in path.iterdir() if path.is_dir() else [path]:
            file.read_text(encoding="utf-8")
