"""Accepted deviations on a real server with known faults: generated tests and scenarios, serial and in parallel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from conformance.cli import main
from conformance.report.document import load
from conformance.target import embedded
from tests.run.whole.between import between
from tests.suite import run_suite

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from werkzeug import Request

    from conformance.report.document import Report

pytestmark = pytest.mark.embedded
TESTS = (
    "conformance/properties/test_success.py::test_success[projects.get]",
    "conformance/scenarios/test_main_workflow.py::test_a_project_is_created",
)


class Proxy:
    """A real Label Studio with faults: ``faults`` are fields of a project that read back as the number 7."""

    def __init__(self, api_key: str) -> None:
        self.faults: set[str] = set()
        self.url = ""
        self.api_key = api_key

    def spoil(self, asked: Request, got: httpx.Response) -> bytes:
        """Change the fields in answers of a project."""
        if self.faults and asked.method == "GET" and asked.path.startswith("/api/projects/") and got.is_success:
            project = got.json()
            if "label_config" in project:
                return json.dumps({**project, **dict.fromkeys(self.faults, 7)}).encode()
        return got.content


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with embedded.start(embedded.EmbeddedSettings()) as server:
        made = Proxy(server.api_key)
        with between(server, made.spoil) as made.url:
            yield made


def run(proxy: Proxy, folder: Path, faults: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    proxy.faults = faults
    target = ["--target", proxy.url, "--api-key", proxy.api_key]
    return run_suite(f"--report-dir={folder}", *target, *arguments, *TESTS, timeout=300)


def judge(proxy: Proxy, folder: Path, faults: set[str], *arguments: str) -> tuple[int, Report]:
    return run(proxy, folder, faults, *arguments).returncode, load(folder / "conformance.json")


@pytest.fixture(scope="module")
def accepted(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``accept`` writes of a run with one fault, completed by a reason."""
    folder = tmp_path_factory.mktemp("accepted")
    code, report = judge(proxy, folder / "first", {"title"})
    assert code == 1
    broken = {o.requirement for o in report.observations if o.outcome.value == "fail"}
    assert "projects.get#response-schema" in broken
    assert any(r.startswith("LS-MAIN-") for r in broken)
    path = folder / "mine.yaml"
    assert main(["accept", str(folder / "first" / "conformance.json"), "--out", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert "reason: ''" in text
    path.write_text(text.replace("reason: ''", "reason: Known since the proxy stands there."), encoding="utf-8")
    return path


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "parallel"])
def test_known_failures_are_accepted_and_their_tests_expected_to_fail(
    proxy: Proxy, accepted: Path, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    code, report = judge(proxy, tmp_path / "r", {"title"}, "--deviations", str(accepted), *workers)
    assert report.end.verdict["broken"] == 0, report.end.verdict["reason"]
    assert report.end.verdict["accepted"] >= 2
    # a selection shows nothing of the whole; but nothing is red
    assert code == 7
    assert {t.outcome for t in report.tests} == {"xfailed"}
    assert "<failure" not in (tmp_path / "r" / "junit.xml").read_text(encoding="utf-8")


def test_one_more_fault_is_red(proxy: Proxy, accepted: Path, tmp_path: Path) -> None:
    code, report = judge(proxy, tmp_path / "r", {"title", "description"}, "--deviations", str(accepted))
    assert code == 1
    assert report.end.verdict["broken"] >= 1
    assert report.end.verdict["accepted"] >= 1


def test_a_fault_that_is_gone_is_reported_and_red_where_that_is_asked_for(
    proxy: Proxy, accepted: Path, tmp_path: Path
) -> None:
    # what the server itself breaks stays accepted: only what the proxy did is gone
    data = yaml.safe_load(accepted.read_text(encoding="utf-8"))
    data["deviations"] = [
        e | {"expires": "2020-01-31"} if e.get("requirement", "").startswith("LS-") else e for e in data["deviations"]
    ]
    path = tmp_path / "expired.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    code, report = judge(proxy, tmp_path / "lax", set(), "--deviations", str(path))
    assert code == 7
    said = "\n".join(report.end.verdict["stale"])
    assert "unexpected pass" in said
    assert "expired" in said
    code, report = judge(proxy, tmp_path / "strict", set(), "--deviations", str(path), "--strict-deviations")
    assert code == 1
    assert report.end.verdict["broken"] == 0


def test_an_entry_without_a_reason_is_refused_before_anything_runs(
    proxy: Proxy, accepted: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(accepted.read_text(encoding="utf-8").replace("reason: Known", "reason: '' #"), encoding="utf-8")
    done = run(proxy, tmp_path / "r", set(), "--deviations", str(path))
    assert done.returncode == 4
    assert "bare.yaml, entry 1" in done.stderr
    assert "a reason is missing" in done.stderr
    assert not (tmp_path / "r" / "conformance.json").exists()
