"""Decides whether a request broke the contract and was rejected; two validators must agree before a finding."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from conformance.contract.json_equal import equal, parse
from conformance.judge.observation import Verb
from conformance.properties.generation.binding import broken_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation, SchemaChecker, SchemaViolation
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.wire import Exchange
    from conformance.wire.messages import RawRequest

REFUSALS = ("refuses-body", "refuses-query", "refuses-path", "refuses-media-type")
"""Rules that a case which breaks the contract is about."""
_SCALARS = {"string", "integer", "number", "boolean", "null"}
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What a request, as it was sent, does that the contract forbids.

    Attributes:
        rule: ``refuses-body``, ``refuses-query``, ``refuses-path`` or ``refuses-media-type``.
        what: in words.
        pointer: where the contract forbids it.
        properties: of the body, at its top level; empty where it is about the whole.
        lenient: a server may have good reason to take it all the same (``"1"`` for 1).
    """

    rule: str
    what: str
    signature: str
    pointer: str
    properties: frozenset[str] = frozenset()
    lenient: bool = False


def breach(case: GeneratedCase, request: RawRequest, schemas: SchemaChecker) -> Breach | None:
    """Return what is wrong with a request as it was sent; None if nothing is (then nobody may be blamed)."""
    operation = case.operation
    match case.broken:
        case "body":
            return _in_body(case, request, schemas)
        case "query":
            return _in_parameters(operation, "query", _query(request), case.parameter)
        case "path":
            return _in_parameters(operation, "path", {k: str(v) for k, v in case.path.items()}, case.parameter)
        case "header" if case.scenario == "unsupported_content_type" and operation.body is not None:
            return Breach(
                rule="refuses-media-type",
                what="the body's content type is not one that the operation takes",
                signature="unsupported media type",
                pointer=operation.body.pointer,
            )
    return None


def _query(request: RawRequest) -> dict[str, str]:
    return {k: v[-1] for k, v in parse_qs(urlsplit(request.url).query, keep_blank_values=True).items()}


def _in_parameters(operation: Operation, where: str, given: Mapping[str, str], only: str | None) -> Breach | None:
    for parameter in operation.parameters:
        if parameter.location != where or (only is not None and parameter.name != only):
            continue
        value = given.get(parameter.name)
        if value is None:
            if parameter.required and not parameter.exploded:
                return Breach(
                    rule=f"refuses-{where}",
                    what=f"the required {where} parameter {parameter.name} is missing",
                    signature=f"missing {parameter.name}",
                    pointer=parameter.pointer,
                )
            continue
        types = parameter.schema.get("type")
        names = {types} if isinstance(types, str) else set(types or ())
        if names and not any(_reads_as(value, name) for name in names):
            return Breach(
                rule=f"refuses-{where}",
                what=f"the {where} parameter {parameter.name} is {value[:60]!r}, no {' or '.join(sorted(names))}",
                signature=f"type of {parameter.name}",
                pointer=parameter.pointer,
                # HTTP leaves it to the server what it makes of a query; ignoring is common, if unhelpful
                lenient=where == "query",
            )
    return None


def _reads_as(text: str, name: str) -> bool:
    """Return whether the text in a URL can be read as a value of this type; in doubt it can."""
    match name:
        case "integer":
            return text.strip().lstrip("+-").isdigit()
        case "number":
            try:
                float(text)
            except ValueError:
                return False
            return True
        case "boolean":
            return text.strip().lower() in {"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"}
        case "null":
            return text in {"", "null"}
    return True


def _in_body(case: GeneratedCase, request: RawRequest, schemas: SchemaChecker) -> Breach | None:  # noqa: PLR0911 - one way out per reason
    body = case.operation.body
    if body is None:
        return None
    if not request.content:
        if not body.required:
            return None
        return Breach(
            rule="refuses-body", what="the required body is missing", signature="missing body", pointer=body.pointer
        )
    kind = next((v for n, v in request.headers if n.lower() == "content-type"), "").split(";")[0].strip().lower()
    media = body.content.get(kind)
    if kind != _JSON or media is None or media.schema is None:
        return None  # forms carry text: what is wrong in JSON may be right there
    try:
        instance = json.loads(request.content)
    except ValueError:
        return Breach(rule="refuses-body", what="the body is no JSON", signature="no JSON", pointer=media.pointer)
    violations = schemas.violations(media.pointer, instance)
    if not violations:
        return None
    worst = min(violations, key=lambda v: _lenient(v, instance))
    names = broken_properties(case)
    return Breach(
        rule="refuses-body",
        what=f"{worst.instance or '/'}: {worst.message}"[:300],
        signature=f"{worst.keyword} at {worst.place or '/'}",
        pointer=media.pointer,
        properties=names,
        lenient=_lenient(worst, instance),
    )


def _lenient(violation: SchemaViolation, instance: Any) -> bool:
    """A scalar of another type may be converted, and null may stand for nothing."""
    if violation.keyword not in {"type", "anyOf", "oneOf"}:
        return False
    value = instance
    for part in violation.instance.split("/")[1:]:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, IndexError, ValueError, TypeError):
            return True
    return value is None or (
        isinstance(value, str | int | float | bool)
        and "is not of type" in violation.message
        and any(f"'{name}'" in violation.message for name in _SCALARS)
    )


def verb_of(found: Breach, exchange: Exchange) -> Verb:
    """How binding it was to refuse: storing what the contract forbids breaks a *must*, ignoring it a *should*."""
    if found.lenient:
        return Verb.SHOULD
    if found.rule != "refuses-body" or not found.properties:
        return Verb.MUST
    return Verb.MUST if _echoed(found.properties, exchange) or "required at" in found.signature else Verb.SHOULD


def _echoed(names: frozenset[str], exchange: Exchange) -> bool:
    """Return whether the answer contains one of the invalid values as it was sent."""
    try:
        sent, came = parse(exchange.request.content or b"null"), exchange.json()
    except ValueError:
        return False
    if not isinstance(sent, dict) or not isinstance(came, dict):
        return False
    return any(n in sent and n in came and equal(sent[n], came[n]) for n in names)
