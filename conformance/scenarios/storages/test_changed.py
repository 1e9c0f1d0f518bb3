"""Storages whose settings or objects were changed, and objects that only look like tasks, for each kind."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected, show_none
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, annotate, import_tasks
from conformance.scenarios.storages.connections import Drain, Source, put
from conformance.scenarios.storages.stores import Connection, Store, each, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

CLOUDS = ("s3", "gcs", "azure")
# No scenario but the one below writes to it.
WHOLE_DB = 3
SIDES: Mapping[int, type[Connection]] = {33: Source, 34: Drain}
# What patterns of shells and of Redis read as "anything": a prefix with it, and one that it would match as a pattern.
LITERAL = {"a*": "aside", "b?": "bx", "[c]d": "cd"}


@pytest.fixture
def source(api: Wire, eventually: Eventually, store: Store, project: dict[str, Any]) -> Source:
    """A storage for import that is not connected yet."""
    return Source(api, eventually, store, project["id"])


@each(33, 34)
def test_an_update_to_what_does_not_work_is_refused(
    api: Wire, show: Show, eventually: Eventually, store: Store, project: dict[str, Any]
) -> None:
    put(store, "1.json", {"text": "one"})
    sides: dict[int, Connection] = {n: side(api, eventually, store, project["id"]) for n, side in SIDES.items()}
    for number, connection in sides.items():
        requirement = store.requirement(number)
        connection.connect()
        before = connection.call("get").json()
        kept = True
        for case, wrong in store.wrong.items():
            body = {**connection.body, **wrong}
            rejected(show, requirement, connection.call("update", json=body, expect=None, deed=case), about=case)
            read = connection.call("get")
            got = {name: read.json().get(name) for name in wrong if name not in store.hidden}
            expected = {name: before.get(name) for name in got}
            stored = f"stored: {', '.join(wrong)}"
            kept &= show.equal(requirement, expected=expected, got=got, exchange=read, signature=stored)
        if kept:  # secrets are not read back: that they are the previous ones is seen by what they open
            synced = connection.sync()
            state = synced.json().get("status")
            show.equal(requirement, expected="completed", got=state, exchange=synced, signature=f"then {state}")


@each(40)
def test_a_filter_that_is_none_is_refused(show: Show, store: Store, source: Source) -> None:
    put(store, "1.json", {"text": "one"})
    wrong = {"regex_filter": "(["}
    for method in ("validate", "create"):
        answer = source.call(method, json={**source.body, **wrong}, expect=None)
        rejected(show, store.requirement(40), answer, about=method)
    source.connect()
    answer = source.call("update", json={**source.body, **wrong}, expect=None)
    rejected(show, store.requirement(40), answer, about="update")


def show_texts(
    show: Show, requirement: str, source: Source, expected: list[str], synced: Exchange, *, of: tuple[str, ...] = ()
) -> None:
    """Show that the project has these texts (among some, or all), each once; the signature tells the difference."""
    got = [text for text in source.texts() if not of or text in of]
    missing, beyond = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    parts = {"missing": missing, "beyond": beyond}
    signature = "; ".join(f"{part}: {', '.join(sorted(map(str, t.elements())))}" for part, t in parts.items() if t)
    show.equal(requirement, expected=expected, got=got, exchange=synced, signature=signature)


@each(35)
def test_an_object_that_was_cut_off_comes_whole_once_it_is(show: Show, store: Store, source: Source) -> None:
    store.put("1.json", b'[{"text": "a"}, {"text": "b"}, {"te', False)
    source.connect()
    source.sync()
    put(store, "1.json", [{"text": "a"}, {"text": "b"}, {"text": "c"}])
    synced = source.sync()
    show_texts(show, store.requirement(35), source, ["a", "b", "c"], synced)


@pytest.fixture
def another(store: Store, peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """Another empty store of the same kind."""
    with contextmanager(open_store)(store.kind, peers, target) as opened:
        yield opened


@each(36)
def test_a_storage_that_moved_brings_what_lies_there(show: Show, store: Store, another: Store, source: Source) -> None:
    put(store, "1.json", {"text": "before"})
    put(another, "1.json", {"text": "after"})  # the same name: only the place tells them apart
    source.connect()
    source.sync()
    source.call("update", json={**source.body, store.place: another.connection[store.place]})
    synced = source.sync()
    show_texts(show, store.requirement(36), source, ["after", "before"], synced)


@each(37, kinds=(*CLOUDS, "redis"))
def test_without_a_prefix_everything_comes(show: Show, store: Store, source: Source, peers: Peers) -> None:
    if store.kind == "redis":
        for name in ("1.json", "below/2.json"):
            peers.redis.put(name, f'{{"text": "{name[-6:]}"}}', db=WHOLE_DB)
    else:
        put(store, "1.json", {"text": "1.json"})
        put(store, "2.json", {"text": "2.json"}, elsewhere=True)
    source.body.pop(store.within, None)  # a body that runs twice has lost it already
    source.connect(**({"db": WHOLE_DB} if store.kind == "redis" else {"recursive_scan": True}))
    synced = source.sync()
    show_texts(show, store.requirement(37), source, ["1.json", "2.json"], synced)


@each(38)
def test_a_prefix_means_itself(show: Show, store: Store, source: Source) -> None:
    for name, other in LITERAL.items():
        put(store, f"{name}/1.json", {"text": name})
        put(store, f"{other}/1.json", {"text": other})
        source.connect(**{store.within: f"{store.where}{name}"})
        synced = source.sync()
        show_texts(show, store.requirement(38), source, [name], synced, of=(name, other))


@each(42, kinds=CLOUDS)
def test_a_prefix_that_is_taken_brings_something(show: Show, store: Store, source: Source) -> None:
    """The beginning of a name, and a whole name."""
    for prefix, text in (("be", "below"), ("whole.json", "whole")):
        put(store, "whole.json" if text == "whole" else "below/1.json", {"text": text})
        source.body |= {store.within: f"{store.where}{prefix}", "recursive_scan": True}
        made = source.call("create", json=source.body, expect=None)
        if made.rejected:
            rejected(show, store.requirement(42), made)
            continue
        source.id = made.json()["id"]
        synced = source.sync()
        show(
            store.requirement(42),
            text in source.texts(),
            expected=f"the task {text!r}, or a refusal",
            got=f"{synced.json().get('status')}, and {source.texts()}",
            exchange=synced,
            signature=text,
        )


@each(39, kinds=CLOUDS)
def test_a_folder_is_no_task(show: Show, store: Store, source: Source) -> None:
    for key in ("", "folder/", "pixel.png"):
        store.put(key, b"" if key != "pixel.png" else b"\x89PNG", False)
    source.connect(use_blob_urls=True, recursive_scan=True)
    synced = source.sync()
    count = len(source.tasks())
    show.equal(store.requirement(39), expected=1, got=count, exchange=synced, signature=f"{count} tasks")


@each(56)
def test_duplicates_that_were_removed_stay_away(api: Wire, show: Show, store: Store, source: Source) -> None:
    for name, text in (("1", "same"), ("2", "same"), ("3", "other")):
        put(store, f"{name}.json", {"text": text})
    source.connect()
    source.sync()
    act(api, "remove_duplicates", source.project)
    kept = source.texts()
    if kept != ["other", "same"]:
        show.not_measured(f"of three tasks, two of them alike, removing duplicates leaves {kept}")
    synced = source.sync()
    show_texts(show, store.requirement(56), source, kept, synced)


# what is odd about an object → it; none keeps another object from being read
ODD = {
    "a number beyond 64 bits in a list": b'[{"text": "odd", "n": 36893488147419103232}]',
    "a byte order mark": b'\xef\xbb\xbf{"text": "odd"}',
    "an annotation that is a number": b'{"data": {"text": "odd"}, "annotations": [5]}',
}


@each(57)
def test_an_odd_object_harms_no_other(show: Show, store: Store, source: Source) -> None:
    # Redis has no order: with so many of both, good ones come after an odd one all the same
    good, odd = list("aceg"), list("bdf")
    for case, content in ODD.items():
        for name in good:
            put(store, f"{case}/{name}.json", {"text": f"{case} {name}"})
        for name in odd:
            store.put(f"{case}/{name}.json", content, False)
        source.connect(**{store.within: f"{store.where}{case}"})
        synced = source.sync()
        brought = [f"{case} {name}" for name in good]
        got = [text for text in source.texts() if str(text).startswith(case)]
        show.equal(store.requirement(57), expected=brought, got=got, exchange=synced, signature=case)


@each(58)
def test_nothing_is_left_where_a_storage_was(
    api: Wire, show: Show, eventually: Eventually, store: Store, another: Store, project: dict[str, Any]
) -> None:
    drain = Drain(api, eventually, store, project["id"])
    drain.connect(can_delete_objects=True)
    first, spare = import_tasks(api, project["id"], [{"data": {"text": word}} for word in "ab"])
    annotation = annotate(api, first, choice("Positive"))
    drain.sync()
    there = list(store.exported())
    # Servers run for long: whether a project was deleted last, or a task, must make no difference to what follows.
    act(api, "delete_tasks", project["id"], spare["id"])
    drain.call("update", json={store.place: another.connection[store.place]})
    gone = api.call("annotations.delete", id=annotation["id"])
    left = sorted({*store.exported(), *another.exported()})
    show_none(store.requirement(58), show, gone, left, among=there)
