"""Replaces ids in a request by names, which are bound to real objects when it is replayed."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from conformance.contract.tables.requests.prepared import NOTHING, Pairs
from conformance.properties.examples.model import FORM, JSON, Example
from conformance.properties.generation.binding import bind, escaped
from conformance.properties.generation.mending import mend
from conformance.world.world import slot_references

if TYPE_CHECKING:
    from conformance.contract import Operation, SchemaChecker
    from conformance.contract.tables.requests.prepared import RequestTable
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest

BASE = "http://target.invalid"


class Names:
    """A world of names: every reference stays one."""

    def __init__(self, requests: RequestTable, wire: Wire) -> None:
        self.requests = requests
        self._wire = wire

    def provide(self, operation_id: str) -> None:
        """Nothing has to be there for a name."""

    def values(self, operation: Operation) -> dict[str, Any]:
        """A name for each path parameter."""
        return slot_references(operation, self.requests, self._wire.resources)

    def resolve(self, value: Any) -> Any:
        """The value, with its references."""
        return copy.deepcopy(value)

    def get(self, kind: str) -> str:
        """The name of an object of this kind."""
        return f"${kind}"


def example_of(
    case: GeneratedCase,
    rule: str,
    signature: str,
    *,
    requests: RequestTable,
    wire: Wire,
    schemas: SchemaChecker,
    found: str = "",
) -> Example | None:
    """A generated case as an example; None where its body can't be written down (multipart)."""
    named = replace(case, path=escaped(case.path), query=escaped(case.query), body=_copy(case.body))
    bind(named, Names(requests, wire), wire)
    mend(named, schemas)
    try:
        request = named.serialise(BASE)
    except ValueError:
        return None
    content_type = next((v for n, v in request.headers if n.lower() == "content-type"), None)
    body = _body(named, request, content_type)
    if body is None:
        return None
    matched = case.operation.pattern.match(urlsplit(request.url).path)
    slots = matched.groups() if matched else ()
    query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
    about = {name: getattr(case, name) for name in ("broken", "parameter", "what", "scenario", "place")}
    return Example(
        operation=case.operation.id,
        rule=rule,
        signature=signature,
        mode=case.mode,
        path=dict(zip(case.operation.slots, map(unquote, slots), strict=True)) if matched else named.path,
        query={k: v[0] if len(v) == 1 else v for k, v in query.items()},
        body=body[0],
        content_type=content_type if body[0] is not NOTHING else None,
        found=found,
        about={k: v for k, v in about.items() if v} if case.mode == "negative" else {},
    )


def _copy(body: Any) -> Any:
    return body if body is NOTHING else escaped(copy.deepcopy(body))


def _body(case: GeneratedCase, request: RawRequest, content_type: str | None) -> tuple[Any] | None:
    """The body in a form that can be written down, in a tuple of one; None where there is none."""
    if not request.content:
        return (NOTHING,)
    kind = (content_type or "").split(";")[0].strip().lower()
    if case.media_type == JSON:
        try:
            json.dumps(case.body)
        except (TypeError, ValueError):
            return None
        return (case.body,)
    if kind == FORM:
        pairs = parse_qsl(request.content.decode(errors="replace"), keep_blank_values=True)
        return (Pairs([list(pair) for pair in pairs]),)
    return None
