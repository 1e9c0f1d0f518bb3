"""What a run tells of a failure can be seen again by whoever reads it, on each kind of deployment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.judge.observation import Outcome
from tests.deployments.conftest import Deployment, judge

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.deployments
TESTS = (
    "conformance/properties/test_success.py::test_success[projects.list]",
    "conformance/properties/test_success.py::test_success[tasks.get]",
    "conformance/properties/test_success.py::test_success[projects.create]",
    "conformance/properties/test_malformed.py::test_malformed[tasks.create]",
    "conformance/scenarios/data_manager/test_filters.py",
    "conformance/scenarios/test_predictions.py",
)


def personal(deployment: Deployment) -> str:
    headers = {"Authorization": f"Token {deployment.server.api_key}"}
    with httpx.Client(base_url=deployment.url, headers=headers, verify=deployment.verify, timeout=60) as client:
        return str(client.post("/api/token/").json()["token"])


def environment(deployment: Deployment, key: str) -> dict[str, str]:
    bundle = {"LS_CONFORMANCE_CA_BUNDLE": str(deployment.front.ca_bundle)} if deployment.front else {}
    return {"LABEL_STUDIO_API_KEY": key, **bundle}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("several_processes", "legacy"), ("below_a_path", "legacy"), ("below_a_path", "personal")],
)
def test_each_line_and_each_script_of_a_run_shows_the_same_again(
    name: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    deployment: Deployment = request.getfixturevalue(name)
    key = deployment.server.api_key if kind == "legacy" else personal(deployment)
    told = environment(deployment, key)
    replayed = tmp_path / "replayed.jsonl"
    run = judge(
        tmp_path / "r",
        "-p",
        "tests.deployments.replaying",
        "--target",
        deployment.url,
        "--disposable",
        *TESTS,
        environment={**told, "REPLAYED": str(replayed)},
    )
    assert replayed.exists(), run.screen
    lines = [json.loads(line) for line in replayed.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 40, run.screen
    assert [line for line in lines if line["now"] != line["recorded"]] == []
    assert key not in replayed.read_text(encoding="utf-8")
    scripts = sorted((tmp_path / "r" / "scripts").iterdir())
    assert scripts, "none of these fails any more: name others"
    for script in scripts:
        done = subprocess.run(
            [sys.executable, "-I", str(script)],
            env={"PATH": os.environ["PATH"], "LABEL_STUDIO_URL": deployment.url, **told},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, ""), f"{script.name}: {done.stdout}"
    assert [o for o in run.report.observations if o.outcome is Outcome.ERROR] == []
