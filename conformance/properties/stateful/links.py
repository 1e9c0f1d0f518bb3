"""Reduces the contract to one family, and adds OpenAPI links from answers to the operations on their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from conformance.contract.tables.requests.prepared import NOTHING, load_requests
from conformance.contract.tables.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.properties.stateful.families import Family

# Whichever 2xx it is: a link is about what was done, not about the number.
SUCCESS = "2XX"


def linked_document(family: Family) -> dict[str, Any]:
    """An OpenAPI document of the family's operations.

    Parameters and bodies are those of ``spec/requests.yaml``: what is generated has the shape of a valid request, and
    what names an object can be linked. The links are those of the resource graph; Schemathesis infers more.
    """
    contract = load_contract()
    document = {k: v for k, v in contract.document.items() if k not in {"paths", "components"}}
    components = contract.document["components"]
    paths: dict[str, Any] = {}
    for operation in family.operations:
        published = contract.document["paths"][operation.path][operation.method.lower()]
        template = family.template(operation.id)
        node: dict[str, Any] = {
            "operationId": operation.id,
            "parameters": [
                *(
                    {"name": s, "in": "path", "required": True, "schema": {"type": "integer"}}
                    for s in operation.slots
                    if "{" + s + "}" in family.path(operation)
                ),
                *(
                    {"name": n, "in": "query", "required": True, "schema": _shape(v, family)}
                    for n, v in template.query.items()
                ),
            ],
            "responses": {SUCCESS: _response(operation, published, family)},
        }
        if isinstance(template.json, dict):
            node["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": _shape(template.json, family)}},
            }
        paths.setdefault(family.path(operation), {})[operation.method.lower()] = node
    return {**document, "paths": paths, "components": components}


def _shape(value: Any, family: Family) -> dict[str, Any]:
    """A schema that has the values of a template, and integers where it names objects of the family."""
    if isinstance(value, dict):
        return {
            "type": "object",
            "properties": {k: _shape(v, family) for k, v in value.items()},
            "required": list(value),
            "additionalProperties": False,
        }
    if isinstance(value, str) and value.startswith("$") and value[1:] in family.kinds:
        return {"type": "integer"}
    if isinstance(value, list) and value:
        return {"type": "array", "items": _shape(value[0], family), "minItems": 1, "maxItems": 1}
    return {"const": value}


def _response(operation: Operation, published: dict[str, Any], family: Family) -> dict[str, Any]:
    documented = published["responses"].get(str(operation.success[0])) if operation.success else None
    made: dict[str, Any] = {"description": "Done"}
    if documented and "content" in documented:
        made["content"] = documented["content"]
    links = dict(_links(operation, family))
    return {**made, "links": links} if links else made


def _links(source: Operation, family: Family) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, expression in _shows(source, family):
        for target in family.operations:
            link = _link(kind, expression, target, family)
            if link is None:
                continue
            for slot, other in family.resources.slot_kinds(target).items():
                mine = next((s for s, k in family.resources.slot_kinds(source).items() if k == other), None)
                if other != kind and other in family.kinds and mine is not None:
                    link["parameters"][f"path.{slot}"] = f"$request.path.{mine}"
            yield f"{kind} {target.id}", {"operationId": target.id, **link}


def _shows(source: Operation, family: Family) -> Iterator[tuple[str, str]]:
    """Kinds that a successful answer names an object of, and where it does."""
    resources = family.resources
    for name in family.kinds:
        kind = resources.kinds[name]
        if source.id in {kind.create, kind.read}:
            yield name, f"$response.body#/{kind.identity}"
        for operation_id, listing in load_rules().lists.items():
            if operation_id == source.id and listing.kind == name:
                yield name, f"$response.body#{listing.at.replace('*', '0')}/{kind.identity}"
        maker = load_requests().makers.get(name)
        if maker is not None and maker.operation == source.id:
            yield name, f"$response.body#{maker.at.replace('*', '0')}"
        # what was removed, changed or used can be asked for again
        last = source.slots[-1] if source.slots else None
        if last is not None and resources.slot_kinds(source).get(last) == name and source.id != kind.read:
            yield name, f"$request.path.{last}"


def _link(kind: str, expression: str, target: Operation, family: Family) -> dict[str, Any] | None:
    """How the target names an object of the kind: in its path, its query or its body."""
    template = family.template(target.id)
    for slot, named in family.resources.slot_kinds(target).items():
        if named == kind:
            return {"parameters": {f"path.{slot}": expression}}
    for name, value in template.query.items():
        if value == f"${kind}":
            return {"parameters": {f"query.{name}": expression}}
    if template.json is not NOTHING and isinstance(template.json, dict):
        for name, value in template.json.items():
            if value in (f"${kind}", [f"${kind}"]):
                filled: Any = [expression] if isinstance(value, list) else expression
                return {"parameters": {}, "requestBody": {name: filled}}
    return None
