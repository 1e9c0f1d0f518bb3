"""Objects with names that mean something in URLs, paths and queries, and the tasks made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.scenarios.steps import list_tasks
from conformance.scenarios.storages.connections import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.storages.stores import Store
    from conformance.wire import Exchange, Wire

ANYTHING: Final = "<View></View>"
# What addresses, paths and queries read otherwise: each is an object of its own, no other name of another.
NAMES: Final = (
    "q",
    "q.txt?x=1",
    "a#b",
    "%41",
    "A",
    "a+b",
    "two words",
    "Größe",
    "😀",
    "semi;colon",
    "a&b",
    "eq=1",
    "it's",
    'so "so"',
    "a//b",
)


def odd_names(
    api: Wire, eventually: Eventually, store: Store, new_project: NewProject, *, presign: bool
) -> tuple[Source, Exchange]:
    """Bring an object of each name into a project; returns the storage, and the answer to its synchronisation."""
    for number, name in enumerate(NAMES):
        store.put(f"{name}.txt", _content(number), False)
    source = Source(api, eventually, store, new_project(label_config=ANYTHING)["id"])
    source.connect(use_blob_urls=True, presign=presign, recursive_scan=True)
    return source, source.sync()


def told_addresses(api: Wire, source: Source) -> list[str]:
    """What stands in the tasks of a storage, read one by one."""
    ids = [task["id"] for task in list_tasks(api, source.project, fields=None)]
    return [next(iter(api.call("tasks.get", id=number).json()["data"].values())) for number in ids]


def by_name(came: Sequence[bytes]) -> dict[str, tuple[object, object]]:
    """For each name, that its content is among what came, and whether it is."""
    return {
        name: ("its content", "its content" if _content(number) in came else "no task leads to it")
        for number, name in enumerate(NAMES)
    }


def _content(number: int) -> bytes:
    return f"content {number}".encode()
