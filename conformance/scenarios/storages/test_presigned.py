"""Presigned addresses: they lead to objects of any name, and for no longer than S3 allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.storages.connections import Source, fetched
from conformance.scenarios.storages.odd_names import ANYTHING, by_name, odd_names, told_addresses
from conformance.scenarios.storages.stores import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

# as S3 has it: of an address, for how many seconds it may be good
LONGEST: Final = 7 * 24 * 60 * 60
# minutes that are too few or too many
MINUTES: Final = (0, 7 * 24 * 60 + 1, 32767)


@pytest.fixture
def store(peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty bucket."""
    yield from open_store("s3", peers, target)


@pytest.mark.requirement("LS-STORAGE-020")
def test_each_object_is_itself_at_its_signed_address(
    api: Wire, show: Show, store: Store, new_project: NewProject, eventually: Eventually
) -> None:
    source, synced = odd_names(api, eventually, store, new_project, presign=True)
    came = [fetched(api, store, address)[1] for address in told_addresses(api, source)]
    show_each("LS-STORAGE-020", show, synced, by_name(came))


@pytest.mark.requirement("LS-STORAGE-021")
@pytest.mark.parametrize("minutes", MINUTES)
def test_a_signed_address_is_good_for_a_time_that_there_is(
    api: Wire, show: Show, store: Store, new_project: NewProject, eventually: Eventually, minutes: int
) -> None:
    store.put("a.txt", b"content", False)
    settings: dict[str, Any] = {"use_blob_urls": True, "presign": True}
    for ttl in (1, minutes):
        source = Source(api, eventually, store, new_project(label_config=ANYTHING)["id"])
        body = {**source.body, **settings, "presign_ttl": ttl}
        made = source.call("create", json=body, expect=None)
        if ttl == minutes and made.rejected:
            break
        source.id = made.json()["id"]
        source.sync()
        told = told_addresses(api, source)
        if not told:
            show.not_measured(f"with a presign_ttl of {ttl} the object of the storage becomes no task")
        answer = api.follow(told[0])
        onward = answer.response.headers.get("location", "") if answer.response else ""
        seconds = parse_qs(urlsplit(onward).query).get("X-Amz-Expires", ["none"])[0]
        good = seconds.isdigit() and 1 <= int(seconds) <= LONGEST
        if ttl != minutes and not good:
            show.not_measured("a file is not handed out by an address that says for how long it is signed")
    refused = made.rejected
    show(
        "LS-STORAGE-021",
        refused or good,
        expected=f"a 4xx, or an address that is good for 1 to {LONGEST} seconds",
        got=f"{made.brief()}" if refused else f"an address for {seconds} seconds",
        exchange=made,
        signature=f"{minutes} minutes",
    )
