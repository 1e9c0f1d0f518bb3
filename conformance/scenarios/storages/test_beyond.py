"""What lies in a bucket beyond a storage's prefix is not handed out, whatever address is asked for."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.scenarios.steps import list_tasks
from conformance.scenarios.storages.connections import Source, fetched
from conformance.scenarios.storages.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.storages.stores import Store
    from conformance.showing import Show
    from conformance.wire import Wire

SECRET = b"of another team"


@pytest.fixture(params=["s3", "azure"])
def store(request: pytest.FixtureRequest, peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty bucket."""
    yield from open_store(request.param, peers, target)


def resolved(task: dict[str, Any]) -> str:
    """The address by which the server tells where a task's object lies; empty if it has another way."""
    address = str(next(iter(task["data"].values()), ""))
    return address if "fileuri" in parse_qs(urlsplit(address).query) else ""


@pytest.mark.requirement("LS-STORAGE-010")
def test_an_object_beyond_the_prefix_is_not_handed_out(
    api: Wire, show: Show, eventually: Eventually, store: Store, project: dict[str, Any]
) -> None:
    store.put("mine.txt", b"mine", False)
    store.put("theirs.txt", SECRET, True)
    source = Source(api, eventually, store, project["id"])
    source.connect(use_blob_urls=True, presign=store.kind == "s3")  # Azure's presigned addresses lead to Azure
    synced = source.sync()
    tasks = list_tasks(api, project["id"])
    address = resolved(api.call("tasks.get", id=tasks[0]["id"]).json()) if tasks else ""
    if not address:
        show.not_measured("addresses of objects are not resolved by the server")
    if fetched(api, store, address)[1] != b"mine":
        show.not_measured("its own object is not handed out, either")
    own = base64.urlsafe_b64decode(parse_qs(urlsplit(address).query)["fileuri"][0]).decode()
    (other,) = (key for key, content in store.exported().items() if content == SECRET)
    beyond = f"{own.split('://', 1)[0]}://{urlsplit(own).netloc}/{other}"
    path = address.split("?", maxsplit=1)[0]
    answer, content = fetched(api, store, f"{path}?fileuri={base64.urlsafe_b64encode(beyond.encode()).decode()}")
    show(
        "LS-STORAGE-010",
        content != SECRET,
        expected="403 or 404",
        got=f"{answer.brief()}, and the object",
        exchange=answer if answer.response is not None else synced,
        signature=store.kind,
    )
