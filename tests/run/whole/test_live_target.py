"""On a live server that holds somebody else's work: nothing of it is touched, and nothing of ours is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
import tenacity

from conformance.cli import main
from conformance.contract import SPEC
from conformance.report.document import load
from conformance.target import embedded
from conformance.wire.safety.journal import FOLDER
from tests.suite import PYTEST, run_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.embedded
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="label" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)
EVERYBODYS = (
    "/api/projects/",
    "/api/webhooks/",
    "/api/users/",
    "/api/jwt/settings",
    "/api/current-user/hotkeys/",
    "/api/session-policy/",
    "/api/token/",
)


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.EmbeddedServer]:
    with embedded.start(embedded.EmbeddedSettings()) as running:
        yield running


def judge(server: embedded.EmbeddedServer, tmp_path: Path, *arguments: str) -> int:
    target = ["--target", server.url, "--api-key", server.api_key]
    return run_suite(f"--report-dir={tmp_path}/r", *target, *arguments, timeout=500).returncode


def make_canary(client: httpx.Client) -> int:
    project = client.post("/api/projects/", json={"title": "canary", "label_config": CONFIG}).json()["id"]
    for number in range(3):
        task = client.post("/api/tasks/", json={"project": project, "data": {"text": str(number)}}).json()["id"]
        client.post(f"/api/tasks/{task}/annotations/", json={"result": []})
    client.post("/api/dm/views/", json={"project": project, "data": {"title": "mine"}})
    client.post("/api/webhooks/", json={"url": "http://127.0.0.1:9/", "project": project})
    return int(project)


def look(client: httpx.Client, project: int) -> dict[str, bytes]:
    own = (
        f"/api/projects/{project}/",
        f"/api/projects/{project}/export?exportType=JSON",
        f"/api/dm/views/?project={project}",
        f"/api/tasks/?project={project}",
    )
    return {path: client.get(path).content for path in (*EVERYBODYS, *own)}


def test_a_canary_is_byte_for_byte_the_same_and_nothing_is_left(
    server: embedded.EmbeddedServer, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Token {server.api_key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        project = make_canary(client)
        before = look(client, project)
        tests = ("conformance/properties/test_success.py", "conformance/scenarios/test_main_workflow.py")
        assert judge(server, tmp_path, *tests) in {0, 1, 7}
        assert look(client, project) == before
    report = load(tmp_path / "r" / "conformance.json")
    assert report.statistics.requests > 100
    assert report.header.options["left"] == []
    assert server.api_key not in json.dumps(report.to_json())


def test_what_a_killed_run_left_is_swept_and_nothing_else(server: embedded.EmbeddedServer, tmp_path: Path) -> None:
    headers = {"Authorization": f"Token {server.api_key}"}
    own = ["--target", server.url, "--api-key", server.api_key]
    folder = tmp_path / "r"
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        project = make_canary(client)
        before = look(client, project)
        tests = ["conformance/properties/test_success.py", "-k", "get or list"]
        run = subprocess.Popen(
            [*PYTEST, f"--report-dir={folder}", *own, *tests],
            cwd=SPEC.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # operations that read share one world: what is made for them stays until the end of the run
        until = tenacity.Retrying(stop=tenacity.stop_after_delay(120), wait=tenacity.wait_fixed(0.2))
        journal = folder / FOLDER / "main.jsonl"
        until(lambda: json.loads(journal.read_text(encoding="utf-8").split("\n")[3]))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(60)
        assert look(client, project) != before
        run_id = json.loads(journal.read_text(encoding="utf-8").split("\n")[0])["run"]
        arguments = ["sweep", "--run-id", run_id, "--report-dir", str(folder), *own]
        assert main(arguments) == 1
        assert look(client, project) != before
        assert main([*arguments, "--yes"]) == 0
        assert look(client, project) == before
        assert main(arguments) == 9


def test_what_needs_peers_is_measured_only_if_the_target_can_reach_them(
    server: embedded.EmbeddedServer, tmp_path: Path
) -> None:
    tests = (
        "conformance/scenarios/webhooks/test_delivery.py::test_a_task_comes_and_goes",
        "conformance/scenarios/storages/test_storages.py::test_settings_that_work_are_valid",
        "conformance/scenarios/models/test_ml.py::test_training_is_asked_for_once",
    )
    seen = {}
    for name, more in (("apart", ()), ("told", ("--callback-host=127.0.0.1",))):
        judge(server, tmp_path / name, *tests, *more)
        observations = load(tmp_path / name / "r" / "conformance.json").observations
        seen[name] = {o.requirement: o for o in observations if o.requirement.startswith("LS-")}
    apart, told = seen["apart"], seen["told"]
    assert {o.outcome.value for o in apart.values()} == {"not-measured"}
    assert set(told) == set(apart)
    local = {"LS-STORAGE-503"}  # files can be given to the embedded target only
    gcs = {"LS-STORAGE-203"}  # the emulator's address is a variable of the server
    assert {i for i, o in told.items() if o.outcome.value == "not-measured"} == local | gcs
    assert all("--callback-host" in o.message for i, o in apart.items() if i not in local | gcs)
    assert "--local-files" in apart["LS-STORAGE-503"].message


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_reason_for_not_measured_is_the_same_however_many_workers(
    server: embedded.EmbeddedServer, tmp_path: Path, workers: str
) -> None:
    tests = ("conformance/scenarios/test_version.py", "conformance/scenarios/test_predictions.py", "-k", "health")
    assert judge(server, tmp_path, "-n", workers, *tests) == 7
    report = load(tmp_path / "r" / "conformance.json")
    assert report.end.verdict["reason"].endswith("tests were left out by hand: a selection shows nothing of the whole.")
