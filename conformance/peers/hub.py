"""Holds the peers of one worker: each starts when it is first used, and all stop at the end."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeVar, cast

from conformance.peers.base import LOOPBACK, Site
from conformance.peers.errors import PeerUnavailable
from conformance.peers.files import FileServer
from conformance.peers.ml import MlBackend
from conformance.peers.storages.azure import AzurePeer
from conformance.peers.storages.gcs import GcsPeer
from conformance.peers.storages.redis import RedisPeer
from conformance.peers.storages.s3 import S3Peer
from conformance.peers.webhooks import WebhookReceiver
from conformance.processes.progress import no_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from conformance.peers.base import Peer
    from conformance.processes.progress import Progress

_P = TypeVar("_P", bound="Peer")


class Peers:
    """The peers of one worker; ``peers.s3`` is the running S3 server, or raises `PeerUnavailable`.

    All listen on loopback only, on free ports. With a ``callback_host`` that is not a loopback address (a
    target on another machine) they listen on **all** interfaces. S3, Redis and Azure ask for credentials that
    are made up for the run, and the addresses on the receiver of webhooks, the file server and the ML backend
    can't be guessed; but the GCS emulator is open to everybody who reaches the machine.

    Args:
        log_dir: Where each peer writes its log.
        callback_host: The name or address under which the target reaches this machine.
        cache: Where programs are kept that are installed at first use; by default
            ``$LS_CONFORMANCE_CACHE/peers``, else the user's cache folder.
        progress: Told in one line what is being done.
        without: Peers that can't be had for this target, with the reason: each is refused at once.
    """

    def __init__(
        self,
        *,
        log_dir: Path,
        callback_host: str = LOOPBACK,
        cache: Path | None = None,
        progress: Progress = no_progress,
        without: Mapping[str, str] | None = None,
    ) -> None:
        site = Site(log_dir=log_dir, callback_host=callback_host, progress=progress)
        self._site = site if cache is None else replace(site, cache=cache)
        self._lock = threading.RLock()
        self._peers: dict[str, Peer] = {}
        self._unavailable: dict[str, PeerUnavailable] = {}
        self.rule_out(without or {}, "Name this machine as the target sees it: --callback-host.")
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def rule_out(self, reasons: Mapping[str, str], hint: str) -> None:
        """Say of peers, by name, why the target can't use them."""
        self._unavailable |= {name: PeerUnavailable(name, reason, hint) for name, reason in reasons.items()}

    @property
    def s3(self) -> S3Peer:
        """The S3 server, running."""
        return self._running(S3Peer)

    @property
    def redis(self) -> RedisPeer:
        """The Redis server, running."""
        return self._running(RedisPeer)

    @property
    def azure(self) -> AzurePeer:
        """The Azure blob service, running."""
        return self._running(AzurePeer)

    @property
    def gcs(self) -> GcsPeer:
        """The GCS server, running."""
        return self._running(GcsPeer)

    @property
    def webhooks(self) -> WebhookReceiver:
        """The receiver of webhooks, running."""
        return self._running(WebhookReceiver)

    @property
    def files(self) -> FileServer:
        """The file server, running."""
        return self._running(FileServer)

    @property
    def ml(self) -> MlBackend:
        """The ML backend, running."""
        return self._running(MlBackend)

    def gcs_endpoint(self) -> str:
        """Return ``STORAGE_EMULATOR_HOST`` for the target; the port is kept, nothing is started yet."""
        return self._made(GcsPeer).endpoint

    def secrets(self) -> frozenset[str]:
        """Return what must not appear in any artefact: the passwords and keys of the peers made so far."""
        with self._lock:
            return frozenset().union(*(peer.secrets() for peer in self._peers.values()))

    def close(self) -> None:
        """Stop all peers; one that does not stop keeps no other from stopping."""
        with self._lock:
            self._closed = True
            with contextlib.ExitStack() as stack:
                for peer in self._peers.values():
                    stack.callback(peer.stop)
            self._peers.clear()

    def _made(self, kind: Callable[[Site], _P]) -> _P:
        name = cast("type[Peer]", kind).name
        with self._lock:
            if self._closed:
                raise RuntimeError(f"the peer {name!r} was asked for after the peers were closed")
            if name not in self._peers:
                self._peers[name] = kind(self._site)
            return cast("_P", self._peers[name])

    def _running(self, kind: Callable[[Site], _P]) -> _P:
        peer = self._made(kind)
        with self._lock:
            if known := self._unavailable.get(peer.name):
                raise PeerUnavailable(known.name, known.reason, known.hint)  # trying again would cost a minute each
            try:
                peer.start()
            except PeerUnavailable as error:
                self._unavailable[peer.name] = error
                raise
            return peer
