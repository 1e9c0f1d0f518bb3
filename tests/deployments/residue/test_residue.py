"""Nothing of others is touched, and nothing of a run stays: after a run, after a killed one, and after ``sweep``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import tenacity

from conformance.cli import main
from conformance.contract import SPEC
from conformance.report.document import load
from conformance.target.embedded import DATABASES, EmbeddedSettings, start
from conformance.wire.safety.journal import FOLDER
from tests.deployments.conftest import postgresql
from tests.deployments.residue.canaries import added, changed, files_below, plant
from tests.deployments.residue.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.target.embedded import EmbeddedServer

pytestmark = [pytest.mark.embedded, pytest.mark.deployments]

# Rows that no operation of Label Studio 1.23 removes: the record of a token that is not valid any more.
SPENT = {"token_blacklist_outstandingtoken", "token_blacklist_blacklistedtoken"}
# What belongs to the instance and not to somebody: the invitation, which is renewed, and settings, which are put back.
INSTANCE = {"organization", "authtoken_token", "jwt_auth_jwtsettings", "session_policy_sessiontimeoutpolicy"}
ALL = "conformance/properties/test_success.py"


@pytest.fixture(scope="module", params=DATABASES)
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    with start(postgresql() if request.param == "postgresql" else EmbeddedSettings()) as running:
        yield running


def command(server: EmbeddedServer, folder: Path, *more: str) -> list[str]:
    own = ["--target", server.url, "--api-key", server.api_key, "--callback-host=127.0.0.1"]
    local = f"--local-files={server.document_root}"
    return [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--report-dir={folder}",
        *own,
        local,
        *more,
    ]


def test_a_run_touches_nothing_of_others_and_leaves_nothing_of_its_own(server: EmbeddedServer, tmp_path: Path) -> None:
    canaries = plant(server.url, server.api_key)
    answers, before, files = canaries.answers(), rows(server), files_below(server.data_dir / "media")
    subprocess.run(command(server, tmp_path / "r", ALL, "--depth=quick"), cwd=SPEC.parent, check=False)
    assert canaries.answers() == answers
    after = rows(server)
    assert changed(before, after) == {}
    assert set(added(before, after)) <= SPENT
    now = files_below(server.data_dir / "media")
    assert {name: now.get(name) for name in files} == files
    report = load(tmp_path / "r" / "conformance.json")
    assert report.header.options["left"] == []
    told = report.header.options["remains"]
    assert len(now) - len(files) <= sum(told.values())
    reached = {o.operation for o in report.observations if o.rule == "success" and o.outcome.value == "pass"}
    assert len(reached) >= 140


def test_a_disposable_run_touches_no_more_of_others_than_it_has_to(server: EmbeddedServer, tmp_path: Path) -> None:
    canaries = plant(server.url, server.api_key)
    things, before = canaries.things(), rows(server)
    run = subprocess.run(
        command(server, tmp_path / "r", ALL, "--depth=quick", "--disposable"),
        cwd=SPEC.parent,
        check=False,
        capture_output=True,
        text=True,
    )
    assert load(tmp_path / "r" / "conformance.json").header.options["left"] == [], run.stdout
    assert canaries.things() == things
    assert set(changed(before, rows(server))) <= INSTANCE


def test_what_a_killed_run_left_is_swept_to_the_last_row(server: EmbeddedServer, tmp_path: Path) -> None:
    canaries = plant(server.url, server.api_key)
    answers, before = canaries.answers(), rows(server)
    folder = tmp_path / "r"
    run = subprocess.Popen(command(server, folder, ALL, "-n", "2"), cwd=SPEC.parent, start_new_session=True)
    journal = folder / FOLDER / "gw0.jsonl"
    until = tenacity.Retrying(stop=tenacity.stop_after_delay(240), wait=tenacity.wait_fixed(0.2))
    until(lambda: journal.read_text(encoding="utf-8").split("\n")[12])
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(60)
    assert set(added(before, rows(server))) - SPENT
    run_id = json.loads(journal.read_text(encoding="utf-8").split("\n")[0])["run"]
    sweep = ["sweep", "--run-id", run_id, f"--report-dir={folder}", "--target", server.url, "--api-key", server.api_key]
    assert main(sweep) == 1
    assert main([*sweep, "--yes"]) == 0
    assert main(sweep) == 9
    after = rows(server)
    assert changed(before, after) == {}
    assert set(added(before, after)) <= SPENT
    assert canaries.answers() == answers
