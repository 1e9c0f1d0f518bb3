"""Storages that tasks come from, one behaviour at a time, for each kind of them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.checks import GONE, rejected
from conformance.scenarios.data.configs import choice
from conformance.scenarios.storages.connections import Drain, Source, fetched, put
from conformance.scenarios.storages.stores import HUNDREDS, Store, each

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

FILE_CONFIG = '<View><Image name="image" value="$image"/></View>'
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DEFAULTS: dict[str, Any] = {"use_blob_urls": False, "presign": True, "presign_ttl": 1}
"""Of what nothing is said of when a storage is created."""
NOTHING = 2**31 - 1
DATA: dict[str, Any] = {"text": "Zoë 🦊 שלום", "number": 1.5, "nested": {"list": [1, None, True]}}


@pytest.fixture
def source(api: Wire, eventually: Eventually, store: Store, project: dict[str, Any]) -> Source:
    """A storage that is not connected yet."""
    return Source(api, eventually, store, project["id"])


@each(1, 13, 60)
def test_a_storage_is_kept_until_it_is_deleted(
    api: Wire, show: Show, eventually: Eventually, store: Store, source: Source
) -> None:
    put(store, "1.json", {"text": "one"})
    # as people write the name of a folder
    made = source.connect(**{name: f"{value}/" for name, value in store.connection.items() if name == "prefix"})
    read = source.call("get")
    expected = source.told()
    show.equal(store.requirement(1), expected=expected, got={k: read.json().get(k) for k in expected}, exchange=read)
    show.equal(store.requirement(1), expected=[source.id], got=source.listed(), exchange=read)
    for told in (made, read):
        got = {name: told.json()[name] for name in DEFAULTS if name in told.json()}
        expected = {name: DEFAULTS[name] for name in got}
        show.equal(store.requirement(60), expected=expected or DEFAULTS, got=got, exchange=told)
    source.sync()
    beside = Drain(api, eventually, store, source.project)
    beside.connect()
    gone = source.call("delete")
    show.status(store.requirement(13), source.call("get", expect=None), *GONE)
    show.equal(store.requirement(13), expected=["one"], got=source.texts())
    show.equal(store.requirement(13), expected=[beside.id], got=beside.listed(), exchange=gone, signature="for export")


@each(2, kinds=("s3", "azure", "redis"))
def test_secrets_are_told_to_nobody(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "one"})
    answers = [source.connect(), source.call("get"), source.call("list", query={"project": source.project})]
    answers += [source.call("update", json=source.body, expect=None), source.call("sync", expect=None)]
    for answer in answers:
        show.equal(store.requirement(2), expected=[], got=source.secrets_in(answer), exchange=answer)


@each(3)
def test_settings_that_work_are_valid(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "one"})
    show.status(store.requirement(3), source.call("validate", json=source.body, expect=None), 200)
    show.equal(store.requirement(3), expected=[], got=source.listed())


@each(4)
def test_settings_that_do_not_work_are_refused(show: Show, store: Store, source: Source) -> None:
    for case, wrong in store.wrong.items():
        for method in ("validate", "create"):
            exchange = source.call(method, json={**source.body, **wrong}, expect=None, deed=case)
            rejected(show, store.requirement(4), exchange)
    show.equal(store.requirement(4), expected=[], got=source.listed())


@each(5, 6, 9)
def test_each_object_becomes_one_task(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", DATA)
    put(store, "2.json", {"data": {**DATA, "text": "two"}})
    source.connect()
    synced = source.sync()
    expected = any_order([DATA, {**DATA, "text": "two"}])
    got = [task["data"] for task in source.tasks()]
    show.equal(store.requirement(5), expected=expected, got=got, exchange=synced)
    told = {k: synced.json().get(k) for k in ("status", "last_sync_count")}
    show.equal(store.requirement(9), expected={"status": "completed", "last_sync_count": 2}, got=told, exchange=synced)
    posted = next(e for e in reversed(source.api.history) if e.operation and e.operation.id.endswith(".sync"))
    if posted.json().get("status") == "completed":  # what is still under way counts later
        at_once = {k: posted.json().get(k) for k in told}
        show.equal(store.requirement(9), expected=told, got=at_once, exchange=posted, signature="at once")
    put(store, "3.json", {"text": "three"})
    again = source.sync()
    wanted = sorted(["three", "two", str(DATA["text"])])
    show.equal(store.requirement(6), expected=wanted, got=source.texts(), exchange=again)
    told = {k: again.json().get(k) for k in ("status", "last_sync_count")}
    show.equal(store.requirement(9), expected={"status": "completed", "last_sync_count": 1}, got=told, exchange=again)


@each(7)
def test_a_filter_keeps_out_what_it_does_not_match(show: Show, store: Store, source: Source) -> None:
    for name in ("a-1", "b-1", "a-2"):
        put(store, f"{name}.json", {"text": name})
    source.body["regex_filter"] = r".*a-\d\.json"
    source.connect()
    synced = source.sync()
    show.equal(store.requirement(7), expected=["a-1", "a-2"], got=source.texts(), exchange=synced)


@each(8)
def test_what_lies_elsewhere_stays_there(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "here"})
    put(store, "2.json", {"text": "there"}, elsewhere=True)
    source.connect()
    synced = source.sync()
    show.equal(store.requirement(8), expected=["here"], got=source.texts(), exchange=synced)


@each(59, kinds=("s3", "gcs", "azure"))
def test_folders_are_looked_into_where_that_is_asked_for(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "here"})
    put(store, "folder/2.json", {"text": "in a folder"})
    source.connect(recursive_scan=False)
    synced = source.sync()
    show.equal(store.requirement(59), expected=["here"], got=source.texts(), exchange=synced, signature="not asked for")
    source.call("update", json={**source.body, "recursive_scan": True})
    synced = source.sync()
    expected = ["here", "in a folder"]
    show.equal(store.requirement(59), expected=expected, got=source.texts(), exchange=synced, signature="asked for")


@each(11, 12, 20)
def test_a_broken_object_is_told_of_and_harms_no_other(show: Show, store: Store, source: Source) -> None:
    # Redis has no order: with so many of both, good ones come after a broken one all the same
    good, broken = list("acegik"), list("bdfhjl")
    for name in good:
        put(store, f"{name}.json", {"text": name})
    for name in broken:
        store.put(f"{name}.json", b'{"text": "broken', False)
    source.connect()
    synced = source.sync()
    state = synced.json()
    got = {k: state.get(k) for k in ("status", "traceback")}
    told = state.get("status") in {"failed", "completed_with_errors"}
    show(store.requirement(11), told, expected="failed or completed_with_errors", got=got, exchange=synced)
    named = any(f"{name}.json" in str(state.get("traceback")) for name in broken)
    show(store.requirement(20), named, expected="a word on b.json or another", got=got, exchange=synced)
    show.equal(store.requirement(12), expected=good, got=source.texts(), exchange=synced)


@each(14)
def test_an_update_names_what_it_changes(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "one"})
    source.connect()
    changed = source.call("update", json={"title": "Renamed"}, expect=None)
    show.status(store.requirement(14), changed, 200)
    show.equal(store.requirement(14), expected="Renamed", got=source.call("get").json()["title"], exchange=changed)
    synced = source.sync()
    show.equal(store.requirement(14), expected=["one"], got=source.texts(), exchange=synced)


@each(15, 16)
def test_whole_tasks_come_along_also_as_a_list(show: Show, store: Store, source: Source) -> None:
    done = {
        "data": {"text": "done"},
        "annotations": [{"result": [choice("Positive")]}],
        "predictions": [{"model_version": "1", "score": 0.5, "result": [choice("Negative")]}],
    }
    put(store, "1.json", done)
    put(store, "2.json", [{"data": {"text": "first"}}, {"data": {"text": "second"}}])
    source.connect()
    synced = source.sync()
    show.equal(store.requirement(16), expected=["done", "first", "second"], got=source.texts(), exchange=synced)
    came = [
        [r["value"] for part in ("annotations", "predictions") for x in task[part] for r in x["result"]]
        for task in source.tasks()
        if task["data"]["text"] == "done"
    ]
    expected = [[{"choices": ["Positive"]}, {"choices": ["Negative"]}]]
    show.equal(store.requirement(15), expected=expected, got=came, exchange=synced)


@each(17)
def test_validating_changes_nothing(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "one"})
    source.connect()
    body = {**source.body, "id": source.id, "title": "Only validated", "regex_filter": "never"}
    exchange = source.call("validate", json=body, expect=None)
    now = source.call("get").json()
    got = {k: now.get(k) for k in ("title", "regex_filter")}
    expected = {"title": source.body["title"], "regex_filter": None}
    show.equal(store.requirement(17), expected=expected, got=got, exchange=exchange)


def show_file(api: Wire, show: Show, store: Store, source: Source, number: int, **settings: object) -> None:
    """Show that a file comes with its task, byte for byte, and to nobody without a key."""
    store.put("pixel.png", PIXEL, False)
    source.body |= {"use_blob_urls": True, **settings}
    source.connect()
    synced = source.sync()
    tasks = source.tasks()
    url = next(iter(tasks[0]["data"].values()), "") if tasks else ""
    if url.startswith(("s3:", "gs:", "azure-blob:")):
        url = next(iter(api.call("tasks.get", id=tasks[0]["id"]).json()["data"].values()))
    if not show(store.requirement(number), bool(url), expected="one task with an address", got=tasks, exchange=synced):
        show.blocked(store.requirement(number), "no task came")
    exchange, content = fetched(api, store, url)
    show(
        store.requirement(number),
        content == PIXEL,
        expected=f"{len(PIXEL)} bytes, as they were put",
        got=f"{len(content)} bytes ({exchange.status}) from {url}",
        exchange=exchange,
    )
    exchange, content = fetched(api, store, url, role="anonymous")
    rejected = content != PIXEL and exchange.status in {302, 401, 403, 404}
    show(store.requirement(19), rejected, expected="302, 401, 403 or 404", got=exchange.brief(), exchange=exchange)


@each(10, 19, kinds=("s3", "local"))
def test_a_file_can_be_fetched(
    api: Wire, show: Show, store: Store, new_project: NewProject, eventually: Eventually
) -> None:
    source = Source(api, eventually, store, new_project(label_config=FILE_CONFIG)["id"])
    show_file(api, show, store, source, 10)


@each(18, 19, kinds=("s3", "azure"))
def test_a_file_is_handed_through(
    api: Wire, show: Show, store: Store, new_project: NewProject, eventually: Eventually
) -> None:
    source = Source(api, eventually, store, new_project(label_config=FILE_CONFIG)["id"])
    show_file(api, show, store, source, 18, presign=False)


@pytest.mark.requirement("LS-STORAGE-007")
@pytest.mark.parametrize("kind", HUNDREDS)
def test_what_does_not_exist_is_not_found(api: Wire, show: Show, kind: str) -> None:
    for side in ("import_storage", "export_storage"):
        show.status("LS-STORAGE-007", api.call(f"{side}.{kind}.get", id=NOTHING, expect=None), 404)
