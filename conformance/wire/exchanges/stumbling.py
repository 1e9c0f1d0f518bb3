"""Finds the answer that made a test raise, and tells Python's error as what the answer lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.errors import ConformanceError
from conformance.wire.exchanges.answers import NOTHING, AnswerLacks, last_read, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.contract import Contract
    from conformance.wire.exchanges.answers import Answered

# Mistakes of ours that no answer leads to; and what is the machine's doing.
_OURS: Final = (NameError, ImportError, MemoryError, OSError, SystemError, NotImplementedError)


def stumbled(problem: BaseException | None, exchanges: Sequence[Answered], contract: Contract) -> AnswerLacks | None:
    """Return what an answer lacks, if that is why a test ended with this problem; None for any other reason.

    Args:
        problem: what the test raised.
        exchanges: of the test, in order.
        contract: tells what was to be expected.
    """
    if isinstance(problem, AnswerLacks):
        return problem
    if not isinstance(problem, Exception) or isinstance(problem, (ConformanceError, *_OURS)):
        return None
    last = next((e for e in reversed(exchanges) if e.response is not None), None)
    read = last_read()
    if read is None:
        read = (last, "") if last is not None else None
    elif last is not None and last.content_type and "json" not in last.content_type and last is not read[0]:
        read = (last, "")  # what is no JSON is read as a whole, and leaves no trace
    if read is None:
        return None
    exchange, pointer = read
    got, pointer = _at(exchange, pointer)
    return AnswerLacks(
        exchange,
        pointer,
        expected=promised(contract, exchange, pointer),
        got=f"{told(got)}, of which nothing could be made ({type(problem).__name__}: {str(problem)[:100]})",
    )


def _at(exchange: Answered, pointer: str) -> tuple[object, str]:
    """The value at a pointer, or the last one on the way to it that is there."""
    try:
        value = exchange.plain()
    except (ValueError, RecursionError):
        return exchange.text[:100], ""
    gone = ""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if part == "*":
            break
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (LookupError, TypeError, ValueError):
            return NOTHING, f"{gone}/{part}"
        gone += f"/{part}"
    return value, gone


def promised(contract: Contract, exchange: Answered, pointer: str) -> str:
    """Return what the contract says of a place in an answer, in a few words."""
    operation = exchange.operation
    response = operation.responses.get(exchange.status) if operation else None
    media = next((m for n, m in response.content.items() if "json" in n), None) if response else None
    schema: Any = media.schema if media else None
    for part in pointer.split("/")[1:]:
        schema = _below(_resolved(contract, schema), part)
    names = _types(contract, schema)
    return " or ".join(dict.fromkeys(names)) or "something that a client can use"


def _resolved(contract: Contract, schema: Any) -> Mapping[str, Any]:
    for _ in range(20):
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            found: Any = contract.document
            for part in str(schema["$ref"]).split("/")[1:]:
                found = found.get(part.replace("~1", "/").replace("~0", "~"), {})
            schema = found
            continue
        parts = schema.get("allOf")
        if not (isinstance(parts, list) and parts and "properties" not in schema):
            break
        schema = parts[0]
    return schema if isinstance(schema, dict) else {}


def _below(schema: Mapping[str, Any], part: str) -> Any:
    if part.isdecimal() or part == "*":
        return schema.get("items") or schema.get("additionalProperties")
    found = (schema.get("properties") or {}).get(part.replace("~1", "/").replace("~0", "~"))
    if found is not None:
        return found
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) else None


def _types(contract: Contract, schema: Any) -> list[str]:
    known = _resolved(contract, schema)
    kinds = known.get("type")
    if isinstance(kinds, str):
        return [kinds]
    if isinstance(kinds, list):
        return [str(k) for k in kinds]
    return [t for each in known.get("anyOf") or known.get("oneOf") or () for t in _types(contract, each)]
