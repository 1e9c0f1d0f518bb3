"""One request behind a fault, without a server."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from tests.faults.loading import functions
from tests.faults.messages import Answered, Asked, Call

if TYPE_CHECKING:
    from collections.abc import Callable


def asked(method: str, path: str, body: Any = None, query: str = "") -> Asked:
    content = b"" if body is None else json.dumps(body).encode()
    headers = (("content-type", "application/json"), ("authorization", "Token key"))
    return Asked(method=method, path=path, query=query, headers=headers, body=content)


def done(name: str, request: Asked, server: Callable[[Asked], Answered], memory: dict[Any, Any], **given: Any) -> Any:
    """What comes of a request behind a fault."""
    operation, slots = load_contract().match(request.method, request.path) or (None, {})

    async def forward(sent: Asked) -> Answered:
        return server(sent)

    call = Call(request, operation, slots, 0, memory, forward, "key")
    return asyncio.run(functions()[name](call, **given))  # type: ignore[arg-type] # a coroutine it is
