"""Updates that point a storage to another server: the stored password is not sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.storages.connections import Drain, Source, put
from conformance.scenarios.storages.stores import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.storages.stores import Connection
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire


@pytest.fixture
def store(peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty Redis storage: the only kind whose password goes over the wire as it is."""
    yield from open_store("redis", peers, target)


@pytest.mark.requirement("LS-STORAGE-025")
@pytest.mark.parametrize("side", [Source, Drain])
def test_a_password_is_told_to_no_other_server(
    api: Wire,
    show: Show,
    eventually: Eventually,
    peers: Peers,
    store: Store,
    project: dict[str, Any],
    side: type[Connection],
) -> None:
    put(store, "1.json", {"text": "one"})
    connection = side(api, eventually, store, project["id"])
    connection.connect()
    if connection.sync().json().get("status") != "completed":
        show.not_measured("the storage is not synchronised with its password either")
    known = {name: value for name, value in connection.body.items() if name != "password"}
    with peers.redis.open_elsewhere() as elsewhere:
        moved = {**known, "port": str(elsewhere.port)}
        steps: dict[str, Callable[[], Exchange]] = {
            "validate": lambda: connection.call("validate", json={**moved, "id": connection.id}, expect=None),
            "update": lambda: connection.call("update", json=moved, expect=None),
            "sync": lambda: connection.sync(deed="a storage that was led elsewhere"),
        }
        for step, take in steps.items():
            before = len(elsewhere.told)
            answer = take()
            told = store.connection["password"].encode() in elsewhere.told[before:]
            show(
                "LS-STORAGE-025",
                not told,
                expected="no password",
                got=f"the password, by {answer.brief()}" if told else f"none, by {answer.brief()}",
                exchange=answer,
                signature=f"{connection.side}: {step}",
            )
