"""A valid instance for a schema of the contract, the plainest there is."""

from __future__ import annotations

from typing import Any

_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "email": "ann@example.com",
}
_DEEPEST = 6


def sample(schema: Any, document: dict[str, Any], depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one branch per keyword
    """An instance of ``schema``; optional properties are there as long as it does not get too deep."""
    if not isinstance(schema, dict):
        return {}
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            choices = [s for s in schema[key] if s.get("type") != "null"] or schema[key]
            return sample(choices[0], document, depth)
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= sample(part, document, depth)
        return merged
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    match kind:
        case "object":
            required = set(schema.get("required", ()))
            return {
                name: sample(part, document, depth + 1)
                for name, part in schema.get("properties", {}).items()
                if name in required or depth < _DEEPEST
            }
        case "array":
            return [sample(schema.get("items", {}), document, depth + 1)] * int(schema.get("minItems", 0))
        case "string":
            text = _FORMATS.get(schema.get("format", ""), "text")
            return text.ljust(int(schema.get("minLength", 0)), "x")[: int(schema.get("maxLength", 10_000))]
        case "integer":
            return int(schema.get("minimum", 1))
        case "number":
            return float(schema.get("minimum", 0.5))
        case "boolean":
            return False
        case "null":
            return None
    return {}
