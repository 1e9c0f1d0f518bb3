"""Bodies with every field set, and a second value for each: ``spec/rich.yaml`` as single requests take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.requests.rich import load_rich

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Contract, Operation
    from conformance.contract.tables.resources import Kind, Resources
    from conformance.properties.generation.objects import Objects

ONE: Final = ("x", 0.0)
OTHER: Final = ("y", 0.015625)
"""What stands for the place in texts, and what numbers with a fraction are moved by: two bodies that share no value."""


def rich_body(kind: str, variant: tuple[str, float] = ONE) -> Any:
    """The body of the first rich object of a kind, with references to the world's objects; None where there is none."""
    objects = load_rich()["objects"]
    kinds = {o["name"]: o["kind"] for o in objects}
    first = next((o["json"] for o in objects if o["kind"] == kind and "json" in o and "request" not in o), None)
    return _varied(first, kinds, variant)


def _varied(value: Any, kinds: Mapping[str, str], variant: tuple[str, float]) -> Any:
    letter, moved = variant
    match value:
        case dict():
            return {k.replace("§", letter): _varied(v, kinds, variant) for k, v in value.items()}
        case list():
            return [_varied(v, kinds, variant) for v in value]
        case float():
            return value + moved
        case str() if value.startswith("$"):
            kind = kinds.get(value[1:])
            return value if kind is None else "$me" if kind == "user" else f"${kind}"
        case str():
            return value.replace("§", letter).replace("¤", letter)
    return value


def kind_of(resources: Resources, operation: Operation) -> Kind | None:
    """Return what a body is about: what is made or changed by it, or (validation) what its neighbour makes."""
    beside = f"{operation.id.rpartition('.')[0]}.create"
    return next(
        (k for k in resources.kinds.values() if operation.id == k.create),
        next((k for k in resources.kinds.values() if k.create == beside), None),
    )


def resolved(value: Any, world: Objects) -> Any:
    """A body with real objects in it."""
    if isinstance(value, dict):
        return {k: resolved(v, world) for k, v in value.items()}
    if isinstance(value, list):
        return [resolved(v, world) for v in value]
    return load_rich()["config"] if value == "$config" else world.resolve(value)


def properties(contract: Contract, operation: Operation, *, followed: bool = True) -> dict[str, Mapping[str, Any]]:
    """The documented fields of an operation's JSON body, with their schemas: references followed, or as written."""
    media = operation.body.content.get("application/json") if operation.body else None
    schema = _followed(contract, media.schema) if media is not None and media.schema is not None else {}
    fields: dict[str, Mapping[str, Any]] = dict(schema.get("properties", {}))
    return {name: _followed(contract, field) for name, field in fields.items()} if followed else fields


def nullable(contract: Contract, schema: Mapping[str, Any]) -> bool:
    """Whether a field may be null, and says so."""
    schema = contract.followed(schema)
    types = schema.get("type")
    choices = [contract.followed(choice) for choice in schema.get("anyOf", ())]
    return (isinstance(types, list) and "null" in types) or any(c.get("type") == "null" for c in choices)


def _followed(contract: Contract, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = contract.followed(schema)
    while "anyOf" in schema:
        choices = [c for c in schema["anyOf"] if c.get("type") != "null"]
        if len(choices) != 1:
            break
        schema = contract.followed(choices[0])
    return schema


def documented_values(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Each value of an enum, and both of a boolean."""
    kind = schema.get("type")
    if "enum" in schema:
        yield from (v for v in schema["enum"] if v is not None)
    elif kind == "boolean" or (isinstance(kind, list) and "boolean" in kind):
        yield from (True, False)
