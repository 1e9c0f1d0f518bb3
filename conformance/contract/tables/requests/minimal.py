"""Makes the smallest body that a schema allows, with a reference (``$project``) wherever a field names an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Contract, Operation
    from conformance.contract.tables.resources import Resources

JSON = "application/json"
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "decimal": "1",
    "email": "ann@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# What a person would change first; none of them has consequences elsewhere.
_CHANGED = ("title", "name", "label", "text", "comment", "verbose_reason", "first_name", "description")
_DEEPEST = 5


def minimal_json(
    contract: Contract, resources: Resources, fields: Mapping[str, str], operation: Operation
) -> dict[str, Any] | None:
    """Return what ``operation`` is sent where nothing is written about it; None for no body.

    Args:
        contract: whose schemas.
        resources: which fields name objects.
        fields: fields that name an object which no request makes, and their reference.
        operation: takes the body.
    """
    media = operation.body.content.get(JSON) if operation.body else None
    if operation.body is None or media is None or media.schema is None:
        return None
    derive = _Derivation(contract, resources, fields, operation.id)
    schema = derive.followed(media.schema)
    if operation.method == "PATCH" and not schema.get("required"):
        name = next((n for n in _CHANGED if n in schema.get("properties", {})), None)
        return {name: "$new"} if name else {}
    if not operation.body.required and not schema.get("required"):
        return None
    found = derive.value("", schema)
    return found if isinstance(found, dict) else None


class _Derivation:
    def __init__(self, contract: Contract, resources: Resources, fields: Mapping[str, str], operation_id: str) -> None:
        self._schemas = contract.document["components"]["schemas"]
        self._resources = resources
        self._fields = fields
        self._operation_id = operation_id

    def followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def value(self, name: str, schema: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: PLR0911 - one per type
        """A value for the field ``name``; only what is required is in it."""
        schema = self.followed(schema)
        kind = self._resources.field_kind(self._operation_id, name)
        reference = self._fields.get(name) or (f"${kind}" if kind else None)
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            choices = [c for c in schema["anyOf"] if c.get("type") != "null"]
            return self.value(name, choices[0], depth) if choices else None
        types = schema.get("type")
        match types[0] if isinstance(types, list) else types:
            case "object":
                properties = schema.get("properties", {})
                return {n: self.value(n, properties.get(n, {}), depth + 1) for n in schema.get("required", ())}
            case "array":
                items = schema.get("items") or {}
                return [self.value(name, items, depth + 1)] if items and depth < _DEEPEST else []
            case "integer" | "number":
                return reference or schema.get("minimum", 1)
            case "boolean":
                return False
            case "string":
                return FORMATS.get(schema.get("format", ""), "$new")
        return {}
