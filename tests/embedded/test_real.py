"""The real Label Studio; the first run of these installs it."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from conformance.target.embedded import (
    DatabaseFailed,
    EmbeddedServer,
    EmbeddedSettings,
    Serving,
    UnusableSettings,
    prepare,
    start,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded

CONFIG = """<View><Text name="text" value="$text"/>
<Choices name="label" toName="text"><Choice value="A"/><Choice value="B"/></Choices></View>"""


def client(server: EmbeddedServer) -> httpx.Client:
    headers = {"Authorization": f"Token {server.api_key}"}
    return httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=60)


def cpu_seconds(pid: int) -> int:
    shown = subprocess.run(["/bin/ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True)
    hours, minutes, seconds = f"0:{shown.stdout.strip()}".split(":")[-3:]
    return int(hours) * 3600 + int(minutes) * 60 + int(float(seconds))


@pytest.mark.parametrize("serving", ["runserver", "gunicorn", "plain"])
def test_serves_the_api(serving: Serving, tmp_path: Path) -> None:
    settings = EmbeddedSettings(serving=serving, log_dir=tmp_path)
    with start(settings) as server, client(server) as api:
        # Not the time on the wall: that one measures what else this machine is doing.
        assert cpu_seconds(server.pid) < 10
        assert api.get("/api/version/").json()["release"] == settings.version
        assert api.get("/docs/api/schema/json/").status_code == 200
        project = api.post("/api/projects/", json={"title": "probe", "label_config": CONFIG}).json()["id"]
        upload = api.post(f"/api/projects/{project}/import", files={"file": ("a.csv", b"text\nhello\n", "text/csv")})
        file_id = upload.json()["file_upload_ids"][0]
        stored = api.get(f"/api/import/file-upload/{file_id}").json()["file"]
        assert api.get(f"/data/{stored}").content == b"text\nhello\n"
        exported = api.get(f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true").json()
        assert [task["data"] for task in exported] == [{"text": "hello"}]


def test_tokens_outlive_a_restart_and_data_do_not_outlive_a_reset() -> None:
    with start(EmbeddedSettings()) as server:
        with client(server) as api:
            personal = api.post("/api/token/").json()["token"]
            project = api.post("/api/projects/", json={"title": "probe"}).json()["id"]
        server.restart()
        with client(server) as api:
            assert api.post("/api/token/refresh/", json={"refresh": personal}).status_code == 200
            assert api.get(f"/api/projects/{project}/").status_code == 200
        server.reset()
        with client(server) as api:
            assert api.get("/api/projects/").json()["count"] == 0


def test_a_redis_of_somebody_else_is_left_alone() -> None:
    try:
        listener = socket.create_server(("127.0.0.1", 6379))
    except OSError:
        pytest.skip("there is a Redis on this machine: its owner would not like to be asked")
    with listener, start(EmbeddedSettings()) as server:
        assert server.is_alive()
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_local_files_can_be_judged() -> None:
    with start(EmbeddedSettings()) as server, client(server) as api:
        folder = server.document_root / "sub"
        folder.mkdir()
        (folder / "task.json").write_text('{"text": "hello"}', encoding="utf-8")
        project = api.post("/api/projects/", json={"title": "probe", "label_config": CONFIG}).json()["id"]
        made = api.post("/api/storages/localfiles/", json={"project": project, "path": str(folder)})
        assert made.status_code == 201, made.text
        synced = api.post(f"/api/storages/localfiles/{made.json()['id']}/sync")
        assert synced.json()["last_sync_count"] == 1


def test_a_postgresql_of_its_own_is_gone_with_the_server() -> None:
    settings = EmbeddedSettings(database="postgresql", serving="gunicorn", processes=3)
    prepare(settings)
    began = time.monotonic()
    with start(settings) as server, client(server) as api:
        assert time.monotonic() - began < 60  # quiet: 8 s
        folder = server.data_dir.parent / "postgresql"
        postmaster = psutil.Process(int((folder / "cluster" / "postmaster.pid").read_text().split()[0]))
        assert postmaster.username() != "root"
        assert len(psutil.Process(server.pid).children()) == 3
        addresses = {c.laddr.ip for c in postmaster.net_connections() if c.status == psutil.CONN_LISTEN}
        assert addresses == {"127.0.0.1"}
        project = api.post("/api/projects/", json={"title": "probe"}).json()["id"]
        server.restart()
        assert api.get(f"/api/projects/{project}/").status_code == 200
        assert not list(server.data_dir.glob("*.sqlite3"))
        server.reset()
        assert api.get("/api/projects/").json()["count"] == 0
    assert not folder.parent.exists()
    assert not postmaster.is_running()


def test_a_database_that_cannot_start_is_explained(tmp_path: Path) -> None:
    settings = EmbeddedSettings(database="postgresql")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    installation = prepare(settings)
    broken = replace(installation, snapshot=replace(installation.snapshot, cluster=damaged))
    with pytest.raises(DatabaseFailed, match="starting PostgreSQL failed"):
        EmbeddedServer(broken, settings)


def test_processes_need_a_server_that_has_them() -> None:
    with pytest.raises(UnusableSettings, match="gunicorn"):
        EmbeddedSettings(processes=2)
