"""Ways for writes to be forgotten, or done twice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.contract.tables.resources import load_resources
from tests.scenarios.faults.ways.call import respond, success

if TYPE_CHECKING:
    from conformance.wire.messages import RawResponse
    from tests.scenarios.faults.ways.call import Call


def _is_write(call: Call) -> bool:
    """Does it change something that is there (and not make something new)?"""
    operation = call.operation
    if operation is None or call.request.method == "GET" or load_resources().created_by(operation.id) is not None:
        return False
    return not operation.id.endswith((".validate", "tokens.refresh", "tokens.create", "validate_label_config"))


def writes_forgotten(call: Call) -> RawResponse:
    """Changes and deletions are answered as done, and are not done."""
    if not _is_write(call):
        return call.forward(call.request)
    if call.request.method == "PATCH":
        current = call.forward(replace(call.request, method="GET", content=None))
        try:
            body = {**json.loads(current.content), **json.loads(call.request.content or b"{}")}
        except (ValueError, TypeError):
            body = {}
        return respond(success(call), body)
    return respond(
        success(call), {"task_count": 0, "annotation_count": 0, "created": 0, "refresh": "e.e.e", "token": "t"}
    )


def writes_twice(call: Call) -> RawResponse:
    """Whatever is sent is done twice."""
    response = call.forward(call.request)
    if call.request.method != "GET":
        call.forward(call.request)
    return response


def writes_lost(call: Call) -> RawResponse:
    """Every other new object is not made; the answer is that of the one before."""
    if call.operation is None or call.request.method != "POST":
        return call.forward(call.request)
    before: RawResponse | None = call.memory.get(call.operation.id)
    if before is not None:
        call.memory[call.operation.id] = None
        return before
    call.memory[call.operation.id] = response = call.forward(call.request)
    return response


def refused_but_done(call: Call) -> RawResponse:
    """What can be done is done, and answered as refused; nothing is rolled back."""
    response = call.forward(call.request)
    if call.request.method in {"PATCH", "DELETE"} and 200 <= response.status < 300:
        return respond(400, {"detail": "No."}, response)
    return response


WRITES: Final = (
    writes_forgotten,
    writes_twice,
    writes_lost,
    refused_but_done,
)
