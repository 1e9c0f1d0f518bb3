"""A gateway that answers in place of the application: a run waits, goes on, or ends, and blames nobody for it."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Outcome
from tests.deployments.conftest import ROOT, Deployment, judge
from tests.deployments.servers.nginx import Nginx
from tests.suite import PYTEST

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.deployments
TESTS = "conformance/properties/test_success.py"


def test_a_restart_behind_the_gateway_is_waited_for(several_processes: Deployment, tmp_path: Path) -> None:
    server = several_processes.server
    with Nginx(folder=tmp_path / "nginx").start(server.url) as front:
        log = front.folder / "access.log"
        restarted = threading.Event()

        def restart_once_it_is_used() -> None:
            while not log.exists() or len(log.read_bytes().splitlines()) < 60:
                time.sleep(0.1)
            server.restart()
            restarted.set()

        thread = threading.Thread(target=restart_once_it_is_used, daemon=True)
        thread.start()
        run = judge(tmp_path / "r", "--target", front.url, "--api-key", server.api_key, "--disposable", TESTS)
        thread.join(60)
        assert restarted.is_set()
        assert b'" 502 ' in log.read_bytes()
    assert run.code in {0, 7}, run.screen  # a selection is never more than not measured
    assert [o.requirement for o in run.report.observations if o.outcome is Outcome.FAIL and "502" in o.signature] == []
    assert "the run paused for" in run.screen


def test_an_application_that_stays_away_ends_the_run(several_processes: Deployment, tmp_path: Path) -> None:
    server = several_processes.server
    with Nginx(folder=tmp_path / "nginx").start(server.url) as front:
        log = front.folder / "access.log"
        arguments = ["--target", front.url, "--api-key", server.api_key, "--disposable", TESTS]
        run = subprocess.Popen(
            [*PYTEST, f"--report-dir={tmp_path}/r", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while not log.exists() or len(log.read_bytes().splitlines()) < 60:
            time.sleep(0.1)
        elsewhere = Nginx(folder=tmp_path / "nginx", port=front.port)
        front.stop()
        with elsewhere.start("http://127.0.0.1:1"):
            screen, _ = run.communicate(timeout=300)
    assert run.returncode == 6, screen
    assert "gone behind its gateway" in screen


def test_what_a_body_limit_holds_back_is_not_judged(behind_a_limit: Deployment, tmp_path: Path) -> None:
    tests = ("conformance/scenarios/imports/test_files.py", "conformance/scenarios/imports/test_import.py")
    run = judge(tmp_path / "r", *behind_a_limit.arguments, "--disposable", *tests)
    assert "limit for bodies (413)" in run.screen
    failed = [o for o in run.report.observations if o.outcome is Outcome.FAIL]
    assert [o.requirement for o in failed if "413" in f"{o.got} {o.signature}"] == []
    held = [o for o in run.report.observations if o.outcome is Outcome.NOT_MEASURED and "413" in o.message]
    assert held, "nothing was held back: the limit is not what this test thinks it is"
