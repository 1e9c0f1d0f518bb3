"""Ways for a target to treat its peers wrongly, as far as peers can see: what came is lost, doubled or garbled."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from conformance.peers.http import Received
from conformance.peers.ml import Call, Model
from conformance.peers.webhooks import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.peers import Delivery
    from conformance.scenarios.storages.stores import Store

# By this event a scenario knows that all others have come; without it each would only wait.
LAST: Final = b"the last event of the scenario"
Objects = dict[str, bytes]
# What the running test sees of a store's exported objects.
seen_of_exports: list[Callable[[Objects], Objects]] = []


def watched(store: Store) -> Store:
    """The same store, whose exported objects are seen as the fault has it."""
    return replace(store, exported=lambda: _all(seen_of_exports, store.exported()))


def _all(changes: list[Callable[[Objects], Objects]], objects: Objects) -> Objects:
    for change in changes:
        objects = change(objects)
    return objects


@contextmanager
def _seen(
    deliveries: Callable[[Delivery], list[Delivery]],
    calls: Callable[[Call], list[Call]],
    exports: Callable[[Objects], Objects],
    stray: Sequence[Delivery] = (),
    more: Sequence[Call] = (),
) -> Iterator[None]:
    """Change what arrived, item by item, and add what nobody asked for."""
    heard, asked = Inbox.deliveries, Model.calls

    def changed_deliveries(inbox: Inbox) -> list[Delivery]:
        return [*(one for d in heard(inbox) for one in ([d] if LAST in d.body else deliveries(d))), *stray]

    def changed_calls(model: Model, endpoint: str | None = None) -> list[Call]:
        return [*(one for c in asked(model, endpoint) for one in calls(c)), *more]

    with ExitStack() as stack:
        stack.enter_context(patch.object(Inbox, "deliveries", changed_deliveries))
        stack.enter_context(patch.object(Model, "calls", changed_calls))
        seen_of_exports.append(exports)
        stack.callback(seen_of_exports.clear)
        yield


def _garbled(value: Any) -> Any:
    """Other texts and figures in a JSON value; what it is about (the action) stays."""
    if isinstance(value, dict):
        return {k: v if k == "action" else _garbled(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_garbled(item) for item in value]
    return f"{value}~" if isinstance(value, str) else value + 1000 if type(value) is int else value


def _garbled_delivery(delivery: Delivery) -> list[Delivery]:
    body = json.dumps({**_garbled(delivery.json()), "more": 1}).encode()
    return [replace(delivery, method="PUT", headers={}, body=body)]


def _garbled_call(call: Call) -> list[Call]:
    return [replace(call, endpoint=f"{call.endpoint}~", body=_garbled(call.body), authorised=False)]


def _garbled_exports(objects: Objects) -> Objects:
    return {f"astray/{key}": json.dumps(_garbled(json.loads(value))).encode() for key, value in objects.items()}


STRAY: Final = Received(
    method="POST",
    path="/",
    query="",
    headers={},
    body=b'{"action": "TASKS_CREATED", "tasks": [{"id": 0}], "project": {"id": 0}}',
    at=0.0,
)
MORE: Final = Call(
    endpoint="predict", method="POST", body={"tasks": [{"id": 0}], "params": {}}, authorised=None, status=200, at=0.0
)

PEER_FAULTS: Final[dict[str, Callable[[], Any]]] = {
    "peers-hear-nothing": lambda: _seen(lambda _: [], lambda _: [], lambda _: {}),
    "peers-hear-twice": lambda: _seen(
        lambda d: [d, d], lambda c: [c, c], lambda o: {**o, **{f"{key}-copy": value for key, value in o.items()}}
    ),
    "peers-hear-nonsense": lambda: _seen(_garbled_delivery, _garbled_call, _garbled_exports),
    "peers-hear-more": lambda: _seen(
        lambda d: [d], lambda c: [c], lambda o: {**o, "astray": b'{"result": []}'}, stray=[STRAY], more=[MORE]
    ),
}
