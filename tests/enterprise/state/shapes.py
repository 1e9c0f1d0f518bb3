"""Fits what the model knows into the shape that the contract gives an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.contract import Contract, Operation

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()
# a value of it is shown by no answer
HIDDEN: Any = type("Hidden", (), {"__repr__": lambda _: "HIDDEN"})()
Schema = dict[str, Any]
_TEXTS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "email": "nobody@example.com",
    "decimal": "0.00",
}
_PLAIN: dict[str, Callable[[Schema], Any]] = {
    "string": lambda s: _TEXTS.get(s.get("format", ""), "").ljust(int(s.get("minLength", 0)), "-"),
    "integer": lambda s: int(s.get("minimum", 0)),
    "number": lambda s: float(s.get("minimum", 0)),
    "boolean": lambda _: False,
    "array": lambda _: [],
    "null": lambda _: None,
}


def now() -> str:
    """This moment as answers have it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Shapes:
    """Schemas of the contract as moulds.

    Args:
        contract: whose schemas.
        expand: what an object is that only its identity stands for: from name of the component and identity.
    """

    def __init__(self, contract: Contract, expand: Callable[[str, Any], Mapping[str, Any] | None]) -> None:
        self._components: Mapping[str, Any] = contract.document["components"]["schemas"]
        self._expand = expand

    def answer(self, operation: Operation, status: int, known: Any) -> Any:
        """The body of an answer, made of what is known."""
        media = operation.responses[status].content.get("application/json")
        return self.fill(media.schema, known) if media and media.schema else known

    def fill(self, schema: Any, known: Any = MISSING) -> Any:
        """A value of this schema: what is known where it fits, else the default, null, or the plainest there is."""
        name, schema = self.resolve(schema)
        for part in schema.get("allOf", ()):
            return self.fill(part, known)
        choices = list(self.choices(schema))
        if known is MISSING or (known is None and not any("null" in types(c) for c in choices)):
            return self._plainest(schema, choices)
        fitting = [c for c in choices if _is(types(c), known)] or choices
        chosen = fitting[0]
        if "properties" in chosen:
            return self._object(name or self._named(schema), chosen, known)
        return self._simple(chosen, known)

    def _simple(self, schema: Schema, known: Any) -> Any:
        if isinstance(known, list) and "items" in schema:
            return [self.fill(schema["items"], item) for item in known]
        if types(schema) == ["object"] and isinstance(known, int):
            return {"id": known}
        part = schema.get("additionalProperties")
        if isinstance(known, dict) and isinstance(part, dict):
            return {key: self.fill(part, value) for key, value in known.items()}
        if "string" in types(schema) and "enum" not in schema and not isinstance(known, str | None):
            return "" if isinstance(known, list | dict) else str(known).lower()
        if isinstance(known, str) and types(schema) and "string" not in types(schema):
            return int(known) if known.isdigit() and "integer" in types(schema) else self._plainest(schema, [schema])
        return known

    def _object(self, name: str, schema: Schema, known: Any) -> Any:
        if not isinstance(known, dict):
            known = self._expand(name, known) or {"id": known}
        return {
            key: self.fill(part, known.get(key, MISSING))
            for key, part in schema["properties"].items()
            if known.get(key) is not HIDDEN and not part.get("writeOnly")
        }

    def _plainest(self, schema: Schema, choices: list[Schema]) -> Any:
        if "default" in schema:
            return schema["default"]
        if not choices or any("null" in types(c) for c in choices):
            return None
        first = choices[0]
        if "enum" in first:
            return first["enum"][0]
        if "properties" in first:
            return self._object(self._named(schema), first, {})
        kind = next(iter(types(first)), "")
        return _PLAIN[kind](first) if kind in _PLAIN else ({} if kind == "object" else None)

    def choices(self, schema: Schema) -> Iterator[Schema]:
        """The alternatives of a schema, resolved; itself where there are none."""
        parts = schema.get("anyOf") or schema.get("oneOf")
        if parts is None:
            yield schema
            return
        for part in parts:
            yield from self.choices(self.resolve(part)[1])

    def resolve(self, schema: Any) -> tuple[str, Schema]:
        """The name of the component that a schema refers to (empty: none), and what it says."""
        name = ""
        while isinstance(schema, dict) and "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._components[name]
        return name, schema if isinstance(schema, dict) else {}

    def _named(self, schema: Schema) -> str:
        """The name of the first alternative that is a component."""
        for part in schema.get("anyOf") or schema.get("oneOf") or ():
            if "$ref" in part:
                return str(self.resolve(part)[0])
        return ""


def types(schema: Schema) -> list[str]:
    """The JSON types that a schema names; empty where any will do."""
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _is(kinds: list[str], value: Any) -> bool:
    """Is the value of one of these JSON types?"""
    if not kinds:
        return True
    found = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return any(found.get(kind, False) for kind in kinds)
