"""A PostgreSQL of one server: make it or copy it, start it, stop it."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.processes.process import Order, SupervisedProcess
from conformance.target.embedded.errors import DatabaseFailed, UnusableSettings, log_tail
from conformance.target.embedded.ready import LOOPBACK, free_port, port_is_free, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.processes.progress import Progress
    from conformance.target.embedded.instance import Instance
    from conformance.target.embedded.postgresql.program import PostgresProgram
    from conformance.target.embedded.settings import Budgets

_KEEPER = Path(__file__).with_name("keeper.py")
_USER = "labelstudio"
_DATABASE = "postgres"
_PORTS_TRIED = 3
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_INITDB = (
    *("--username", _USER, "--auth=scram-sha-256", "--encoding=UTF8"),
    # The same order of texts on every machine, whatever its C library; letters beyond ASCII have two cases.
    *("--locale-provider=builtin", "--locale=C.UTF-8"),
    # small: it is copied for every server
    *("--no-sync", "--wal-segsize=1", "--no-instructions"),
)
_SETTINGS = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",
    # Nothing has to survive a crash of this machine; what clients see is the same.
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10min"),
    *("max_wal_size=64MB", "shared_buffers=64MB", "max_connections=400", "jit=off"),
    *("log_min_messages=fatal", "log_min_error_statement=panic"),
)


@dataclass(frozen=True, slots=True)
class _Account:
    """The user of the system that the server runs as; None for our own."""

    uid: int = -1
    gid: int = -1

    @classmethod
    def ours(cls) -> _Account:
        """Ourselves, or where we are root, somebody who is nobody: PostgreSQL does not run as root."""
        if os.geteuid() != 0:
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def foreign(self) -> bool:
        return self.uid >= 0

    def give(self, path: Path) -> None:
        """Make ``path`` and all below it this account's."""
        if self.foreign:
            for found in (path, *path.rglob("*")):
                os.chown(found, self.uid, self.gid, follow_symlinks=False)


@dataclass(slots=True)
class Cluster:
    """The PostgreSQL of one instance; it lies in the instance's folder, and goes with it.

    Attributes:
        password: Of the database's only user.
    """

    program: PostgresProgram
    instance: Instance
    password: str = field(repr=False)
    log: Path
    budgets: Budgets
    port: int = 0
    _account: _Account = field(default_factory=_Account.ours)
    _process: SupervisedProcess | None = None

    @property
    def folder(self) -> Path:
        """The cluster's files."""
        return self.instance.folders.root / "postgresql" / "cluster"

    def environment(self) -> dict[str, str]:
        """Return what tells Label Studio to use it; the port is known once it runs."""
        return {
            "DJANGO_DB": "default",
            "POSTGRE_NAME": _DATABASE,
            "POSTGRE_USER": _USER,
            "POSTGRE_PASSWORD": self.password,
            "POSTGRE_HOST": LOOPBACK,
            "POSTGRE_PORT": str(self.port),
            # The wheel lacks two extensions: without them two indexes are missing, and nothing else.
            "SKIP_TRIGRAM_EXTENSION": "full",
            "SKIP_BTREE_GIN_EXTENSION": "full",
        }

    def make(self, progress: Progress) -> None:
        """Make an empty cluster.

        Raises:
            DatabaseFailed: ``initdb`` did not come to its end.
        """
        self._prepare()
        secret = self.folder.parent / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password, encoding="utf-8")
        self._account.give(secret)
        command = [str(self.program.path("initdb")), *_INITDB, f"--pwfile={secret}", f"--pgdata={self.folder}"]
        with SupervisedProcess(self._order(command)) as process:
            code = process.wait_for_end(
                budget=self.budgets.start, what="making a PostgreSQL cluster", progress=progress
            )
        secret.unlink()
        if code != 0:
            raise self._failure("making a PostgreSQL cluster", code)

    def slim(self, progress: Progress) -> None:
        """Drop the two databases that others would be made from: two thirds of the files to copy at every start.

        Raises:
            DatabaseFailed: It could not be done.
        """
        what = "making the PostgreSQL cluster small"
        psql = [str(self.program.path("psql")), "--no-psqlrc", f"--host={LOOPBACK}", f"--port={self.port}"]
        orders = [
            f"{order} {name} {how}"
            for name in ("template0", "template1")
            for order, how in (("ALTER DATABASE", "IS_TEMPLATE false"), ("DROP DATABASE", ""))
        ]
        command = [*psql, f"--username={_USER}", f"--dbname={_DATABASE}", "--set=ON_ERROR_STOP=1"]
        command += [f"--command={order}" for order in orders]
        order = replace(self._order(command), environment={**_ENVIRONMENT, "PGPASSWORD": self.password})
        with SupervisedProcess(order) as process:
            code = process.wait_for_end(budget=self.budgets.start, what=what, progress=progress)
        if code != 0:
            raise self._failure(what, code)

    def copy_from(self, snapshot: Path) -> None:
        """Make it a copy of the cluster at ``snapshot``, whatever was there before."""
        self._prepare()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(snapshot, self.folder)
        self._account.give(self.folder)

    def start(self, progress: Progress) -> None:
        """Start it, and return when it takes connections; on the same port as before, if there was one.

        Raises:
            DatabaseFailed: It ended, or took too long.
        """
        what = "starting PostgreSQL"
        progress(what)
        code: int | None = None
        for _ in range(_PORTS_TRIED):
            port = self.port or free_port()
            options = [word for setting in (*_SETTINGS, f"port={port}") for word in ("-c", setting)]
            command = [str(self.program.path("postgres")), "-D", str(self.folder), *options]
            process = SupervisedProcess(self._order(command), keep_open=(self.instance.lock_descriptor,))
            ready = False
            try:
                ready = wait_for(process, self._takes_connections, self.budgets.start)
                code = process.exit_code()
            finally:  # also on Ctrl-C
                if not ready:
                    process.stop()
            if ready:
                self._process, self.port = process, port
                return
            if code is None or port_is_free(port):
                break  # the port was not the trouble
        raise self._failure(what, code)

    def stop(self) -> None:
        """Stop it in good order; its files stay. Stopping twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def _prepare(self) -> None:
        """Make its folder; where another account runs it, one that this account can come to."""
        parent = self.folder.parent
        parent.mkdir(mode=0o700, exist_ok=True)
        if not self._account.foreign:
            return
        # Others may pass through, not look around; what else is in there stays closed to them.
        for folder in (parent.parent.parent, parent.parent):
            folder.chmod(0o711)
        for folder in parent.parents:
            if not folder.stat().st_mode & stat.S_IXOTH:
                raise UnusableSettings(
                    f"PostgreSQL does not run as root, and the account nobody can't pass through {folder}",
                    hint="run as another user, or set TMPDIR to a folder that everybody may enter, such as /tmp",
                )
        parent.chmod(0o755)
        self.program = self.program.copy_to(parent)
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            self._account.give(self.folder)

    def _order(self, command: Sequence[str]) -> Order:
        root = self.instance.folders.root
        account = [str(self._account.uid), str(self._account.gid)]
        return Order(
            command=[sys.executable, "-I", str(_KEEPER), *account, *command],
            environment=_ENVIRONMENT,
            folder=str(self.folder.parent),
            log=str(self.log),
            remove=str(root),
            grace=self.budgets.stop,
        )

    def _takes_connections(self) -> bool:
        """Return whether the server says so, in the last line of its own file."""
        try:
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - the eighth line, by its manual

    def _failure(self, what: str, code: int | None) -> DatabaseFailed:
        return DatabaseFailed(
            f"{what} failed",
            cause=f"not ready within {self.budgets.start:.0f} s" if code is None else f"it ended with {code}",
            log_tail=log_tail(self.log, [self.password]),
        )
