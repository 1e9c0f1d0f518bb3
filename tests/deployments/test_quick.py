"""The quick depth of the whole suite, on each kind of deployment, in the mode that leaves alone what others use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge.verdict import red
from tests.deployments.conftest import Deployment, judge

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.deployments
AN_HOUR = 3600


@pytest.mark.parametrize("name", ["several_processes", "below_a_path"])
def test_nothing_is_told_but_what_is_known(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    deployment: Deployment = request.getfixturevalue(name)
    run = judge(
        tmp_path / "r",
        *deployment.arguments,
        "-n",
        "2",
        "--depth=quick",
        "--callback-host=127.0.0.1",
        "--target-database=postgresql",
        f"--local-files={deployment.server.document_root}",
        timeout=AN_HOUR,
    )
    assert [f"{o.requirement} {o.signature}" for o in red(run.report.observations, run.report.basis)] == []
    assert run.code == 0, run.screen[-4000:]
