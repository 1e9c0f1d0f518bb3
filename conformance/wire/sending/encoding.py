"""Builds a request from its parts, as a test names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation


def encoded(
    operation: Operation,
    base_url: str,
    path: Mapping[str, Any],
    *,
    query: Mapping[str, Any] | None,
    timeout: float | None,
    deed: str,
    **parts: Any,
) -> RawRequest:
    """A request to an operation.

    Args:
        operation: of the contract.
        base_url: of the target.
        path: a value for each path parameter.
        query: query parameters; None values are left out, lists are repeated.
        timeout: seconds to wait for the response; None for the setting.
        deed: what is special about the request.
        parts: ``json``, ``data``, ``files``, ``content`` and ``headers``, as httpx takes them.
    """
    # httpx only encodes here; the transport sends
    made = httpx.Request(
        operation.method,
        base_url + operation.fill(path),
        params={k: v for k, v in query.items() if v is not None} if query else None,
        **parts,
    )
    body = made.read()
    return RawRequest(
        method=operation.method,
        url=str(made.url),
        headers=tuple((k, v) for k, v in made.headers.items() if k not in {"host", "content-length"}),
        content=body or None,
        timeout=timeout,
        deed=deed,
    )
