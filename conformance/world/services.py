"""Resolves facts of the loopback services in requests: ``$peer.s3.bucket``."""

from __future__ import annotations

import ipaddress
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.peers import PeerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from conformance.peers import Model, Peers

BUCKET = "conformance"
TASKS = "tasks/one.json"
TASK = b'{"data": {"text": "from a storage"}}'
# What nothing on loopback stands in for.
ELSEWHERE = {
    "azure_spi": "a service principal logs in at Microsoft's own address",
    "databricks": "a Databricks workspace is needed",
    "gcs_sa": "a service account of Google's is needed",
    "gcswif": "an identity pool of Google's is needed",
    "s3s": "a role is assumed at Amazon's own address",
    "llm": "a provider of language models is needed, and a key for it",
}
# RFC 2606: a name that no resolver knows, for addresses that are only stored
NOWHERE = "https://receiver.invalid/hook"


class Services:
    """Answers what requests ask of the peers; each peer starts, and is filled, when it is first asked for.

    Args:
        peers: None where none may be used.
        url: of the target: loopback peers are of no use to a target elsewhere.
        callback_host: a name by which the target reaches this machine.
        document_root: the folder that local-files storages may see; None where it is not ours.
        takes: whether the target takes an address for a webhook.
        given: facts of services elsewhere, by ``databricks.host``: whoever runs the target has them.
    """

    def __init__(
        self,
        peers: Peers | None,
        *,
        url: str,
        callback_host: str | None = None,
        document_root: Path | None = None,
        takes: Callable[[str], bool] = lambda _: True,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._peers = peers
        self._reachable = callback_host is not None or _is_loopback(urlsplit(url).hostname or "")
        self._document_root = document_root
        self._takes = takes
        self._given = given
        self._nowhere: bool | None = None
        self._model: Model | None = None
        self._filled: set[str] = set()

    def fact(self, name: str) -> object:
        """The value of ``peer.<name>``.

        Raises:
            PeerUnavailable: the peer can't be had here, or the target can't reach it.
            KeyError: no such fact.
        """
        if name in self._given:
            return self._given[name]
        service, _, attribute = name.partition(".")
        if service in ELSEWHERE:
            raise PeerUnavailable(service, ELSEWHERE[service], f"give its facts: --services FILE with [{service}]")
        return self._tables()[service](attribute)

    def _tables(self) -> dict[str, Callable[[str], object]]:
        return {
            "s3": self._s3,
            "redis": self._redis,
            "azure": self._azure,
            "gcs": self._gcs,
            "ml": self._ml,
            "webhooks": self._webhooks,
            "local": self._local,
        }

    def _hub(self, name: str) -> Peers:
        if self._peers is None:
            raise PeerUnavailable(name, "no peers in this run", "run with peers")
        if not self._reachable:
            raise PeerUnavailable(name, "the target is not on this machine", "name this machine: --callback-host")
        return self._peers

    def _first(self, name: str) -> bool:
        """Return whether this is asked for the first time."""
        if name in self._filled:
            return False
        self._filled.add(name)
        return True

    def _s3(self, attribute: str) -> object:
        peer = self._hub("s3").s3
        if self._first("s3"):
            peer.make_bucket(BUCKET)
            peer.put(BUCKET, TASKS, TASK)
        return {
            "bucket": BUCKET,
            "endpoint": peer.endpoint,
            "access_key": peer.access_key,
            "secret_key": peer.secret_key,
        }[attribute]

    def _redis(self, attribute: str) -> object:
        peer = self._hub("redis").redis
        if self._first("redis"):
            peer.put(TASKS, TASK)
        return {"host": peer.host_for_target, "port": str(peer.port), "password": peer.password}[attribute]

    def _azure(self, attribute: str) -> object:
        peer = self._hub("azure").azure
        if self._first("azure"):
            peer.make_container(BUCKET)
            peer.put(BUCKET, TASKS, TASK)
        return {
            "": peer.endpoint,
            "container": BUCKET,
            "account_name": peer.account_name,
            "account_key": peer.account_key_for_target,
        }[attribute]

    def _gcs(self, attribute: str) -> object:
        peer = self._hub("gcs").gcs
        if self._first("gcs"):
            peer.make_bucket(BUCKET)
            peer.put(BUCKET, TASKS, TASK)
        return {"bucket": BUCKET}[attribute]

    def _ml(self, attribute: str) -> object:
        if self._model is None:
            self._model = self._hub("ml").ml.model()
        return {"url": self._model.url}[attribute]

    def _webhooks(self, attribute: str) -> object:
        try:
            return {"url": self._hub("webhooks").webhooks.inbox().url}[attribute]
        except PeerUnavailable:
            if self._nowhere is None:
                self._nowhere = self._takes(NOWHERE)
            if not self._nowhere:
                raise
            return NOWHERE

    def _local(self, attribute: str) -> object:
        if self._document_root is None:
            raise PeerUnavailable("local files", "the target's file system is not ours", "judge the embedded target")
        folder = self._document_root / BUCKET
        if self._first("local"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "one.json").write_bytes(TASK)
        return {"path": str(folder)}[attribute]

    def forget(self) -> None:
        """The target was reset: the folder of its local files is empty again."""
        self._filled.discard("local")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
