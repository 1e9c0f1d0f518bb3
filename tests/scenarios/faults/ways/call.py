"""A request of the running test, and how its answer is spoiled: what all ways have in common."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.wire.messages import RawResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from conformance.wire.messages import RawRequest

# What a workflow needs to find its way; a server that is wrong here is found by the schema, or ends every scenario.
GUIDING: Final = re.compile(
    r"(^|_)(ids?|pk|by)$|^(parent_)?(project|task|annotation|prediction|view|user|organization)s?$|^active_organization$"
    r"|^(status|state|token|access|refresh|next|previous|file|export_type|converted_format|invite_url)$"
)
REFERENCES: Final = re.compile(r"^(project|task|completed_by|created_by|organization|user|parent_\w+)$")
# So many fields make an object that is worth taking one from.
MANY: Final = 3
SECRETS: Final = re.compile(r"pass|secret|account_key|access_key")


@dataclass(slots=True)
class Call:
    """One request of the running test, with what the server would answer.

    Attributes:
        number: how many requests of the test went before.
        forward: sends a request to the real server.
        memory: what the fault keeps from request to request of one test.
    """

    request: RawRequest
    operation: Operation | None
    number: int
    forward: Callable[[RawRequest], RawResponse]
    memory: dict[str, Any]

    @property
    def path(self) -> str:
        """Without the query."""
        return httpx.URL(self.request.url).path


def respond(status: int, body: object, like: RawResponse | None = None) -> RawResponse:
    """A JSON answer."""
    content = b"" if status == 204 else json.dumps(body).encode()
    headers = httpx.Headers({"content-type": "application/json"})
    return RawResponse(
        status=status, headers=headers, content=content, elapsed=like.elapsed if like else 0.01, http_version="HTTP/1.1"
    )


def spoiled(response: RawResponse, change: Callable[[Any], Any]) -> RawResponse:
    """The same answer with its JSON changed; other answers, and refusals, stay as they are."""
    if not 200 <= response.status < 300:
        return response
    try:
        value = json.loads(response.content)
    except ValueError:
        return response
    return replace(response, content=json.dumps(change(value)).encode())


def leaves(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """Change everything in a JSON value that holds nothing else and that no workflow finds its way by."""
    if isinstance(value, dict):
        return {key: leaves(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [leaves(item, change, name) for item in value]
    return value if GUIDING.search(name) else change(name, value)


def lists(value: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    """Change every list in a JSON value, from within outwards."""
    if isinstance(value, dict):
        return {key: lists(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return change([lists(item, change) for item in value])
    return value


def success(call: Call) -> int:
    """The status of success that the contract documents."""
    return next((s for s in call.operation.success if s < 300), 200) if call.operation else 200
