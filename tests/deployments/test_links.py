"""Links below a path, behind TLS: of a server that knows its address, and of one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments.conftest import Deployment, judge
from tests.deployments.servers.nginx import Nginx

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deployments.conftest import Run

pytestmark = pytest.mark.deployments
TESTS = ("conformance/scenarios/projects/test_links.py", "conformance/scenarios/imports/values/test_uploads.py")
LINKS = {"LS-PROJECT-041", "LS-PROJECT-042", "LS-INVITE-006", "LS-IMPORT-116", "LS-IMPORT-117"}


def said(run: Run) -> set[tuple[str, str, str]]:
    return {(o.requirement, str(o.outcome), o.signature) for o in run.report.observations if o.requirement in LINKS}


def test_a_server_that_knows_its_path_and_scheme_gives_links_that_lead_to_it(
    below_a_path: Deployment, tmp_path: Path
) -> None:
    run = judge(tmp_path / "r", *below_a_path.arguments, *TESTS)
    assert said(run) == {(name, "pass", "") for name in LINKS}, run.screen


def test_links_without_the_path_are_seen(several_processes: Deployment, tmp_path: Path) -> None:
    with Nginx(folder=tmp_path / "nginx", tls=True, prefix="/labels").start(several_processes.server.url) as front:
        run = judge(tmp_path / "r", *Deployment(several_processes.server, front).arguments, *TESTS)
    wrong = {(name, signature) for name, outcome, signature in said(run) if outcome == "fail"}
    assert {("LS-PROJECT-041", "path"), ("LS-PROJECT-042", "path")} <= wrong, run.screen
    assert ("LS-INVITE-006", "leads nowhere") not in wrong
