"""Storages that a test is connected to, for import and for export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from conformance.contract.json_equal import any_order, parse
from conformance.scenarios.steps import list_tasks
from conformance.scenarios.storages.stores import Connection, Store

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.wire import Exchange, Wire


class Source(Connection):
    """A storage for import, and the project that it brings tasks to."""

    side = "import_storage"

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks of the project."""
        return list_tasks(self.api, self.project)

    def texts(self) -> list[Any]:
        """Return what tells the project's tasks apart, sorted."""
        return sorted(task["data"].get("text") for task in self.tasks())


def put(store: Store, key: str, value: object, *, elsewhere: bool = False) -> None:
    """Write a JSON object into a store."""
    store.put(key, json.dumps(value).encode(), elsewhere)


def fetched(api: Wire, store: Store, url: str, *, role: str = "default") -> tuple[Exchange, bytes]:
    """Fetch the address in a task as a browser does: from the target, or from the peer if it sends us there."""
    answer = api.follow(url, role=role)
    onward = answer.response.headers.get("location", "") if answer.response else ""
    if store.presigned and onward.startswith(store.presigned):
        return answer, httpx.get(onward, trust_env=False).content
    return answer, answer.content


class Drain(Connection):
    """A storage for export, and the project whose annotations go there."""

    side = "export_storage"

    def __init__(self, api: Wire, eventually: Eventually, store: Store, project: int) -> None:
        super().__init__(api, eventually, store, project)
        self.body |= store.for_export

    def written(self) -> list[Any]:
        """The values of all regions in everything that was written, object by object."""
        return any_order(_values(parse(o)) for o in self.store.exported().values())


def _values(exported: Any) -> list[Any]:
    """The values of the regions in an exported annotation, or in a task with its annotations."""
    annotations = exported.get("annotations") or [exported]
    return [region["value"] for annotation in annotations for region in annotation.get("result", [])]


def labelled(*labels: str) -> list[Any]:
    """Return what :meth:`Drain.written` gives for annotations with these choices, one on each task."""
    return any_order([{"choices": [label]}] for label in labels)
