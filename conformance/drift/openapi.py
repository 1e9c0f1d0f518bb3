"""Reads OpenAPI 3 and Swagger 2 documents: our contract is one, targets publish the others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.contract.model import anonymous
from conformance.drift.shape import ANYTHING, DEPTH, Described, Description, Parameter, Shape
from conformance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_JSON = "application/json"


def read_document(document: Any, source: str, *, of_edition: str | None = None) -> Description:
    """Bring a document to what can be compared.

    Args:
        document: parsed JSON or YAML.
        source: who says so, for people.
        of_edition: only operations and properties of this edition, where the document marks them (``x-edition``).

    Raises:
        InputError: it is neither OpenAPI 3 nor Swagger 2.
    """
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise InputError(
            f"{source}: this is no OpenAPI document: it has no paths.",
            hint="Name the URL of a target, or a file with its OpenAPI 3 or Swagger 2 document.",
        )
    reader = _Reader(document, of_edition)
    return Description(source=source, operations=dict(reader.operations()))


def key_of(method: str, path: str) -> str:
    """The key of an operation: of names of slots and of the slash at the end, descriptions are unsure."""
    return f"{method.upper()} {anonymous(path)}"


class _Reader:
    """One document and the edition that it is read for."""

    def __init__(self, document: Mapping[str, Any], edition: str | None) -> None:
        self._document = document
        self._edition = edition
        self._base = str(document.get("basePath") or "").rstrip("/")

    def operations(self) -> Iterator[tuple[str, Described]]:
        for path, item in self._document["paths"].items():
            for method, node in item.items() if isinstance(item, dict) else ():
                if method in _METHODS and isinstance(node, dict) and self._ours(node):
                    shared = _list(item, "parameters")
                    yield (
                        key_of(method, self._base + str(path)),
                        self._operation(f"{method.upper()} {path}", node, shared),
                    )

    def _ours(self, node: Mapping[str, Any]) -> bool:
        return self._edition is None or node.get("x-edition", self._edition) == self._edition

    def _operation(self, label: str, node: Mapping[str, Any], shared: list[Any]) -> Described:
        parameters = [self._resolved(p) for p in [*shared, *_list(node, "parameters")]]
        return Described(
            name=str(node.get("operationId") or label),
            parameters={
                str(p["name"]): Parameter(required=bool(p.get("required")), shape=self._shape(p.get("schema") or p))
                for p in parameters
                if p.get("in") == "query" and "name" in p
            },
            body=self._body(node, parameters),
            answer=self._answer(node),
        )

    def _body(self, node: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> Shape | None:
        swagger = next((p for p in parameters if p.get("in") == "body"), None)
        return self._content(self._resolved(node.get("requestBody") or {}) if swagger is None else swagger)

    def _answer(self, node: Mapping[str, Any]) -> Shape | None:
        responses = {str(status): response for status, response in _mapping(node, "responses").items()}
        for status in sorted(responses):
            if status.startswith("2"):
                found = self._content(self._resolved(responses[status] or {}))
                if found is not None:
                    return found
        return None

    def _content(self, node: Mapping[str, Any]) -> Shape | None:
        if "schema" in node:  # Swagger 2
            return self._shape(node["schema"])
        media = _mapping(node, "content").get(_JSON)
        return self._shape(_mapping(media, "schema")) if isinstance(media, dict) else None

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        met: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in met:  # it stands for itself, so it says nothing
                return {}
            met.add(node["$ref"])
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
            node = found
        return node if isinstance(node, dict) else {}

    def _shape(self, node: Any, depth: int = DEPTH) -> Shape:
        if not isinstance(node, dict) or depth == 0:
            return ANYTHING
        node = self._resolved(node)
        parts = [self._shape(part, depth) for part in _list(node, "allOf")]
        choices = [self._shape(part, depth) for part in _list(node, "anyOf") or _list(node, "oneOf")]
        return _joined([self._own(node, depth), *parts, *([_either(choices)] if choices else [])])

    def _own(self, node: Mapping[str, Any], depth: int) -> Shape:
        given = node.get("type")
        types = {kind for kind in (given if isinstance(given, list) else [given]) if isinstance(kind, str) and kind}
        values = list(_list(node, "enum"))
        values += [node["const"]] if "const" in node else []
        properties = {
            name: self._shape(schema, depth - 1)
            for name, schema in _mapping(node, "properties").items()
            if isinstance(schema, dict) and self._ours(schema)
        }
        required = frozenset(map(str, _list(node, "required"))) & frozenset(properties)
        null = "null" in types or bool(node.get("nullable") or node.get("x-nullable")) or None in values
        return Shape(
            types=frozenset(types - {"null"}) or (frozenset({"object"}) if properties else frozenset()),
            nullable=null,
            values=frozenset(_text(v) for v in values if v is not None),
            properties=properties,
            required=required,
            optional=frozenset(properties) - required,
            items=self._shape(node["items"], depth - 1) if "items" in node else None,
        )


def _list(node: Mapping[str, Any], name: str) -> list[Any]:
    """What a document lists there; nothing where it has something else: a parameter of Swagger 2 is required or not."""
    value = node.get(name)
    return value if isinstance(value, list) else []


def _mapping(node: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _joined(parts: list[Shape]) -> Shape:
    """All of them hold."""
    required = frozenset().union(*(p.required for p in parts))
    return Shape(
        types=frozenset().union(*(p.types for p in parts)),
        nullable=any(p.nullable for p in parts),
        values=frozenset().union(*(p.values for p in parts)),
        properties={name: shape for p in parts for name, shape in p.properties.items()},
        required=required,
        optional=frozenset().union(*(p.optional for p in parts)) - required,
        items=next((p.items for p in parts if p.items is not None), None),
    )


def _either(choices: list[Shape]) -> Shape:
    """One of them holds: what only some say is not said by all."""
    real = [c for c in choices if c != Shape(nullable=True)]
    null = any(c.nullable for c in choices)
    if len(real) == 1:
        return replace(real[0], nullable=null)
    everywhere = all(c.types for c in real)
    return Shape(
        types=frozenset().union(*(c.types for c in real)) if everywhere else frozenset(),
        nullable=null,
        values=frozenset().union(*(c.values for c in real)) if all(c.values for c in real) else frozenset(),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
