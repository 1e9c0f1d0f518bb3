"""The migrated data directory of a version: made once by a real first start, copied for every server."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.processes import build
from conformance.target.embedded.environment import SQLITE, server_environment
from conformance.target.embedded.errors import MigrationFailed, log_tail
from conformance.target.embedded.instance import Instance, instance_root
from conformance.target.embedded.launch import Launch
from conformance.target.embedded.postgresql import MAJOR, Cluster
from conformance.target.embedded.ready import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.processes.progress import Progress
    from conformance.target.embedded.install import ServerEnvironment
    from conformance.target.embedded.postgresql import PostgresProgram
    from conformance.target.embedded.settings import EmbeddedSettings

_RECIPE = 1
"""Raised when snapshots are made in another way: older ones are not used then."""

_USERNAME = "admin@example.com"
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A migrated data directory with one account, the owner of its only organisation.

    Attributes:
        data: The directory; it is copied, never served from.
        username: The account's e-mail address.
        password: Its password.
        api_key: Its legacy token (40 hexadecimal digits).
        secret_key: What every copy must be served with, so that tokens stay valid.
        cluster: The files of its PostgreSQL; None where the database is a file in ``data``.
        database_password: Of that PostgreSQL.
    """

    data: Path
    username: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    cluster: Path | None = None
    database_password: str = field(default="", repr=False)

    def copy_to(self, data: Path) -> None:
        """Make ``data`` a fresh copy of it, whatever was there before; the cluster is for its owner to copy."""
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.data, data)


def find_or_migrate(
    settings: EmbeddedSettings, environment: ServerEnvironment, postgresql: PostgresProgram | None, progress: Progress
) -> Snapshot:
    """Return the snapshot for ``settings``; make it first if need be (about a minute).

    Raises:
        MigrationFailed: The first start did not come to its end.
    """
    database = f"-postgresql-{MAJOR}" if postgresql else ""
    kept = "cluster/PG_VERSION" if postgresql else "data/label_studio.sqlite3"
    folder, record = build.find_or_build(
        settings.cache / "snapshots",
        f"{settings.key}{database}-{_RECIPE}",
        lambda folder: _migrate(folder, settings, environment, postgresql, progress),
        usable=lambda folder, _: (folder / kept).is_file(),
        progress=progress,
    )
    return Snapshot(
        data=folder / "data",
        username=str(record["username"]),
        password=str(record["password"]),
        api_key=str(record["api_key"]),
        secret_key=str(record["secret_key"]),
        cluster=folder / "cluster" if postgresql else None,
        database_password=str(record.get("database_password", "")),
    )


def _migrate(
    folder: Path,
    settings: EmbeddedSettings,
    environment: ServerEnvironment,
    postgresql: PostgresProgram | None,
    progress: Progress,
) -> build.Record:
    account = {
        "username": _USERNAME,
        "password": secrets.token_hex(12),
        "api_key": secrets.token_hex(20),
        "secret_key": secrets.token_hex(32),
        **({"database_password": secrets.token_hex(12)} if postgresql else {}),
    }
    hidden = [value for name, value in account.items() if name != "username"]
    what = f"first start of label-studio {settings.version}: migrating the database"
    instance = Instance.create(instance_root(settings.instance_root))
    cluster: Cluster | None = None
    try:
        folders = instance.folders
        folders.data.mkdir(mode=0o700)
        database: Mapping[str, str] = SQLITE
        if postgresql:
            cluster = Cluster(
                postgresql,
                instance,
                account["database_password"],
                log=folders.root / "postgresql.log",
                budgets=settings.budgets,
            )
            cluster.make(progress)
            cluster.start(progress)
            database = cluster.environment()
        launch = Launch(
            python=environment.python,
            version=settings.version,
            serving="plain",
            instance=instance,
            environment=server_environment(folders, secret_key=account["secret_key"], extra={}, database=database),
            log=folders.root / "migration.log",
            start_budget=settings.budgets.migrate,
            stop_budget=settings.budgets.stop,
            failure=MigrationFailed,
            # The command takes the account by its arguments only; it is one of a throw-away server on
            # loopback.
            arguments=[
                "--username",
                _USERNAME,
                "--password",
                account["password"],
                "--user-token",
                account["api_key"],
            ],
            secrets=hidden,
        )
        process, port = launch.run(port=None, what=what, progress=progress)
        with process:
            status = status_of(port, "/api/current-user/whoami", {"Authorization": f"Token {account['api_key']}"})
        progress(f"keeping the migrated database of label-studio {settings.version}")
        if cluster is not None:
            cluster.slim(progress)
            cluster.stop()
        flaw = None if cluster else _flaw(folders.data / "label_studio.sqlite3")
        if status != _OK or flaw is not None:
            raise MigrationFailed(
                f"the first start of label-studio {settings.version} left nothing usable",
                cause=flaw or f"its own account was refused: HTTP {status} to the token made at that start",
                hint="try another version",
                log_tail=log_tail(launch.log, hidden),
            )
        shutil.copytree(folders.data, folder / "data")
        if cluster is not None:
            shutil.copytree(cluster.folder, folder / "cluster")
    finally:
        if cluster is not None:
            cluster.stop()
        instance.remove()
    return {"version": settings.version, **account}


def _flaw(database: Path) -> str | None:
    """Return what is wrong with the SQLite file, or None."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        return f"{database.name}: {error}"
    return None if answer == "ok" else f"{database.name}: {answer}"
