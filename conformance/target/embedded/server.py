"""The embedded target itself: prepare it, start it, stop it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from conformance.processes.progress import Progress, no_progress
from conformance.target.embedded.environment import server_environment
from conformance.target.embedded.errors import NotRunning
from conformance.target.embedded.install import ServerEnvironment, find_or_install
from conformance.target.embedded.instance import Instance, clear_stale, instance_root
from conformance.target.embedded.keys import personal_only
from conformance.target.embedded.launch import Launch
from conformance.target.embedded.postgresql import Cluster, PostgresProgram
from conformance.target.embedded.postgresql import find_or_install as find_or_install_postgresql
from conformance.target.embedded.ready import LOOPBACK
from conformance.target.embedded.rows import insert_postgresql, insert_sqlite
from conformance.target.embedded.settings import EmbeddedSettings, require_posix
from conformance.target.embedded.snapshot import Snapshot, find_or_migrate

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from conformance.processes.process import SupervisedProcess
    from conformance.target.embedded.rows import Row


@dataclass(frozen=True, slots=True)
class Installation:
    """One version, ready to be started any number of times: its environment, its migrated data, its database."""

    environment: ServerEnvironment
    snapshot: Snapshot
    postgresql: PostgresProgram | None = None

    @property
    def version(self) -> str:
        """The version of label-studio."""
        return self.environment.version


def prepare(settings: EmbeddedSettings, progress: Progress = no_progress) -> Installation:
    """Install and migrate what ``settings`` ask for, unless that was done before (then: milliseconds).

    Any number of processes may call it at the same time: one does the work, the others wait for it.

    Raises:
        EmbeddedError: `InstallFailed`, `MigrationFailed`, or `UnusableSettings`.
    """
    require_posix()
    clear_stale(instance_root(settings.instance_root))
    environment = find_or_install(settings, progress)
    postgresql = find_or_install_postgresql(settings, progress) if settings.database == "postgresql" else None
    return Installation(environment, find_or_migrate(settings, environment, postgresql, progress), postgresql)


def start(settings: EmbeddedSettings, progress: Progress = no_progress) -> EmbeddedServer:
    """Start a server on a fresh copy of the migrated data; about 6 s once it has been prepared.

    It ends with `EmbeddedServer.stop`, and with this process, however that ends.

    Raises:
        EmbeddedError: As for `prepare`, or `StartFailed`.
    """
    return EmbeddedServer(prepare(settings, progress), settings, progress)


class EmbeddedServer:
    """A running Label Studio on loopback; a context manager that stops it.

    Not for several threads at once: one owner starts, resets and stops it.
    """

    def __init__(
        self, installation: Installation, settings: EmbeddedSettings, progress: Progress = no_progress
    ) -> None:
        """Start it, and return when it is ready. Raises `StartFailed`."""
        self._snapshot = installation.snapshot
        self._progress = progress
        self.settings = settings
        self._personal = ""
        self._process: SupervisedProcess | None = None
        self._cluster: Cluster | None = None
        self.version = installation.version
        self._instance = Instance.create(instance_root(settings.instance_root))
        try:
            folders = self._instance.folders
            log_dir = settings.log_dir.absolute() if settings.log_dir is not None else folders.root
            log_dir.mkdir(parents=True, exist_ok=True)
            self._snapshot.copy_to(folders.data)
            if installation.postgresql is not None:
                self._cluster = self._start_cluster(installation.postgresql, settings, log_dir)
            self._launch = Launch(
                python=installation.environment.python,
                version=self.version,
                serving=settings.serving,
                processes=settings.processes,
                instance=self._instance,
                environment=server_environment(
                    folders,
                    secret_key=self._snapshot.secret_key,
                    extra=settings.extra_environment,
                    policy=settings.policy,
                    **({"database": self._cluster.environment()} if self._cluster else {}),
                ),
                log=log_dir / f"label-studio-{folders.root.name}.log",
                start_budget=settings.budgets.start,
                stop_budget=settings.budgets.stop,
                secrets=[self._snapshot.password, self._snapshot.api_key, self._snapshot.secret_key],
            )
            self._process, self._port = self._launch.run(
                port=None, what=f"starting label-studio {self.version}", progress=progress
            )
            self._settle_keys()
        except BaseException:
            if self._process is not None:
                self._process.stop()
            if self._cluster is not None:
                self._cluster.stop()
            self._instance.remove()
            raise

    def _start_cluster(self, program: PostgresProgram, settings: EmbeddedSettings, log_dir: Path) -> Cluster:
        """Start a PostgreSQL on a copy of the snapshot's."""
        assert self._snapshot.cluster is not None  # noqa: S101 - for the type checker
        log = log_dir / f"postgresql-{self._instance.folders.root.name}.log"
        cluster = Cluster(program, self._instance, self._snapshot.database_password, log=log, budgets=settings.budgets)
        cluster.copy_from(self._snapshot.cluster)
        cluster.start(self._progress)
        return cluster

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "up" if self.is_alive() else "down"
        return f"<EmbeddedServer label-studio {self.version} at {self.url}, {state}>"

    @property
    def url(self) -> str:
        """Its base URL, without a slash at the end; the same for all its life."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def api_key(self) -> str:
        """The owner's key: a legacy token, or (under the policy that ships) a personal access token."""
        return self._personal or self._snapshot.api_key

    @property
    def signing_key(self) -> str:
        """What it signs its tokens with: only so can one be had that has ended already."""
        return self._snapshot.secret_key

    @property
    def username(self) -> str:
        """The owner's e-mail address."""
        return self._snapshot.username

    @property
    def password(self) -> str:
        """The owner's password."""
        return self._snapshot.password

    @property
    def data_dir(self) -> Path:
        """Its data directory; gone when it has stopped."""
        return self._instance.folders.data

    @property
    def document_root(self) -> Path:
        """The folder that local-files storages must be below; gone when it has stopped."""
        return self._instance.folders.files

    @property
    def log_path(self) -> Path:
        """Its log, appended to over restarts."""
        return self._launch.log

    @property
    def pid(self) -> int:
        """The process id of the server, the leader of its own process group; 0 when it has stopped."""
        return self._process.pid if self._process is not None else 0

    def is_alive(self) -> bool:
        """Return whether its process runs."""
        return self._process is not None and self._process.exit_code() is None

    def insert(self, table: str, row: Row) -> int:
        """Write a row into its database, and return the row's id.

        Raises:
            LookupError: the database is not as expected (another version).
        """
        if self._cluster is not None:
            return insert_postgresql(self._launch.python, self._launch.environment, table, row)
        database = next(self.data_dir.glob("*.sqlite3"), None)
        if database is None:
            raise LookupError(f"no SQLite database in {self.data_dir}")
        return insert_sqlite(database, table, row)

    def restart(self) -> None:
        """Stop it and start it again with the same data, on the same port.

        Raises:
            NotRunning: `stop` was called before.
            StartFailed: It did not come back.
        """
        self._again(fresh=False)

    def reset(self) -> None:
        """Make the world fresh: stop, forget all data, start on a new copy of the snapshot, on the same port.

        Raises:
            NotRunning: `stop` was called before.
            StartFailed: It did not come back.
        """
        self._again(fresh=True)

    def _settle_keys(self) -> None:
        """Forbid legacy tokens where the policy does: the data are the same for all policies, and allow them."""
        if self.settings.policy == "shipped":
            self._personal = personal_only(self._port, self._snapshot.api_key)

    def stop(self) -> None:
        """Stop it and remove its data. Stopping twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
        if self._cluster is not None:
            self._cluster.stop()
        self._instance.remove()

    def _again(self, *, fresh: bool) -> None:
        if self._process is None:
            raise NotRunning(f"label-studio {self.version} has been stopped", hint="start a new one")
        self._process.stop()
        folders = self._instance.folders
        if fresh:
            for folder in (folders.files, folders.home, folders.tmp):
                shutil.rmtree(folder, ignore_errors=True)
            self._snapshot.copy_to(folders.data)
            if self._cluster is not None and self._snapshot.cluster is not None:
                self._cluster.stop()
                self._cluster.copy_from(self._snapshot.cluster)
                self._cluster.start(self._progress)
        folders.create()
        what = f"{'resetting' if fresh else 'restarting'} label-studio {self.version}"
        self._process, _ = self._launch.run(port=self._port, what=what, progress=self._progress)
        if fresh:
            self._settle_keys()
