"""Writes an OpenAPI document in its canonical form: one text for one contract.

``spec/openapi.yaml`` is edited by hand and by tools, and reviewed line by line. That only works if the same
facts always give the same text. :func:`canonicalise` puts every mapping of a document into one order
(keywords in a fixed order, names in alphabetical order), :func:`canonical_text` writes it down in one style.
A committed contract is a fixed point: reading the file and writing it again gives the file.

The meaning of a document never changes: only orders that OpenAPI gives no meaning are touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import yaml

__all__ = ["canonical_text", "canonicalise"]

# A value as JSON and YAML know it; its shape is checked by the OpenAPI validator, not here.
Json: TypeAlias = Any

_DOCUMENT = ("openapi", "info", "servers", "security", "tags", "paths", "components")
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_OPERATION = (
    *("operationId", "tags", "summary", "x-edition", "security"),
    *("parameters", "requestBody", "responses"),
)
_PARAMETER = ("$ref", "name", "in", "required", "style", "explode", "schema", "content")
_BODY = ("$ref", "description", "required", "headers", "content")
_SCHEMA = (
    *("$ref", "type", "format", "enum", "const", "default"),
    *("minLength", "maxLength", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    *("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    *("allOf", "anyOf", "oneOf", "not"),
)
_COMPONENTS = ("securitySchemes", "parameters", "requestBodies", "responses", "schemas")
_PLACES = ("path", "query", "header", "cookie")


def canonical_text(document: Mapping[str, Json]) -> str:
    """Return the one text that stands for ``document``, as YAML with a final line break."""
    return yaml.dump(
        canonicalise(document),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        indent=2,
        width=2**31,
    )


def canonicalise(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return an equal document whose mappings and order-free lists are in canonical order."""
    return _keyed(
        document,
        _DOCUMENT,
        {
            "tags": lambda tags: sorted((_keyed(t, ("name",), {}) for t in tags), key=lambda t: t["name"]),
            "paths": lambda paths: _named(paths, _path_item),
            "components": _components,
        },
    )


def _components(components: Mapping[str, Json]) -> dict[str, Json]:
    walkers: dict[str, Callable[[Json], Json]] = {
        "parameters": _parameter,
        "requestBodies": _body,
        "responses": _body,
        "schemas": _schema,
    }
    return {
        section: _named(components[section], walkers.get(section, _same))
        for section in sorted(components, key=_rank(_COMPONENTS))
    }


def _path_item(item: Mapping[str, Json]) -> dict[str, Json]:
    return _keyed(item, _METHODS, {**dict.fromkeys(_METHODS, _operation), "parameters": _parameters})


def _operation(operation: Mapping[str, Json]) -> dict[str, Json]:
    return _keyed(
        operation,
        _OPERATION,
        {"parameters": _parameters, "requestBody": _body, "responses": lambda r: _named(r, _body)},
    )


def _parameters(parameters: Sequence[Json]) -> list[Json]:
    place = _rank(_PLACES)
    return sorted(
        map(_parameter, parameters),
        key=lambda p: (place(p.get("in", "")), p.get("name", ""), p.get("$ref", "")),
    )


def _parameter(parameter: Mapping[str, Json]) -> dict[str, Json]:
    return _keyed(parameter, _PARAMETER, {"schema": _schema, "content": _content})


def _body(body: Mapping[str, Json]) -> dict[str, Json]:
    """Order a request body or a response: both are a description and a content."""
    return _keyed(body, _BODY, {"content": _content})


def _content(content: Mapping[str, Json]) -> dict[str, Json]:
    return _named(content, lambda media: _keyed(media, ("schema",), {"schema": _schema}))


def _schemas(schemas: Json) -> Json:
    return [_schema(s) for s in schemas]


def _schema(schema: Json) -> Json:
    if not isinstance(schema, Mapping):  # true and false are schemas, too
        return schema
    return _keyed(
        schema,
        _SCHEMA,
        {
            **dict.fromkeys(("items", "additionalProperties", "not"), _schema),
            **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
            "properties": lambda properties: _named(properties, _schema),
            "required": sorted,
            "type": lambda t: t if isinstance(t, str) else sorted(t, key=lambda name: (name == "null", name)),
        },
    )


def _keyed(
    value: Mapping[str, Json], order: Sequence[str], inner: Mapping[str, Callable[[Json], Json]]
) -> dict[str, Json]:
    """Order a mapping of keywords: the known ones as in ``order``, the others after them by name."""
    return {key: inner.get(key, _same)(value[key]) for key in sorted(value, key=_rank(order))}


def _named(value: Mapping[str, Json], inner: Callable[[Json], Json]) -> dict[str, Json]:
    """Order a mapping of names (paths, properties, components, status codes) by name."""
    return {name: inner(value[name]) for name in sorted(value)}


def _rank(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    places = {key: place for place, key in enumerate(order)}
    return lambda key: (places.get(key, len(order)), key)


def _same(value: Json) -> Json:
    return value


class _Dumper(yaml.SafeDumper):
    """Writes plain block YAML: no anchors, no aliases, lists indented below their key."""

    def ignore_aliases(self, data: Json) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, False)
