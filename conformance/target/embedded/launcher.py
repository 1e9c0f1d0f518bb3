"""Run inside Label Studio's own environment: the real ``label-studio`` command, with seven small changes.

This file is executed by the interpreter of the *embedded* environment (``python -s -P launcher.py ...``),
never imported by the suite, and so imports nothing of it. It runs the unmodified ``label_studio.server.main``
- same settings, same migration check, same arguments as ``label-studio start`` - but

1. never outlives whoever started it: when the life-line (a pipe) closes, it kills its whole process group;
2. says through a file when it really listens, so that nobody takes a foreign server on that port for this
   one, and refuses to move silently to another port;
3. serves in one of three ways (``--serving``): ``plain`` is the development server as shipped, ``runserver``
   the same with Nagle's algorithm off (see `_without_nagle`), ``gunicorn`` the same WSGI application behind
   gunicorn;
4. leaves alone a Redis that happens to run on this machine (see `_away_from_foreign_redis`);
5. does not wait for the disk (see `_without_waiting_for_the_disk`), nor does it stretch passwords
   (see `_without_stretching_passwords`); not with ``plain``;
6. keeps a connection to PostgreSQL for as long as a client keeps the one to it (see
   `_with_lasting_connections`); only with ``runserver``;
7. describes no error to a service that is switched off (see `_without_describing_errors`; not with ``plain``), and
   looks less often for memory to free (see `_without_looking_for_garbage_all_the_time`; only with ``runserver``).
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import signal
import socketserver
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_NOBODY_LISTENS = 1
"""A port of the loopback interface that only a forgotten service of the 1980s (tcpmux) would use."""

_GUNICORN_THREADS = 8
_KEEP_ALIVE_SECONDS = 75
"""Longer than any client's idle pool: the client closes first, without "server disconnected" races."""


def watch_lifeline(descriptor: int) -> None:
    """Kill this process group as soon as the other end of the pipe ``descriptor`` is closed.

    The supervisor stops the server in good order; this is for the case that the supervisor itself was killed.
    """

    def wait_for_the_end() -> None:
        while os.read(descriptor, 1):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()


def _announce(ready_file: Path, host: str, port: int) -> None:
    """Write the address that is listened on, in one step: a reader sees all of it or nothing."""
    partial = ready_file.with_suffix(".partial")
    partial.write_text(json.dumps({"pid": os.getpid(), "host": host, "port": port}), encoding="utf-8")
    partial.replace(ready_file)


def _announce_when_listening(ready_file: Path) -> None:
    activate = socketserver.TCPServer.server_activate

    def server_activate(server: socketserver.TCPServer) -> None:
        activate(server)
        host, port = server.server_address[:2]
        _announce(ready_file, str(host), int(port))

    socketserver.TCPServer.server_activate = server_activate  # type: ignore[assignment,method-assign]


def _without_nagle() -> None:
    """Send each answer at once.

    Django's development server writes headers and body in two steps; on a kept-alive connection the second
    waits for the client's delayed acknowledgement, about 40 ms. The bytes are the same either way.
    """
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def _away_from_foreign_redis(server: Any) -> None:
    """Keep the server from using a Redis that happens to run on this machine.

    Label Studio tries ``localhost:6379`` - written into its settings, no variable changes it - and if
    somebody answers there, puts its jobs into that person's queues, where nobody of ours works on them.
    """

    def leave_alone(settings: Any) -> None:
        for queue in getattr(settings, "RQ_QUEUES", {}).values():
            queue.update(HOST="127.0.0.1", PORT=_NOBODY_LISTENS)

    _with_settings(server, leave_alone)


def _with_lasting_connections(server: Any) -> None:
    """Let a thread keep its connection to PostgreSQL until its client hangs up.

    Django's own setting for that, which whoever runs a server in earnest sets: a quarter of the server's time goes into
    connections otherwise. A file is opened in no time, and who keeps it open keeps those waiting who write.
    """

    def keep(settings: Any) -> None:
        database = settings.DATABASES["default"]
        if database["ENGINE"].endswith("postgresql"):
            database["CONN_MAX_AGE"] = None

    _with_settings(server, keep)


def _with_settings(server: Any, change: Callable[[Any], None]) -> None:
    """Change Django's settings before the server reads them."""
    set_up = server._setup_env  # noqa: SLF001 - no public way

    def set_up_changed() -> None:
        sys.path.insert(0, server.LS_PATH)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio.core.settings.label_studio")
        change(importlib.import_module("django.conf").settings)
        set_up()

    server._setup_env = set_up_changed  # noqa: SLF001


def _without_stretching_passwords() -> None:
    """Hash passwords in a few rounds, as Django advises for tests: a run signs up more than a hundred people.

    What it takes to break into a stolen database is nothing that an answer tells.
    """
    hashers = importlib.import_module("django.contrib.auth.hashers")
    hashers.PBKDF2PasswordHasher.iterations = 1000


def _without_waiting_for_the_disk() -> None:
    """Let SQLite hand its pages to the system and go on.

    What is written survives the end of the process all the same, only not that of the machine; the data are thrown away
    long before. Each commit costs two waits otherwise, and who writes keeps the others waiting for as long.
    """
    signals = importlib.import_module("django.db.backends.signals")

    def relax(connection: Any, **_: Any) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous = OFF")

    # held by a strong reference: nobody else has one
    signals.connection_created.connect(relax, weak=False)


def _without_describing_errors() -> None:
    """Write down no local variables of a refused request.

    Label Studio hands each error to Sentry, which prints all variables of all frames, queries and their rows among
    them, before it finds that nobody asked for it: a seventh of the server's time in a run.
    """
    try:
        sentry = importlib.import_module("sentry_sdk")
    except ImportError:
        return
    sentry.init(
        include_local_variables=False,
        include_source_context=False,
        default_integrations=False,
        auto_enabling_integrations=False,
    )


def _without_looking_for_garbage_all_the_time() -> None:
    """Leave what was loaded at the start to itself when memory is freed.

    It stays for good, and going through it again and again is a twelfth of the server's time.
    """
    activate = socketserver.TCPServer.server_activate

    def server_activate(server: socketserver.TCPServer) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        activate(server)

    socketserver.TCPServer.server_activate = server_activate  # type: ignore[assignment,method-assign]


def _gunicorn_application(ready_file: Path, *, host: str, port: int, processes: int) -> Any:
    # Imported here: they exist in the embedded environment only.
    connections = importlib.import_module("django.db").connections
    basehttp = importlib.import_module("django.core.servers.basehttp")
    base = importlib.import_module("gunicorn.app.base").BaseApplication

    connections.close_all()  # a connection to a database must not be carried over a fork
    options = {
        "bind": f"{host}:{port}",
        "workers": processes,
        "worker_class": "gthread",
        "threads": _GUNICORN_THREADS,
        "timeout": 0,
        "graceful_timeout": 2,
        "keepalive": _KEEP_ALIVE_SECONDS,
        "loglevel": "warning",
        # The development server has no such limits, and trusts no proxy headers.
        "limit_request_line": 0,
        "limit_request_fields": 32768,
        "limit_request_field_size": 0,
        # Who names a proxy by gunicorn's own variable wants it to be believed.
        **({} if "FORWARDED_ALLOW_IPS" in os.environ else {"secure_scheme_headers": {}}),
        "control_socket_disable": True,
        "when_ready": lambda _server: _announce(ready_file, host, port),
    }

    class Application(base):  # type: ignore[misc,valid-type]
        def load_config(self) -> None:
            for name, value in options.items():
                if name in self.cfg.settings:  # not every version of gunicorn knows every option
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return basehttp.get_internal_wsgi_application()

    return Application()


def main(arguments: list[str]) -> int:
    """Start Label Studio with the arguments after ``--``; return its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serving", choices=("plain", "runserver", "gunicorn"), required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("label_studio", nargs="*")
    options = parser.parse_args(arguments)

    lifeline = os.environ.pop("LS_CONFORMANCE_LIFELINE", None)
    if lifeline is not None:
        watch_lifeline(int(lifeline))
    # SIGTERM ends it as Ctrl-C does: through `finally` clauses and exit hooks (coverage of the server needs
    # them).
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    server: Any = importlib.import_module("label_studio.server")
    server._get_free_port = lambda port, _debug: port  # noqa: SLF001 - no public way
    _away_from_foreign_redis(server)
    if options.serving != "plain":
        _without_waiting_for_the_disk()
        _without_stretching_passwords()
        _without_describing_errors()
    if options.serving == "gunicorn":
        server._app_run = lambda host, port: _gunicorn_application(  # noqa: SLF001
            options.ready_file, host=host, port=port, processes=options.processes
        ).run()
    else:
        _announce_when_listening(options.ready_file)
        if options.serving == "runserver":
            _without_nagle()
            _without_looking_for_garbage_all_the_time()
            _with_lasting_connections(server)
    sys.argv = ["label-studio", *options.label_studio]
    return int(server.main() or 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
