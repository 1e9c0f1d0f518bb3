"""Describes what was invalid in a request on which the server failed, or that nothing was.

Called only after a server failed, so it may take time.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation, Parameter, SchemaChecker
    from conformance.contract.validate import SchemaViolation
    from conformance.wire.exchanges.exchange import Exchange

VALID: Final = "a valid request"
NOT_THERE: Final = "an object that is not there"
NO_KEY: Final = "a request without a key"
OTHER_KEY: Final = "a request with another key"
SPOILED: Final = "a spoiled request"
# What a server keeps a whole number in, and how deep, long and large what people write gets.
BITS: Final = 1 << 63
DEEP: Final = 64
LONG: Final = 100_000
MOST: Final = 100
_JSON: Final = "application/json"
_KEYS: Final = frozenset({"authorization", "cookie"})
_EXPECTED: Final = re.compile(r"is not of types? (.+)$", re.DOTALL)
_WHOLE: Final = re.compile(r"\s*[+-]?\d+\s*")


@dataclass(frozen=True, slots=True)
class Deed:
    """What a request was.

    Attributes:
        valid: the contract allows it, and nothing in it is more than any server can take.
        what: ``/selectedItems: list for object``; ``a valid request``.
    """

    valid: bool
    what: str


def deed_of(exchange: Exchange, schemas: SchemaChecker) -> Deed:
    """Return what was done to a request: as its sender says, or else as its bytes show."""
    operation, request = exchange.operation, exchange.request
    if operation is None:
        return Deed(valid=False, what=SPOILED)
    found = next(_spoiled(exchange, operation, schemas), None)
    if found is not None:
        return Deed(valid=False, what=found[:MOST])
    if request.spoiled:
        return Deed(valid=False, what=(request.deed or SPOILED)[:MOST])
    if exchange.role == "anonymous" and operation.secured:
        # what a test sends as nobody may carry a key all the same: that of somebody who was removed, say
        keyed = any(name.lower() in _KEYS for name, _ in request.headers)
        return Deed(valid=False, what=OTHER_KEY if keyed else NO_KEY)
    return Deed(valid=True, what=(request.deed or VALID)[:MOST])


def _spoiled(exchange: Exchange, operation: Operation, schemas: SchemaChecker) -> Iterator[str]:
    query = parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True)
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name in exchange.path_values:
            yield from _text(parameter, f"{{{parameter.name}}}", unquote(exchange.path_values[parameter.name]))
        elif parameter.location == "query":
            for name, value in query:
                if name == parameter.name:
                    yield from _text(parameter, f"?{name}", value)
    yield from _body(exchange, operation, schemas)


def _text(parameter: Parameter, place: str, text: str) -> Iterator[str]:
    """What is wrong with a value in an address."""
    types = parameter.schema.get("type")
    names = {types} if isinstance(types, str) else set(types or ())
    if "\0" in text:
        yield f"{place}: NUL"
    elif _WHOLE.fullmatch(text) and abs(int(text[:5000])) >= BITS:
        yield f"{place}: beyond 64 bits"
    elif len(text) > LONG:
        yield f"{place}: very long"
    elif names == {"integer"} and not _WHOLE.fullmatch(text):
        yield f"{place}: text for integer"
    elif names and (allowed := parameter.schema.get("enum")) and text not in map(str, allowed):
        yield f"{place}: none of its values"


def _body(exchange: Exchange, operation: Operation, schemas: SchemaChecker) -> Iterator[str]:
    request, body = exchange.request, operation.body
    kind = next((v for n, v in request.headers if n.lower() == "content-type"), "").split(";")[0].strip().lower()
    if not request.content:
        if body is not None and body.required:
            yield "no body"
        return
    if body is None:
        return  # nothing is said of a body
    media = body.content.get(kind)
    if media is None:
        yield f"a body of the type {kind or 'nothing'}"
        return
    if kind != _JSON:
        if b"\0" in request.content and not kind.startswith("multipart/"):
            yield "NUL in the body"
        return
    try:
        value = json.loads(request.content)
    except RecursionError:
        yield "deep JSON"
        return
    except ValueError:
        yield "no JSON"
        return
    yield from _excess(value)
    if media.schema is not None:
        broken = sorted(schemas.violations(media.pointer, value), key=lambda v: (v.place, v.keyword))
        yield from (_violated(v, value) for v in broken)


def _excess(value: Any) -> Iterator[str]:
    """Places that hold more than a server can be expected to take, though no schema says so."""
    waiting: list[tuple[str, int, Any]] = [("", 0, value)]
    while waiting:
        place, depth, item = waiting.pop()
        if depth > DEEP:
            yield "deep JSON"
            return
        if isinstance(item, dict):
            waiting += [(f"{place}/{key}", depth + 1, inner) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{place}/*", depth + 1, inner) for inner in item]
        elif (said := _too_much(item)) is not None:
            yield f"{place or '/'}: {said}"


def _too_much(item: object) -> str | None:
    said = None
    match item:
        case int() if abs(item) >= BITS:
            said = "beyond 64 bits"
        case float() if not math.isfinite(item):
            said = "no finite number"
        case str() if "\0" in item:
            said = "NUL"
        case str() if len(item) > LONG:
            said = "very long"
        case str() if any("\ud800" <= c <= "\udfff" for c in item):
            said = "lone surrogate"
    return said


def _violated(violation: SchemaViolation, whole: Any) -> str:
    place = violation.place or "/"
    if violation.keyword == "required":
        return f"{place}: without {violation.message.split(' is a required')[0]}"
    kind = kind_of(_at(whole, violation.instance))
    expected = _EXPECTED.search(violation.message)
    if expected is not None:
        return f"{place}: {kind} for {expected[1].replace(chr(39), '')}"
    return f"{place}: {kind}, {violation.keyword}"


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


_KINDS: Final[tuple[tuple[type, str], ...]] = (
    (type(None), "null"),
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "text"),
    (list, "list"),
    (dict, "object"),
)


def kind_of(value: object) -> str:
    """The JSON type of a value, in a word; of what no JSON holds (a generator has such), that it is something."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something")
