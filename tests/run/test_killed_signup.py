"""A run that is killed in the middle of a sign-up: the account is there, nobody was told, and ``sweep`` removes it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from conformance.cli import main
from conformance.contract import SPEC
from conformance.target import embedded
from conformance.wire.safety.journal import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.embedded
SIGNS_UP = "conformance/scenarios/people/test_leaving.py"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


class Between:
    """Stands between a run and the server, and kills the run as soon as the server has made an account."""

    def __init__(self, server: embedded.EmbeddedServer) -> None:
        self.run: subprocess.Popen[bytes] | None = None
        self.made = threading.Event()
        self._client = httpx.Client(base_url=server.url, timeout=60)
        self._server = make_server("127.0.0.1", 0, self._pass, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _pass(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        asked = Request(environ)
        headers = [(k, v) for k, v in asked.headers if k.lower() not in HOP_BY_HOP]
        self._client.cookies.clear()
        got = self._client.request(asked.method, environ["RAW_URI"], headers=headers, content=asked.get_data())
        if asked.method == "POST" and asked.path == "/user/signup/" and self.run is not None:
            os.killpg(self.run.pid, signal.SIGKILL)
            self.made.set()
        kept = [(k, v) for k, v in got.headers.multi_items() if k.lower() not in HOP_BY_HOP]
        return Response(got.content, status=got.status_code, headers=kept)(environ, start)

    def close(self) -> None:
        self._server.shutdown()
        self._client.close()


@pytest.fixture
def between() -> Iterator[tuple[embedded.EmbeddedServer, Between]]:
    with embedded.start(embedded.EmbeddedSettings()) as server:
        made = Between(server)
        yield server, made
        made.close()


def test_an_account_whose_sign_up_nobody_was_told_of_is_swept(
    between: tuple[embedded.EmbeddedServer, Between], tmp_path: Path
) -> None:
    server, proxy = between

    def people() -> set[str]:
        answer = httpx.get(f"{server.url}/api/users/", headers={"Authorization": f"Token {server.api_key}"}, timeout=60)
        return {user["email"] for user in answer.json()}

    before = people()
    target = ["--target", proxy.url, "--api-key", server.api_key, f"--report-dir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disposable", *target, SIGNS_UP]
    proxy.run = subprocess.Popen(command, cwd=SPEC.parent, start_new_session=True, stdout=subprocess.DEVNULL)
    assert proxy.run.wait(240) == -signal.SIGKILL
    assert proxy.made.wait(10)
    assert len(people() - before) == 1
    (journal,) = (tmp_path / FOLDER).glob("*.jsonl")
    run_id = json.loads(journal.read_text(encoding="utf-8").split("\n")[0])["run"]
    assert main(["sweep", "--run-id", run_id, *target, "--yes"]) == 0
    assert people() == before
