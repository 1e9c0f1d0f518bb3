"""What the fake uv installs as ``label_studio/server.py``: the command line and the few routes that matter.

FAKE_MODE makes it misbehave at a start that is not the first: "dies", "hangs" (never listens), "sick" (its
health is never good), "deaf" (does not end on SIGTERM). FAKE_HOLD names a file that a child process of it
holds locked.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATABASE = Path(os.environ["LABEL_STUDIO_BASE_DATA_DIR"], "label_studio.sqlite3")
MODE = os.environ.get("FAKE_MODE", "")


LS_PATH = str(Path(__file__).parent)


def _setup_env() -> None:
    """The real one sets up Django here."""


def _get_free_port(_port: int, _debug: bool) -> int:
    raise AssertionError("the launcher replaces this")


def _tokens() -> list[str]:
    with closing(sqlite3.connect(DATABASE)) as connection:
        return [row[0] for row in connection.execute("SELECT token FROM account")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(500 if MODE == "sick" else 200, {})
        elif self.path == "/api/current-user/whoami":
            known = self.headers["Authorization"] in [f"Token {token}" for token in _tokens()]
            self.answer(200 if known else 401, {})
        elif self.path == "/environment":
            self.answer(200, dict(os.environ))
        else:
            self.answer(404, {})

    def answer(self, status: int, body: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def hold(path: str) -> None:
    if os.fork() == 0:
        with Path(path).open("w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            Path(path + ".held").touch()
            signal.pause()


def main() -> None:
    from label_studio import VERSION  # type: ignore[import-not-found]  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["start"])
    parser.add_argument("--no-browser", action="store_true", required=True)
    for name in ("--internal-host", "--port", "--data-dir", "--log-level"):
        parser.add_argument(name, required=True)
    for name in ("--username", "--password", "--user-token"):
        parser.add_argument(name)
    options = parser.parse_args()
    if options.username:
        if VERSION == "4.0.3":
            sys.exit(f"cannot migrate, and here is a secret: {options.user_token}")
        with closing(sqlite3.connect(DATABASE)) as connection:
            connection.execute("CREATE TABLE account (token TEXT)")
            if VERSION != "4.0.1":
                connection.execute("INSERT INTO account VALUES (?)", [options.user_token])
            connection.commit()
    if MODE == "dies":
        sys.exit(f"boom, and here is a secret: {_tokens()[0]}")
    if MODE == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if held := os.environ.get("FAKE_HOLD"):
        hold(held)
    if MODE == "hangs":
        signal.pause()
    ThreadingHTTPServer((options.internal_host, _get_free_port(int(options.port), False)), Handler).serve_forever()
