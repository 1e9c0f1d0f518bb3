"""Ways for a server to refuse what is right, or to take what is wrong; and to break."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.scenarios.faults.ways.call import respond, success

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.messages import RawResponse
    from tests.scenarios.faults.ways.call import Call


def accepts_everything(call: Call) -> RawResponse:
    """What would be refused is answered as if it had been done."""
    response = call.forward(call.request)
    last = call.memory.setdefault("last", {})
    name = call.operation.id if call.operation else call.path
    if 200 <= response.status < 300:
        last[name] = response
        return response
    if not 400 <= response.status < 500:
        return response
    return last.get(name) or respond(success(call), {"id": 1, "detail": "done"}, response)


def fails_when_refusing(call: Call) -> RawResponse:
    """What would be refused breaks the server."""
    response = call.forward(call.request)
    return respond(500, {"detail": "broken"}, response) if 400 <= response.status < 500 else response


def failures_hidden(call: Call) -> RawResponse:
    """Where the server breaks, it says that all is done."""
    response = call.forward(call.request)
    return respond(success(call), {"id": 1, "detail": "done"}, response) if response.status >= 500 else response


def breaks_later(after: int, status: int = 500) -> Callable[[Call], RawResponse]:
    """The server breaks in the middle of a workflow, or at its beginning."""

    def broken(call: Call) -> RawResponse:
        if call.number < after:
            return call.forward(call.request)
        return respond(status, {"detail": "broken"})

    return broken


def broken(operation: str) -> Callable[[Call], RawResponse]:
    """One operation always answers 500; the others are right."""

    def answer(call: Call) -> RawResponse:
        if call.operation is not None and call.operation.id == operation:
            return respond(500, {"detail": "broken"})
        return call.forward(call.request)

    return answer


def only_at(operation: str, fault: Callable[[Call], RawResponse]) -> Callable[[Call], RawResponse]:
    """One operation has the fault; the others are right."""

    def answer(call: Call) -> RawResponse:
        if call.operation is not None and call.operation.id == operation:
            return fault(call)
        return call.forward(call.request)

    return answer


def keys_ignored(call: Call) -> RawResponse:
    """Whoever asks, it is done as for the owner."""
    owner = call.memory["owner"]
    bare = [(n, v) for n, v in call.request.headers if n.lower() not in {"authorization", "cookie"}]
    return call.forward(replace(call.request, headers=(*bare, *owner)))


REFUSALS: Final = (
    accepts_everything,
    failures_hidden,
    fails_when_refusing,
    keys_ignored,
)
