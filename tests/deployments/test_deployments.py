"""What the deployments themselves are: without this, nothing that runs on them shows anything."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.deployments.conftest import Deployment

pytestmark = pytest.mark.deployments


def client(deployment: Deployment) -> httpx.Client:
    headers = {"Authorization": f"Token {deployment.server.api_key}"}
    return httpx.Client(base_url=deployment.url, headers=headers, verify=deployment.verify, timeout=60)


def test_several_processes_answer(several_processes: Deployment) -> None:
    ps = ["/bin/ps", "-o", "pid=", "--ppid", str(several_processes.server.pid)]
    found = subprocess.run(ps, capture_output=True, text=True, check=True)
    assert len(found.stdout.split()) == 3
    with client(several_processes) as api:
        assert api.get("/api/projects/").status_code == 200


def test_numbers_are_ordered_as_postgresql_does(several_processes: Deployment) -> None:
    with client(several_processes) as api:
        project = api.post("/api/projects/", json={"title": "probe"}).json()["id"]
        api.post(f"/api/projects/{project}/import", json=[{"n": n} for n in (9, 10, 100)])
        view = {"project": project, "data": {"ordering": ["tasks:data.n"]}}
        made = api.post("/api/dm/views/", json=view).json()["id"]
        tasks = api.get(f"/api/tasks/?view={made}").json()["tasks"]
    assert [task["data"]["n"] for task in tasks] == [10, 100, 9]  # SQLite says 9, 10, 100


def test_the_way_is_tls_a_path_and_an_answer_to_options(below_a_path: Deployment) -> None:
    with client(below_a_path) as api:
        assert str(api.base_url).startswith("https://127.0.0.1:")
        assert api.get("/api/version/").json()["release"] == below_a_path.server.version
        assert api.options("/api/nothing/").status_code == 204
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{below_a_path.url}/api/version/")  # nobody else trusts this CA
    root = below_a_path.url.removesuffix("/labels")
    assert httpx.get(f"{root}/api/version/", verify=below_a_path.verify).status_code == 404


def test_a_long_body_does_not_come_through(behind_a_limit: Deployment) -> None:
    with client(behind_a_limit) as api:
        long = api.post("/api/projects/", json={"title": "x" * 2000})
    assert (long.status_code, long.headers["content-type"]) == (413, "text/html")
