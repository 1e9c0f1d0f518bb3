"""What a person sees who points the suite at something that can't be judged: one screen, a code of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug import Response

from conformance.contract import SPEC
from tests.nulls.server import NULLS, NullServer

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

ROOT = SPEC.parent
KEY = "0123456789abcdef0123456789abcdef01234567"


def run(tmp_path: Path, *arguments: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_T"))}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            str(ROOT / "pyproject.toml"),
            f"--report-dir={tmp_path}/r",
            *arguments,
        ],
        cwd=ROOT,
        env=clean | (environment or {}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    assert KEY not in output
    assert len(output.splitlines()) <= 40, output
    return done.returncode, output


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nothing_listens_there(tmp_path: Path, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    code, output = run(tmp_path, "--target", url, "--api-key", KEY)
    assert code == 6
    assert url in output
    assert "curl" in output


PAGES = {
    "a plain page": Response("<h1>Welcome to nginx!</h1>", content_type="text/html"),
    "an object for everything": Response("{}", content_type="application/json"),
    "an error page": Response("<h1>502</h1>", status=502, content_type="text/html"),
    "no text at all": Response(bytes(range(256)), content_type="application/octet-stream"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_server_that_is_not_label_studio(tmp_path: Path, httpserver: HTTPServer, page: str) -> None:
    httpserver.expect_request("/api/version/").respond_with_response(PAGES[page])
    code, output = run(tmp_path, "--target", httpserver.url_for("/"), "--api-key", KEY)
    assert code == 6
    assert "502" in output if page == "an error page" else "Label Studio" in output


def test_an_endless_redirect(tmp_path: Path, httpserver: HTTPServer) -> None:
    where = httpserver.url_for("/api/version/")
    httpserver.expect_request("/api/version/").respond_with_data("", status=302, headers={"Location": where})
    code, output = run(tmp_path, "--target", httpserver.url_for("/"), "--api-key", KEY)
    assert code == 6
    assert "302" in output
    assert len(httpserver.log) == 1


def test_a_key_that_the_server_does_not_take(tmp_path: Path, httpserver: HTTPServer) -> None:
    version = {"release": "1.23.2", "edition": "Community", "label-studio-os-package": {"version": "1.23.2"}}
    httpserver.expect_request("/api/version/").respond_with_json(version)
    httpserver.expect_request("/api/current-user/whoami").respond_with_json({"detail": "Invalid token."}, status=401)
    code, output = run(tmp_path, "--target", httpserver.url_for("/"), "--api-key", KEY)
    assert code == 6
    assert "401" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target", "http://127.0.0.1:9"), "key"),
        (("--target", "localhost:8080", "--api-key", KEY), "http"),
        (("--target-file", "missing.toml"), "missing.toml"),
        (("--target", "http://127.0.0.1:9", "--api-key", KEY, "--rate", "fast"), "rate"),
        (("--embedded-version", "abc"), "1.23.2"),
        (("--target", "http://127.0.0.1:9", "--api-key", KEY, "--target-database", "dbase"), "postgresql"),
    ],
)
def test_settings_that_cannot_be_used_are_a_usage_error(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    code, output = run(tmp_path, *arguments)
    assert code == 4
    assert said in output


@pytest.mark.parametrize("text", ["url = ", "colour = 'red'", "url = 7", "\x00"])
def test_a_target_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "target.toml"
    path.write_text(text)
    code, output = run(tmp_path, "--target-file", str(path))
    assert code == 4
    assert "target.toml" in output


def test_a_result_is_not_written_where_nothing_was_judged(tmp_path: Path, closed_port: int) -> None:
    run(tmp_path, "--target", f"http://127.0.0.1:{closed_port}", "--api-key", KEY)
    assert not (tmp_path / "r" / "conformance.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
@pytest.mark.parametrize(
    ("file", "workers"), [("progress.jsonl", "0"), ("observations.jsonl", "2"), ("conformance.json", "0")]
)
def test_a_full_disk_is_told_and_nothing_is_called_a_deviation(tmp_path: Path, file: str, workers: str) -> None:
    (tmp_path / "r").mkdir()
    if file == "conformance.json":  # written aside, and then put in its place: let the place be taken
        (tmp_path / "r" / file).mkdir()
    else:
        (tmp_path / "r" / file).symlink_to("/dev/full")
    with NullServer(NULLS["200-object"], greets=True) as server:
        target = ("--target", server.url, "--api-key", KEY, "-n", workers, "--official-client=none")
        code, output = run(tmp_path, *target, "conformance/scenarios/test_version.py")
    assert code == 3
    assert "report-unwritable" in output
    assert "--resume=" in output
