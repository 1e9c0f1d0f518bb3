"""Base of all peers: addresses, names, and programs as peers."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
import socket
import ssl
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from platformdirs import user_cache_path

from conformance.peers.errors import PeerUnavailable, tail
from conformance.processes.process import Order, SupervisedProcess
from conformance.processes.progress import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CACHE_VARIABLE = "LS_CONFORMANCE_CACHE"
LOOPBACK = "127.0.0.1"

_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZDIR")
_START_BUDGET = 60.0
_POLL = 0.05
_GRACE = 5.0
_ATTEMPTS = 2

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For services on loopback: it trusts nobody, so reads no file of authorities, which takes 0.1 s."""


def _default_cache() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    root = Path(named).expanduser().absolute() if named else user_cache_path("ls-conformance", appauthor=False)
    return root / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where peers live and who hears of them.

    Attributes:
        callback_host: The name or address under which the target reaches this machine. With anything but a
            loopback address the peers listen on all interfaces (see `Peers`).
        log_dir: Each peer writes ``<name>.log`` there.
        cache: Programs that are installed at first use are kept there.
        progress: See `Progress`.
    """

    log_dir: Path
    callback_host: str = LOOPBACK
    cache: Path = field(default_factory=_default_cache)
    progress: Progress = no_progress

    @property
    def bind_host(self) -> str:
        """The address to listen on."""
        if self.callback_host == "localhost":
            return LOOPBACK
        try:
            local = ipaddress.ip_address(self.callback_host).is_loopback
        except ValueError:
            local = False
        return LOOPBACK if local else "0.0.0.0"  # noqa: S104 - asked for by a callback host that is not loopback


class Peer(Protocol):
    """A service that the target talks to.

    ``host`` and ``port`` are the suite's own way to it, ``url`` the same as a URL; what the target is
    told is always `address_for_target`.
    """

    name: ClassVar[str]

    @property
    def host(self) -> str:
        """The suite's own way to it."""

    @property
    def port(self) -> int:
        """The suite's own way to it."""

    @property
    def url(self) -> str:
        """The suite's own way to it, without a slash at the end."""

    def start(self) -> None:
        """Start it; starting twice does no harm. Raises `PeerUnavailable`."""

    def stop(self) -> None:
        """Stop it and free its port; stopping twice does no harm."""

    def address_for_target(self) -> str:
        """Return its URL as the target must write it."""

    def secrets(self) -> frozenset[str]:
        """Return what must not appear in any artefact."""


class ReservedPort:
    """A free TCP port that nobody else gets until `release`."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, 0))  # bound but never listening: a connection is refused
        self.number: int = self._socket.getsockname()[1]

    def release(self) -> None:
        """Let the port go; the one it was kept for binds it next."""
        self._socket.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How to start a peer that is a program: its command line and what its environment has on top of ours."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class ProgramPeer(ABC):
    """A peer that is a program of its own; it ends with this process, also when that is killed."""

    name: ClassVar[str]

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.RLock()
        self._process: SupervisedProcess | None = None
        self._folder: Path | None = None
        self._reserved: ReservedPort | None = None
        self._port = 0

    @abstractmethod
    def _program(self, folder: Path) -> Program:
        """Return what to start; ``folder`` is empty and the program's own. Raises `PeerUnavailable`."""

    @abstractmethod
    def _answers(self) -> bool:
        """Return whether the service answers in its own protocol."""

    def _prepare(self) -> None:  # noqa: B027 - most peers have nothing to prepare
        """Do what is needed once before anybody uses the service, now that it answers."""

    def secrets(self) -> frozenset[str]:
        """Return what must not appear in any artefact."""
        return frozenset()

    @property
    def host(self) -> str:
        """The suite's own way to the peer."""
        return LOOPBACK

    @property
    def port(self) -> int:
        """The port; it is fixed from the first time that somebody asks until the peer stops."""
        with self._lock:
            if not self._port:
                self._reserved = ReservedPort(self._site.bind_host)
                self._port = self._reserved.number
            return self._port

    @property
    def url(self) -> str:
        """The suite's own way to the peer, as a URL without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def address_for_target(self) -> str:
        """Return the URL under which the target reaches the peer."""
        return f"http://{self._site.callback_host}:{self.port}"

    @property
    def log(self) -> Path:
        """The program's output."""
        return self._site.log_dir / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The program's process id, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program and wait until it answers; starting twice does no harm.

        Raises:
            PeerUnavailable: It is not installed, ended at once, or does not answer.
        """
        with self._lock:
            if self._process is not None:
                if (code := self._process.exit_code()) is None:
                    return
                raise PeerUnavailable(self.name, f"it ended during the run (exit code {code})", self._see_log())
            kept_port = self._port != 0  # somebody may have been told of it: no other will do
            for attempt in range(_ATTEMPTS):
                try:
                    self._start_once()
                except PeerUnavailable:
                    self.stop(forget_port=not kept_port)
                    if kept_port or attempt + 1 == _ATTEMPTS or not self._lost_its_port():
                        raise
                except BaseException:
                    self.stop()
                    raise
                else:
                    return

    def stop(self, *, forget_port: bool = True) -> None:
        """Stop the program, remove its folder, free its port; stopping twice does no harm."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._process = None
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
            if forget_port:
                if self._reserved is not None:
                    self._reserved.release()
                    self._reserved = None
                self._port = 0

    def _start_once(self) -> None:
        self._site.log_dir.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=f"ls-conformance-{self.name}-"))
        program = self._program(self._folder)
        port = self.port
        if self._reserved is not None:
            self._reserved.release()
            self._reserved = None
        self._site.progress(f"starting the peer {self.name} on port {port}")
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        own = {"HOME": str(self._folder), "TMPDIR": str(self._folder), "LANG": "C.UTF-8", "NO_PROXY": "*"}
        self._process = SupervisedProcess(
            Order(
                command=[str(part) for part in program.command],
                environment={**inherited, **own, **program.environment},
                folder=str(self._folder),
                log=str(self.log.absolute()),
                remove=str(self._folder),
                grace=_GRACE,
            )
        )
        end = time.monotonic() + _START_BUDGET
        while time.monotonic() < end:
            if (code := self._process.wait(_POLL)) is not None:
                raise PeerUnavailable(
                    self.name,
                    f"it ended while starting (exit code {code}): {tail(self.log)}",
                    self._see_log(),
                )
            with contextlib.suppress(OSError):
                if self._answers():
                    self._prepare()
                    return
        raise PeerUnavailable(self.name, f"it did not answer within {_START_BUDGET:.0f} s", self._see_log())

    def _lost_its_port(self) -> bool:
        """Return whether the program says that somebody else was quicker."""
        return "in use" in tail(self.log).lower()

    def _see_log(self) -> str:
        return f"read {self.log}"
