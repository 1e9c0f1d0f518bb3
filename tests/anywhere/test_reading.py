"""A server that holds people's work is read, and nothing else: its access log says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.report.document import load
from conformance.target import embedded
from tests.anywhere.between import between
from tests.deployments.residue.canaries import still
from tests.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.embedded, pytest.mark.long]
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="label" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)
REGION = {"id": "r1", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}}
SEEN = ("/api/projects/", "/api/webhooks/", "/api/users/", "/api/dm/views/", "/api/predictions/", "/api/token/")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with embedded.start(embedded.EmbeddedSettings()) as server:
        headers = {"Authorization": f"Token {server.api_key}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            yield client


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> int:
    """A canary: somebody's project, with something of everything."""
    project: int = client.post("/api/projects/", json={"title": "canary", "label_config": CONFIG}).json()["id"]
    for number in range(3):
        task = client.post("/api/tasks/", json={"project": project, "data": {"text": str(number)}}).json()["id"]
        client.post(f"/api/tasks/{task}/annotations/", json={"result": [REGION]})
        client.post("/api/predictions/", json={"task": task, "result": [REGION], "model_version": "m"})
    client.post("/api/dm/views/", json={"project": project, "data": {"title": "mine"}})
    client.post("/api/webhooks/", json={"url": "http://127.0.0.1:9/", "project": project})
    client.post(f"/api/projects/{project}/exports/", json={})
    client.post("/api/projects/", json={"title": "another", "label_config": CONFIG})
    return project


def look(client: httpx.Client, project: int) -> dict[str, Any]:
    own = (
        f"/api/projects/{project}/",
        f"/api/projects/{project}/export?exportType=JSON",
        f"/api/projects/{project}/exports/",
        f"/api/tasks/?project={project}",
    )
    return {path: still(client.get(path).json()) for path in (*SEEN, *own)}


def test_nothing_but_get_and_head_leaves_and_what_can_be_judged_is(
    client: httpx.Client, project: int, tmp_path: Path
) -> None:
    before = look(client, project)
    target = tmp_path / "production.toml"
    key = client.headers["Authorization"].removeprefix("Token ")
    with between(str(client.base_url).rstrip("/")) as gate:
        target.write_text(f'url = "{gate.url}"\napi_key = "{key}"\nread_only = true\n[ids]\nproject = {project}\n')
        done = run_suite(
            f"--report-dir={tmp_path}/r",
            f"--target-file={target}",
            "--depth=quick",
            "-n",
            "1",
            "conformance",
            timeout=1200,
        )
    assert done.returncode == 7, done.stdout[-3000:] + done.stderr
    assert len(gate.log) > 300
    assert {method for method, _ in gate.log} == {"GET", "HEAD"}
    assert look(client, project) == before
    report = load(tmp_path / "r/conformance.json")
    assert report.header.options["allow"] == "read-only"
    assert report.header.options["left"] == []
    passed = {o.requirement for o in report.observations if o.outcome.value == "pass"}
    # schemas, lists, pages, filters, whole answers, exports of the named project, permissions of the key
    for shown in (
        "views.list#response-schema",
        "projects.list#success",
        "tasks.list#filter",
        "projects.exports.download#whole",
        "projects.exports.download_sync#success",
        "tasks.list#refuses-anonymous",
        "LS-EXPORT-170",
        "LS-AGREE-030",
        "LS-VERSION-001",
    ):
        assert shown in passed, shown
    assert len({o.operation for o in report.observations if o.rule == "success" and o.outcome.value == "pass"}) > 40
    unmeasured = {o.requirement: o for o in report.observations if o.outcome.value == "not-measured"}
    assert "only read" in unmeasured["projects.create#success"].message
    assert "only read" in unmeasured["LS-TASK-001"].message
    assert not [o for o in report.observations if o.outcome.value in {"error", "blocked", "refused"}]


def test_without_a_name_nobodys_project_is_entered(client: httpx.Client, project: int, tmp_path: Path) -> None:
    key = client.headers["Authorization"].removeprefix("Token ")
    with between(str(client.base_url).rstrip("/")) as gate:
        target = ["--target", gate.url, "--api-key", key, "--read-only", "--depth=quick"]
        run_suite(f"--report-dir={tmp_path}/r", *target, "-k", "test_success", "conformance/properties", timeout=500)
    assert gate.log
    assert not [path for _, path in gate.log if f"/projects/{project}" in path or f"project={project}" in path]
