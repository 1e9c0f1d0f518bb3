"""Addresses of objects in the data of tasks: whatever they are called and wherever they stand."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.steps import exported_tasks, import_tasks
from conformance.scenarios.storages.connections import Source, fetched
from conformance.scenarios.storages.odd_names import ANYTHING, by_name, odd_names, told_addresses
from conformance.scenarios.storages.stores import FOLDER, Store, each, open_store

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire


@each(41, kinds=("s3", "azure"))
def test_each_object_is_itself(
    api: Wire, show: Show, store: Store, new_project: NewProject, eventually: Eventually
) -> None:
    source, synced = odd_names(api, eventually, store, new_project, presign=False)
    came = [fetched(api, store, address)[1] for address in told_addresses(api, source)]
    show_each(store.requirement(41), show, synced, by_name(came))


@pytest.fixture
def source(api: Wire, peers: Peers, target: TargetInUse, new_project: NewProject, eventually: Eventually) -> Source:
    """A bucket with two objects, connected to a project that takes any data."""
    (store,) = open_store("s3", peers, target)
    for name in ("a", "b"):
        store.put(f"{name}.txt", name.encode(), False)
    made = Source(api, eventually, store, new_project(label_config=ANYTHING)["id"])
    made.connect(use_blob_urls=True, presign=False)
    return made


def addresses(source: Source) -> dict[str, str]:
    """The addresses of the two objects."""
    bucket = source.store.connection["bucket"]
    return {name: f"s3://{bucket}/{FOLDER}/{name}.txt" for name in ("a", "b")}


@pytest.mark.requirement("LS-STORAGE-014", "LS-STORAGE-017")
def test_data_are_written_back_as_they_were_read(api: Wire, show: Show, source: Source) -> None:
    own = addresses(source)
    data = {"url": own["a"], "pages": [own["a"], own["b"]]}
    (task,) = import_tasks(api, source.project, [{"data": data}])
    page = api.call("tasks.list", query={"project": source.project, "resolve_uri": False})
    show.equal("LS-STORAGE-017", expected=data, got=page.json()["tasks"][0]["data"], exchange=page)
    read = api.call("tasks.get", id=task["id"]).json()["data"]
    with api.unchecked():  # it may show addresses as they were sent, where reading the task resolves them
        before = exported_tasks(api, source.project, everything=True)[0]["data"]
    written = api.call("tasks.update", id=task["id"], json={"data": read})
    got = exported_tasks(api, source.project, everything=True)[0]["data"]
    signature = "exported as it was read" if got == read else "exported otherwise"
    show.equal("LS-STORAGE-014", expected=before, got=got, exchange=written, signature=signature)


@pytest.mark.requirement("LS-STORAGE-015", "LS-STORAGE-016")
def test_each_address_is_resolved_and_nothing_else(api: Wire, show: Show, source: Source) -> None:
    """Each case is data with the addresses as ``{a}`` and ``{b}``."""
    told: dict[str, Any] = {
        "alone": "{a}",
        "list": ["{a}", "{b}"],
        "object": {"one": "{a}", "deep": [{"two": "{b}"}]},
        "two links": '<a href="{a}">one</a> and <a href="{b}">two</a>',
        "quotes after": '<a href="{a}">the "best" one</a>',
        "single quotes": "<img src='{a}'>it's",
        "text after": "{a} is a file",
        "text before": "see {a}",
    }
    own, here = addresses(source), urljoin(api.base_url, "/")
    sent = {name: _filled(value, own) for name, value in told.items()}
    tasks = import_tasks(api, source.project, [{"data": {"url": value}} for value in sent.values()])
    read = {name: api.call("tasks.get", id=task["id"]) for name, task in zip(told, tasks, strict=True)}
    reached: dict[str, tuple[object, object]] = {}
    around: dict[str, tuple[object, object]] = {}
    for name, exchange in read.items():
        text, pattern = _text(sent[name]), _resolved(_text(told[name]))
        found = re.fullmatch(pattern, got := _text(exchange.json()["data"]["url"]), flags=re.DOTALL)
        around[name] = (f"{text}, or with other addresses", f"{text}, or with other addresses" if found else got)
        read_as = found.groupdict() if found else {}
        if any(address != own[key] for key, address in read_as.items()):
            asked = {key: address for key, address in read_as.items() if address.startswith(("/", here))}
            came = {key: fetched(api, source.store, address)[1] for key, address in asked.items()}
            reached[name] = (list(read_as), [came.get(key, b"(nothing)").decode(errors="replace") for key in read_as])
    last = read["text before"]
    show_each("LS-STORAGE-016", show, last, around)
    show_each("LS-STORAGE-015", show, last, reached)


def _text(value: Any) -> str:
    """A text as it is; anything else as JSON, whatever the order of its keys."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _filled(value: Any, own: dict[str, str]) -> Any:
    """Put the addresses where they belong."""
    if isinstance(value, dict):
        return {key: _filled(item, own) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, own) for item in value]
    return value.replace("{a}", own["a"]).replace("{b}", own["b"])


def _resolved(text: str) -> str:
    """A pattern of ``text`` with any addresses, whose names tell which object each should lead to."""
    return re.sub(r"\\\{(a|b)\\\}", r"(?P<\1>[^\\s'\"<>]+)", re.escape(text))
