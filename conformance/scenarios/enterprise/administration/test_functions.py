"""Metric code of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

pytestmark = pytest.mark.destructive

CODE = '''def agreement(annotation_1, annotation_2, per_label=False) -> float:
    """Zażółć gęślą jaźń — "quoted", 'apostrophes', \\\\ backslash."""
    return 1.0 if annotation_1["result"] == annotation_2["result"] else 0.0
'''
READERS = ("get_function", "get_lambda", "get_gcp_function")


@pytest.mark.requirement("LS-FUNCTION-001", "LS-FUNCTION-004")
def test_nothing_is_deployed_at_first(api: Wire, show: Show, project: dict[str, Any]) -> None:
    for reader in READERS:
        answer = api.call(f"projects.metrics.custom.{reader}", id=project["id"])
        status = answer.json()["status"]
        none = status in {"NotDeployed", "NotFound"}
        show("LS-FUNCTION-001", none, expected="NotDeployed", got=status, exchange=answer, signature=reader)
    tried = api.call("projects.metrics.custom.check_function", id=project["id"], json={"code": CODE}, expect=None)
    now = api.call("projects.metrics.custom.get_function", id=project["id"])
    got = [now.json()["status"] in {"NotDeployed", "NotFound"}, CODE in now.json()["code"]]
    show.equal("LS-FUNCTION-004", expected=[True, False], got=got, exchange=tried)


@pytest.mark.requirement("LS-FUNCTION-002", "LS-FUNCTION-003", "LS-FUNCTION-005")
def test_code_is_deployed(
    api: Wire, show: Show, project: dict[str, Any], new_project: NewProject, eventually: Eventually
) -> None:
    other = new_project()["id"]
    deployed = api.call("projects.metrics.custom.deploy_function", id=project["id"], json={"code": CODE}, expect=None)
    if not deployed.ok:
        show.not_measured(f"the organisation has no cloud for functions: {deployed.brief()}")

    def read(where: int) -> dict[str, Any]:
        told: dict[str, Any] = api.call("projects.metrics.custom.get_function", id=where).json()
        return told

    now = eventually(lambda: read(project["id"]), until=lambda seen: seen["status"] != "Pending", budget="import done")
    show.equal("LS-FUNCTION-002", expected=[CODE, "Active"], got=[now["code"], now["status"]], exchange=deployed)
    elsewhere = read(other)
    got = [elsewhere["status"] in {"NotDeployed", "NotFound"}, CODE in elsewhere["code"]]
    show.equal("LS-FUNCTION-003", expected=[True, False], got=got)
    for operation in ("get_function_logs", "logs"):
        query = {"start_date": "2026-01-01", "end_date": "2036-12-31", "limit": 5}
        answer = api.call(f"projects.metrics.custom.{operation}", id=project["id"], query=query, expect=None)
        show.status("LS-FUNCTION-005", answer, 200)
