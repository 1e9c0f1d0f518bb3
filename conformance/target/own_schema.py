"""Reads a target's own schema: which operations of the contract it offers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from conformance.contract.model import anonymous
from conformance.wire.messages import RawRequest
from conformance.wire.network.errors import TransportError
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.wire.messages import ConnectionSettings

PLACES = ("/docs/api/schema/json/", "/docs/api?format=openapi")
"""Where servers publish it: the second place is that of versions before 1.21, in Swagger 2."""
LARGEST = 16 * 1024 * 1024
PATIENCE = 60.0
"""Seconds: some make it anew for each request."""
_OK = 200


def published_schema(url: str, connection: ConnectionSettings) -> dict[str, Any] | None:
    """Ask for the target's own schema, without a key.

    Args:
        url: root of the target, without a slash at its end.
        connection: how to reach it.

    Returns:
        an OpenAPI or Swagger document; None if it publishes none that can be read.

    Raises:
        TransportError: the target can't be reached.
    """
    with Transport(connection) as transport:
        for place in PLACES:
            request = RawRequest(method="GET", url=url + place, headers=(("Accept", "*/*"),), timeout=PATIENCE)
            response = transport.send(request, max_bytes=LARGEST, deadline=PATIENCE)
            if response.status == _OK and not response.truncated:
                found = schema_in(response.content)
                if found is not None:
                    return found
    return None


def announced_operations(url: str, connection: ConnectionSettings) -> frozenset[str] | None:
    """Return the operations of the contract that the target announces; nothing that goes wrong here stops a run.

    Returns:
        operationIds of the contract; None if it publishes no schema that can be read.
    """
    try:
        document = published_schema(url, connection)
    except TransportError:
        return None
    return None if document is None else offered_operations(document)


def schema_in(content: bytes) -> dict[str, Any] | None:
    """An OpenAPI or Swagger document; None if it is neither."""
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not {"openapi", "swagger"} & set(document):
        return None
    return document if isinstance(document.get("paths"), dict) else None


def offered_operations(document: Mapping[str, Any]) -> frozenset[str]:
    """The operations of the contract that a document offers."""
    base = str(document.get("basePath") or "").rstrip("/")
    offered = {
        (method.upper(), anonymous(base + path))
        for path, methods in document["paths"].items()
        if isinstance(methods, dict)
        for method in methods
    }
    return frozenset(o.id for o in load_contract() if (o.method, anonymous(o.path)) in offered)
