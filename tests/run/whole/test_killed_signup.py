"""A run that is killed in the middle of a sign-up: the account is there, nobody was told, and ``sweep`` removes it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.cli import main
from conformance.contract import SPEC
from conformance.target import embedded
from conformance.wire.safety.journal import FOLDER
from tests.run.whole.between import between
from tests.suite import PYTEST

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug import Request

pytestmark = pytest.mark.embedded
SIGNS_UP = "conformance/scenarios/people/test_leaving.py"


def people(server: embedded.EmbeddedServer) -> set[str]:
    answer = httpx.get(f"{server.url}/api/users/", headers={"Authorization": f"Token {server.api_key}"}, timeout=60)
    return {user["email"] for user in answer.json()}


def test_an_account_whose_sign_up_nobody_was_told_of_is_swept(tmp_path: Path) -> None:
    runs: list[subprocess.Popen[bytes]] = []

    def kill_at_sign_up(asked: Request, got: httpx.Response) -> bytes:
        """The account is made, and the run does not live to hear of it."""
        if asked.method == "POST" and asked.path == "/user/signup/":
            os.killpg(runs[0].pid, signal.SIGKILL)
        return got.content

    with embedded.start(embedded.EmbeddedSettings()) as server, between(server, kill_at_sign_up) as url:
        before = people(server)
        target = ["--target", url, "--api-key", server.api_key, f"--report-dir={tmp_path}"]
        command = [*PYTEST, "--disposable", *target, SIGNS_UP]
        runs.append(subprocess.Popen(command, cwd=SPEC.parent, start_new_session=True, stdout=subprocess.DEVNULL))
        assert runs[0].wait(240) == -signal.SIGKILL
        assert len(people(server) - before) == 1
        (journal,) = (tmp_path / FOLDER).glob("*.jsonl")
        run_id = json.loads(journal.read_text(encoding="utf-8").split("\n")[0])["run"]
        assert main(["sweep", "--run-id", run_id, *target, "--yes"]) == 0
        assert people(server) == before
