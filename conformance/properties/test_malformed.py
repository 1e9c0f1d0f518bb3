"""Malformed bodies, and bodies of unusual content types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conformance.judge.observation import Verb
from conformance.properties.generation.sparing import speaks_for_parser
from conformance.properties.registry import shows
from conformance.wire import RefusedByGuard
from conformance.wire.checking.checks import route_missing
from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import Template
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.judging.recording import Check
    from conformance.wire import Exchange, Wire
    from conformance.world import Prepared, World

DEPTH = 5_000
LONG = 200_000


def bodies(valid: object, name: str) -> Iterator[tuple[str, bytes, bool]]:
    """What is sent: a name, the bytes, and whether RFC 8259 calls it no JSON at all (then it has to be refused).

    Args:
        valid: a body that is fine.
        name: the property that gets the texts that are hard to take.
    """
    text = json.dumps(valid)
    yield "truncated JSON", text[:-1].encode() or b"{", True
    yield "bytes that are no UTF-8", b'{"title": "\xff\xfe"}', True
    yield "NaN and Infinity", b'{"value": NaN, "other": -Infinity}', True
    if not isinstance(valid, dict):
        return
    yield "NUL in a text", json.dumps({**valid, name: "a\x00b"}).encode(), False
    yield "a lone surrogate", json.dumps({**valid, name: "a\ud800b"}).encode(), False
    yield (
        "a number beyond all types",
        json.dumps({**valid, "extra": 1}).replace('"extra": 1', '"extra": 1e400').encode(),
        False,
    )
    yield "nesting without end", ('{"extra": ' + "[" * DEPTH + "]" * DEPTH + "}").encode(), False
    yield "a very long text", json.dumps({**valid, name: "x" * LONG}).encode(), False


def free_text(template: Template) -> str:
    """A property that is a text without consequences: no address of a service, which a server may call for minutes."""
    given = template.json if isinstance(template.json, dict) else {}
    return next((k for k, v in given.items() if isinstance(v, str) and not v.startswith("$peer")), "title")


@shows("refuses-malformed", about=("no-server-error",))
def test_malformed(operation: Operation, world: World, wire: Wire, policy: DepthPolicy, check: Check) -> None:
    """What is no JSON is refused; what is hard to take does no harm."""
    if operation.body is None or "application/json" not in operation.body.content:
        return
    with check.prerequisites():
        prepared = world.request(operation.id)
    pinned = world.requests[operation.id].pinned
    valid = prepared.json if isinstance(prepared.json, dict | list) else {}
    sent = list(bodies(valid, free_text(world.requests[operation.id])))
    whole = policy.everything or (policy.thorough and speaks_for_parser(operation))
    for name, content, must in sent if whole else sent[:1]:
        if pinned and not must:
            continue
        exchange = _send(wire, operation, prepared, content, name)
        if exchange is None or exchange.response is None or route_missing(exchange):
            return
        world.note(exchange)
        if not must:
            continue  # the wire records a 5xx; to take it or to reject it are both fine
        check(
            holds=not exchange.succeeded,
            message=f"{operation} accepted {name}.",
            expected="status 400",
            got=str(exchange.status),
            signature=name,
            exchange=exchange,
            # Python's own reader takes NaN: many servers do
            verb=Verb.SHOULD if name.startswith("NaN") else Verb.MUST,
        )


def _send(wire: Wire, operation: Operation, prepared: Prepared, content: bytes, deed: str) -> Exchange | None:
    request = RawRequest(
        method=operation.method,
        url=wire.base_url + operation.fill(prepared.path) + _query(prepared),
        headers=(("Content-Type", "application/json"),),
        content=content,
        deed=deed,
        spoiled=True,
    )
    try:
        with wire.key_at_risk():
            return wire.send(
                request,
                operation=operation,
                role=prepared.role,
                path_values={k: str(v) for k, v in prepared.path.items()},
            )
    except RefusedByGuard:
        return None


def _query(prepared: Prepared) -> str:
    return f"?{urlencode(prepared.query)}" if prepared.query else ""
