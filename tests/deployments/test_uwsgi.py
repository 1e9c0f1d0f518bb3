"""Label Studio behind uWSGI, as its own deployment files set it up: its port alone, and with nginx in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Outcome
from tests.deployments.conftest import Deployment, judge
from tests.deployments.servers.nginx import Nginx
from tests.deployments.servers.uwsgi import Uwsgi, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.deployments.conftest import Run

pytestmark = pytest.mark.deployments
TESTS = (
    "conformance/scenarios/test_version.py",
    "conformance/scenarios/test_predictions.py",
    "conformance/properties/test_success.py",
    "-k",
    "version or predictions or tasks",
)


@pytest.fixture(scope="module")
def uwsgi(several_processes: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uwsgi]:
    program, folder = install(tmp_path_factory.mktemp("program")), tmp_path_factory.mktemp("uwsgi")
    with Uwsgi(program=program, folder=folder).start(several_processes.server) as running:
        yield running


def said(run: Run) -> set[tuple[str, Outcome, str]]:
    """What a run says, without what comes and goes with the process that answers."""
    return {
        (o.requirement, o.outcome, o.signature)
        for o in run.report.observations
        if o.requirement != "LS-VERSION-006" and o.operation != "versions.get"
    }


def test_a_run_says_the_same_whoever_serves(several_processes: Deployment, uwsgi: Uwsgi, tmp_path: Path) -> None:
    server = several_processes.server
    plain = judge(tmp_path / "plain", *several_processes.arguments, *TESTS)
    alone = judge(tmp_path / "alone", "--target", uwsgi.url, "--api-key", server.api_key, *TESTS)
    with Nginx(folder=tmp_path / "nginx", answers_options=True).start(uwsgi.url) as front:
        behind = judge(tmp_path / "behind", "--target", front.url, "--api-key", server.api_key, *TESTS)
    assert len(said(plain)) > 100
    assert {outcome for _, outcome, _ in said(plain)}.isdisjoint({Outcome.ERROR, Outcome.BLOCKED})
    assert said(alone) ^ said(plain) == set(), alone.screen
    assert said(behind) ^ said(plain) == set(), behind.screen
