"""No artefact of a run holds a secret: what is learned on the way is masked, and what slips through is not written."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import ExitCode
from conformance.report.document import document_text
from conformance.run.result.leaks import SecretInArtefact, SecretSearch, mask_written, refuse_secrets
from conformance.run.result.writing import write_result
from conformance.wire.exchanges.redact import MASK, Redactor
from tests.report.samples import broken, ok

if TYPE_CHECKING:
    from pathlib import Path

    from tests.report.conftest import MakeReport

KEY = "s3cr3t/Key+with=odd.parts~0123456789"


def basic(secret: str, before: str) -> str:
    return base64.b64encode(f"{before}{secret}:x".encode()).decode()


WRITTEN = {
    "plain": KEY,
    "url": quote(KEY, safe=""),
    "json": json.dumps(KEY)[1:-1],
    "base64": basic(KEY, ""),
    "base64 behind one": basic(KEY, "a"),
    "base64 behind two": basic(KEY, "ab"),
    "base64 for urls": base64.urlsafe_b64encode(KEY.encode()).decode(),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_every_form_is_found_and_masked(written: str) -> None:
    text = f'{{"requirement": "projects.get#status",\n"requirement": "LS-TOKEN-001", "got": "x={written}"}}\n'
    assert SecretSearch([KEY]).places(text) == ["line 2 (LS-TOKEN-001)"]
    masked = Redactor(lambda: [KEY]).text(text)
    assert MASK in masked
    assert SecretSearch([KEY]).forms_in(masked) == []


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=12, max_size=60), st.text(max_size=5))
def test_any_secret_is_found_behind_anything(secret: str, before: str) -> None:
    search = SecretSearch([secret])
    assert search.forms_in(f"{before} {secret} ") != []


def test_what_is_no_secret_is_left_alone() -> None:
    assert SecretSearch([KEY, "short"]).forms_in("a short text, and s3cr3t/Key alone") == []


def test_a_result_with_a_secret_is_not_written(tmp_path: Path, make_report: MakeReport) -> None:
    leaking = replace(broken("projects.get"), got=f"the answer was {WRITTEN['base64 behind one']}")
    report = make_report([ok("projects.create"), leaking])
    with pytest.raises(SecretInArtefact) as problem:
        write_result(report, tmp_path / "run", [KEY])
    assert problem.value.exit_code is ExitCode.INTERNAL
    assert "projects.get#status" in problem.value.cause
    assert KEY not in problem.value.render()
    assert not (tmp_path / "run" / "conformance.json").exists()
    assert not (tmp_path / "latest").exists()


def test_a_result_without_one_is_written(tmp_path: Path, make_report: MakeReport) -> None:
    write_result(make_report(), tmp_path / "run", [KEY])
    assert (tmp_path / "run" / "conformance.json").exists()


def test_what_was_written_meanwhile_is_masked(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "server.log"
    log.parent.mkdir()
    log.write_bytes(b"\xff key " + KEY.encode() + b"\n")
    (tmp_path / "other.txt").write_text("nothing")
    assert mask_written(tmp_path, SecretSearch([KEY])) == ["logs/server.log"]
    assert log.read_bytes() == b"\xff key ***\n"


def test_a_large_result_is_searched_in_one_go(make_report: MakeReport) -> None:
    report = make_report([broken("projects.get"), *(ok("projects.create", f"r{n}") for n in range(2000))])
    refuse_secrets(document_text(report) * 20, "conformance.json", SecretSearch(f"{KEY}{n}" for n in range(300)))
