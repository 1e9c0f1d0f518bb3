"""Places that a storage can be connected to, and storages that connect to them: the same for all kinds."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from conformance.outcomes import NotMeasured
from conformance.world.local_files import NO_LOCAL_FILES, local_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.wire import Exchange, Wire

# The hundreds of the requirement ids: LS-STORAGE-3xx is about Azure.
HUNDREDS = {"s3": 1, "gcs": 2, "azure": 3, "redis": 4, "local": 5}
ELSEWHERE = "elsewhere"
FOLDER = "tasks"
# Redis has no buckets: what is written goes to a database that no scenario reads from
EXPORT_DB = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One empty place of a peer, ready to be connected to a project.

    Attributes:
        kind: as in the operationIds (``import_storage.s3.create``).
        connection: body fields that connect to it.
        for_export: body fields that an export storage needs besides.
        hidden: names of the fields whose values are secrets.
        wrong: ways to be wrong, each as body fields that replace those of the connection.
        put: writes an object: its key, its content, and whether it goes elsewhere than the connection looks.
        away: keeps everybody from it for as long as that lasts; what was in a bucket, container or folder is gone then.
        exported: everything that is there now and was not when the store was opened: key -> content.
        where: what the key of an exported object begins with.
        presigned: what presigned addresses begin with; nothing else is followed from here.
        place: name of the body field that says where it lies.
        within: name of the body field that says which part of it is looked at; that is optional, save for folders.
    """

    kind: str
    connection: Mapping[str, Any]
    for_export: Mapping[str, Any] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    wrong: Mapping[str, Mapping[str, Any]]
    put: Callable[[str, bytes, bool], None]
    away: Callable[[], AbstractContextManager[None]]
    exported: Callable[[], dict[str, bytes]]
    where: str = FOLDER + "/"
    presigned: str = ""
    place: str = "bucket"
    within: str = "prefix"

    def requirement(self, number: int) -> str:
        """The id of a behaviour of this kind of storage."""
        return requirement(self.kind, number)

    def secrets(self) -> list[str]:
        """The values that are to be told to nobody."""
        return [str(self.connection[name]).partition(";")[0] for name in self.hidden]


def requirement(kind: str, number: int) -> str:
    """The id of behaviour ``number`` of a kind of storage."""
    return f"LS-STORAGE-{HUNDREDS[kind]}{number:02}"


def each(
    *numbers: int, kinds: tuple[str, ...] = tuple(HUNDREDS), but: Mapping[int, tuple[str, ...]] | None = None
) -> pytest.MarkDecorator:
    """Run a test for each kind of storage, by its fixture ``store``; it shows these behaviours of the kind.

    ``but`` says of which kinds a behaviour is not asked.
    """
    left = but or {}
    marked = [
        pytest.param(
            kind,
            marks=pytest.mark.requirement(*(requirement(kind, n) for n in numbers if kind not in left.get(n, ()))),
            id=kind,
        )
        for kind in kinds
    ]
    return pytest.mark.parametrize("store", marked, indirect=True)


class Connection:
    """A storage that connects a store to a project: for import, or for export.

    Attributes:
        body: what it is created with.
        id: of the storage; 0 until it is created.
    """

    side = ""

    def __init__(self, api: Wire, eventually: Eventually, store: Store, project: int) -> None:
        self.api = api
        self.store = store
        self.project = project
        self.body: dict[str, Any] = {"project": project, "title": "A storage", **store.connection}
        self.id = 0
        self._eventually = eventually

    def call(self, method: str, *, expect: Any = "success", **arguments: Any) -> Exchange:
        """Call an operation of this kind of storage; by its id where there is one."""
        by_id: dict[str, Any] = {"id": self.id} if method in {"get", "update", "delete", "sync"} else {}
        return self.api.call(f"{self.side}.{self.store.kind}.{method}", expect=expect, **by_id, **arguments)

    def connect(self, **settings: object) -> Exchange:
        """Create the storage."""
        self.body |= settings
        made = self.call("create", json=self.body)
        self.id = made.json()["id"]
        return made

    def sync(self, *, deed: str | None = None) -> Exchange:
        """Synchronise, and wait until that is over; gives the storage as it is then."""
        answer = self.call("sync", expect=None, deed=deed)
        if not answer.ok:
            return answer
        return self._eventually(
            lambda: self.call("get"),
            until=lambda seen: seen.json().get("status") not in {"queued", "in_progress"},
            budget="sync done",
        )

    def listed(self) -> list[int]:
        """The ids of the project's storages of this kind."""
        return [s["id"] for s in self.call("list", query={"project": self.project}).json()]

    def told(self) -> dict[str, Any]:
        """The settings that are no secret, as they should be read back."""
        return {k: v for k, v in self.body.items() if k not in {*self.store.hidden, "account_name"}}

    def secrets_in(self, answer: Exchange) -> list[str]:
        """The names of the secrets that an answer tells."""
        values = zip(self.store.hidden, self.store.secrets(), strict=True)
        return [name for name, secret in values if secret in answer.text]


def open_store(kind: str, peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """Yield an empty store of this kind; what it leaves on disk is removed afterwards.

    Raises:
        PeerUnavailable: the service can't be had here.
        NotMeasured: the target can't be given files.
    """
    if kind == "local":
        yield from _local(target)
    else:
        yield {"s3": _s3, "gcs": _gcs, "azure": _azure, "redis": _redis}[kind](peers)


def _s3(peers: Peers) -> Store:
    peer, bucket = peers.s3, _name()
    peer.make_bucket(bucket)
    connection = {
        "bucket": bucket,
        "prefix": FOLDER,
        "s3_endpoint": peer.endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": peer.access_key,
        "aws_secret_access_key": peer.secret_key,
    }
    return Store(
        kind="s3",
        connection=connection,
        hidden=("aws_secret_access_key", "aws_access_key_id"),
        wrong={"secret": {"aws_secret_access_key": "wrong" * 8}, "bucket": {"bucket": _name()}},
        put=lambda key, content, elsewhere: peer.put(bucket, _below(key, elsewhere=elsewhere), content),
        away=lambda: _without(peer.make_bucket, peer.remove_bucket, bucket),
        exported=lambda: {k: peer.get(bucket, k) for k in peer.keys(bucket)},
        presigned=f"{peer.endpoint}/",
    )


def _gcs(peers: Peers) -> Store:
    peer, bucket = peers.gcs, _name()
    peer.make_bucket(bucket)
    return Store(
        kind="gcs",
        connection={"bucket": bucket, "prefix": FOLDER},
        wrong={"bucket": {"bucket": _name()}},
        put=lambda key, content, elsewhere: peer.put(bucket, _below(key, elsewhere=elsewhere), content),
        away=lambda: _without(peer.make_bucket, peer.remove_bucket, bucket),
        exported=lambda: {k: peer.get(bucket, k) for k in peer.keys(bucket)},
    )


def _azure(peers: Peers) -> Store:
    peer, container = peers.azure, _name()
    peer.make_container(container)
    endpoint = f";BlobEndpoint={peer.endpoint}"
    connection = {
        "container": container,
        "prefix": FOLDER,
        "account_name": peer.account_name,
        "account_key": peer.account_key_for_target,
    }
    return Store(
        kind="azure",
        connection=connection,
        hidden=("account_key",),
        wrong={"key": {"account_key": "d3Jvbmc=" + endpoint}, "container": {"container": _name()}},
        put=lambda key, content, elsewhere: peer.put(container, _below(key, elsewhere=elsewhere), content),
        away=lambda: _without(peer.make_container, peer.remove_container, container),
        exported=lambda: {k: peer.get(container, k) for k in peer.keys(container)},
        place="container",
    )


def _redis(peers: Peers) -> Store:
    peer, path = peers.redis, _name()
    before = set(peer.keys(db=EXPORT_DB))
    connection = {
        "host": peer.host_for_target,
        "port": str(peer.port),
        "path": path,
        "password": peer.password,
        "db": 1,
    }
    return Store(
        kind="redis",
        connection=connection,
        hidden=("password",),
        wrong={"password": {"password": "wrong"}, "port": {"port": "9"}},
        put=lambda key, content, elsewhere: peer.put(f"{_name() if elsewhere else path}/{key}", content),
        away=peer.locked,
        for_export={"db": EXPORT_DB},
        exported=lambda: {k: peer.get(k, db=EXPORT_DB) for k in peer.keys(db=EXPORT_DB) if k not in before},
        where=path + "/",
        place="path",
        within="path",
    )


def _local(target: TargetInUse) -> Iterator[Store]:
    root = target.document_root
    if root is None:
        raise NotMeasured(NO_LOCAL_FILES)
    with local_folder(root) as place, local_folder(root) as beside:
        yield Store(
            kind="local",
            connection={"path": str(place)},
            wrong={
                "no such folder": {"path": str(root / _name())},
                "outside the root": {"path": "/etc"},
                "up and out": {"path": f"{place}/../../../../../../../../etc"},
            },
            put=lambda key, content, elsewhere: _write((beside if elsewhere else place) / key, content),
            away=lambda: _without(lambda _: place.mkdir(), lambda _: shutil.rmtree(place), place.name),
            exported=lambda: {str(p): p.read_bytes() for p in place.rglob("*") if p.is_file()},
            where=f"{place}/",
            place="path",
            within="path",
        )


@contextmanager
def _without(make: Callable[[str], None], remove: Callable[[str], None], name: str) -> Iterator[None]:
    """Take a place away, and make it again, empty: what is connected to it must be removable after a test."""
    remove(name)
    try:
        yield
    finally:
        make(name)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _name() -> str:
    return f"conformance-{secrets.token_hex(6)}"


def _below(key: str, *, elsewhere: bool) -> str:
    return f"{ELSEWHERE if elsewhere else FOLDER}/{key}"
