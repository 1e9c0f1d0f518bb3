"""Storages that annotations go to, one behaviour at a time, for each kind of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, rejected, show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, come_and_go
from conformance.scenarios.storages.connections import Drain, Source, labelled
from conformance.scenarios.storages.stores import FOLDER, Store, each

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.fixture
def drain(api: Wire, eventually: Eventually, store: Store, project: dict[str, Any]) -> Drain:
    """A storage that is not connected yet."""
    return Drain(api, eventually, store, project["id"])


@pytest.fixture
def two(api: Wire, project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """One annotation on each of two tasks: positive and negative."""
    tasks = imported(project, [{"data": {"text": "good"}}, {"data": {"text": "bad"}}])
    return [annotate(api, t, choice(label)) for t, label in zip(tasks, ("Positive", "Negative"), strict=True)]


@each(21, 28, 61, but={61: ("local",)})
@pytest.mark.usefixtures("two")
def test_a_storage_is_kept_until_it_is_deleted(
    api: Wire, show: Show, eventually: Eventually, store: Store, drain: Drain
) -> None:
    made = drain.connect()
    read = drain.call("get")
    expected = drain.told()
    show.equal(store.requirement(21), expected=expected, got={k: read.json().get(k) for k in expected}, exchange=read)
    show.equal(store.requirement(21), expected=[drain.id], got=drain.listed(), exchange=read)
    for told in (made, read) if store.kind != "local" else ():  # it has no such field
        may = told.json()["can_delete_objects"]
        show(store.requirement(61), may is None or may is False, expected="false or null", got=may, exchange=told)
    drain.sync()
    before = store.exported()
    if not before:
        show.not_measured("nothing was written that could stay")
    beside = Source(api, eventually, store, drain.project)
    beside.connect()
    gone = drain.call("delete")
    show.status(store.requirement(28), drain.call("get", expect=None), *GONE)
    show.equal(store.requirement(28), expected=sorted(before), got=sorted(store.exported()))
    show.equal(store.requirement(28), expected=[beside.id], got=beside.listed(), exchange=gone, signature="for import")


@each(22, 29, 31, 46, but={46: ("redis",)})
@pytest.mark.usefixtures("two")
def test_each_annotation_is_written_once(show: Show, store: Store, drain: Drain) -> None:
    drain.connect()
    synced = drain.sync()
    show.equal(store.requirement(22), expected=labelled("Positive", "Negative"), got=drain.written(), exchange=synced)
    told = {k: synced.json().get(k) for k in ("status", "last_sync_count")}
    show.equal(store.requirement(29), expected={"status": "completed", "last_sync_count": 2}, got=told, exchange=synced)
    keys = list(store.exported())
    astray = [key for key in keys if not key.startswith(store.where)]
    show_none(store.requirement(31), show, synced, astray, among=keys)
    if store.kind != "redis":  # its keys are no names of files
        unnamed = [key for key in keys if not key.endswith(".json")]
        show_none(store.requirement(46), show, synced, unnamed, among=keys)


@each(23)
def test_what_changed_is_overwritten(
    api: Wire, show: Show, store: Store, drain: Drain, two: list[dict[str, Any]]
) -> None:
    drain.connect()
    drain.sync()
    api.call("annotations.update", id=two[0]["id"], json={"result": [choice("Negative")]})
    synced = drain.sync()
    show.equal(store.requirement(23), expected=labelled("Negative", "Negative"), got=drain.written(), exchange=synced)


@each(24)
def test_an_annotation_is_written_when_it_is_made(
    api: Wire, show: Show, store: Store, drain: Drain, eventually: Eventually, task: dict[str, Any]
) -> None:
    drain.connect()
    annotate(api, task, choice("Positive"))
    written = eventually(drain.written, until=bool, budget="sync done")
    show.equal(store.requirement(24), expected=labelled("Positive"), got=written)


@each(25)
def test_a_deleted_annotation_is_deleted_there_too(
    api: Wire,
    show: Show,
    store: Store,
    drain: Drain,
    two: list[dict[str, Any]],
    eventually: Eventually,
    new_name: Callable[[str], str],
) -> None:
    come_and_go(api, new_name("another"))
    drain.connect(can_delete_objects=True)
    drain.sync()
    gone = api.call("annotations.delete", id=two[0]["id"])
    left = eventually(drain.written, until=lambda seen: len(seen) < len(two), budget="deletion followed")
    show.equal(store.requirement(25), expected=labelled("Negative"), got=left, exchange=gone)


@each(32)
def test_what_was_written_stays_where_nothing_may_be_deleted(
    api: Wire, show: Show, store: Store, drain: Drain, two: list[dict[str, Any]]
) -> None:
    drain.connect(can_delete_objects=False)
    drain.sync()
    gone = api.call("annotations.delete", id=two[0]["id"])
    show.equal(store.requirement(32), expected=labelled("Positive", "Negative"), got=drain.written(), exchange=gone)


@each(26)
def test_settings_that_do_not_work_are_refused(show: Show, store: Store, drain: Drain) -> None:
    for case, wrong in store.wrong.items():
        for method in ("validate", "create"):
            exchange = drain.call(method, json={**drain.body, **wrong}, expect=None, deed=case)
            rejected(show, store.requirement(26), exchange)
    show.equal(store.requirement(26), expected=[], got=drain.listed())


@each(27, kinds=("s3", "azure", "redis"))
def test_secrets_are_told_to_nobody(show: Show, store: Store, drain: Drain) -> None:
    answers = [drain.connect(), drain.call("get"), drain.call("list", query={"project": drain.project})]
    answers += [drain.call("update", json=drain.body, expect=None), drain.call("sync", expect=None)]
    for answer in answers:
        show.equal(store.requirement(27), expected=[], got=drain.secrets_in(answer), exchange=answer)


@each(30)
@pytest.mark.usefixtures("two")
def test_an_update_names_what_it_changes(show: Show, store: Store, drain: Drain) -> None:
    drain.connect()
    changed = drain.call("update", json={"title": "Renamed"}, expect=None)
    show.status(store.requirement(30), changed, 200)
    show.equal(store.requirement(30), expected="Renamed", got=drain.call("get").json()["title"], exchange=changed)
    synced = drain.sync()
    show.equal(store.requirement(30), expected=labelled("Positive", "Negative"), got=drain.written(), exchange=synced)


@each(43, kinds=("s3", "gcs", "azure"))
def test_a_slash_at_the_end_of_a_prefix_is_no_folder(
    api: Wire, show: Show, store: Store, drain: Drain, task: dict[str, Any]
) -> None:
    """What is written below ``tasks/`` is not named ``tasks//1``."""
    annotate(api, task, choice("Positive"))
    drain.connect(**{store.within: f"{FOLDER}/"})
    synced = drain.sync()
    keys = list(store.exported())
    odd = [key for key in keys if "" in key.split("/")]
    show_none(store.requirement(43), show, synced, odd, among=keys)


@each(44)
def test_two_storages_keep_nobody_from_annotating(
    api: Wire, show: Show, store: Store, eventually: Eventually, project: dict[str, Any], task: dict[str, Any]
) -> None:
    Drain(api, eventually, store, project["id"]).connect()
    first = annotate(api, task, choice("Positive"))["id"]
    Drain(api, eventually, store, project["id"]).connect()
    body = {"result": [choice("Negative")]}
    deed = "in a project that exports to two storages of a kind"
    made = api.call("annotations.create", id=task["id"], json=body, expect=None, deed=deed)
    second = [made.json()["id"]] if made.ok else []
    there = [one["id"] for one in api.call("tasks.get", id=task["id"]).json()["annotations"]]
    show.equal(
        store.requirement(44),
        expected=[201, sorted([first, *second])],
        got=[made.status, sorted(there)],
        exchange=made,
        signature=f"HTTP {made.status}",
    )
