"""Puts real objects into generated cases, except where a case is invalid on purpose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.requests.prepared import NOTHING
from conformance.properties.generation.bodies import kind_of, resolved, rich_body
from conformance.properties.generation.sparing import speaks_for_field

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import Template
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.properties.generation.objects import Objects
    from conformance.wire import Wire

_PROPERTY = re.compile(r"/properties/([^/\s]+)")
_REQUIRED = re.compile(r"required property: (\S+)")
_DEEPEST = 4
JSON = "application/json"


def bind(case: GeneratedCase, world: Objects, wire: Wire) -> None:
    """Replace, in place, what names an object or has to mean something; broken parts stay as they are.

    Raises:
        CannotMake: an object could not be made.
        PeerUnavailable: a service is not to be had.
    """
    template = world.requests[case.operation.id]
    # an answer must not depend on what other tests happened to make before
    world.provide(case.operation.id)
    if case.symbolic:
        # children first: what they hang on is then theirs
        slots = [slot for slot in reversed(case.operation.slots) if slot in case.path]
        case.path = {slot: expanded(case.path[slot], world) for slot in slots}
        case.query, case.body = expanded(case.query, world), expanded(case.body, world)
        return
    _bind_path(case, world)
    _bind_query(case, world, wire, template)
    _bind_body(case, world, wire, template)


def escaped(value: Any) -> Any:
    """Return what was generated, so that no text in it is taken for a reference."""
    if isinstance(value, dict):
        return {k: escaped(v) for k, v in value.items()}
    if isinstance(value, list):
        return [escaped(v) for v in value]
    return f"${value}" if isinstance(value, str) and value.startswith("$") else value


def expanded(value: Any, world: Objects) -> Any:
    """Return what was written down, with real objects for its references."""
    if isinstance(value, dict):
        return {k: expanded(v, world) for k, v in value.items()}
    if isinstance(value, list):
        return type(value)(expanded(v, world) for v in value)
    if isinstance(value, str) and value.startswith("$$"):
        return value[1:]
    return world.resolve(value) if isinstance(value, str) else value


def _bind_path(case: GeneratedCase, world: Objects) -> None:
    if case.broken == "path" and case.parameter is None:
        return
    for slot, value in world.values(case.operation).items():
        if not (case.broken == "path" and case.parameter == slot):
            case.path[slot] = value


def _bind_query(case: GeneratedCase, world: Objects, wire: Wire, template: Template) -> None:
    if case.broken == "query" and case.parameter is None:
        return
    kinds = wire.resources.query
    for name, value in world.resolve(dict(template.query)).items():
        if not (case.broken == "query" and case.parameter == name):
            case.query[name] = value
    for name in case.query:
        if name in kinds and name not in template.query and not (case.broken == "query" and case.parameter == name):
            case.query[name] = world.get(kinds[name])
    if case.mode == "positive":
        # a schema does not say how many pages there are
        usual = {n: v for n, v in world.requests.parameters.items() if n in case.query and n not in template.query}
        case.query |= world.resolve(usual)


def broken_properties(case: GeneratedCase) -> frozenset[str]:
    """Names of the body's properties that are broken on purpose (or left out)."""
    if case.broken != "body":
        return frozenset()
    names = set(_PROPERTY.findall(case.place)) | set(_PROPERTY.findall(case.what)) | set(_REQUIRED.findall(case.what))
    return frozenset(names)


def _bind_body(case: GeneratedCase, world: Objects, wire: Wire, template: Template) -> None:
    if case.body is NOTHING:
        if case.mode == "positive" and template.json is not NOTHING:
            # "a body may be left out" is no request that anybody would send where there is one to send
            case.body, case.media_type = world.resolve(template.json), case.media_type or JSON
        return
    broken = broken_properties(case)
    if case.broken == "body" and not broken:
        # the whole body is broken: only what could lock us out is put right
        if isinstance(case.body, dict):
            case.body = {**case.body, **_pinned(world, template)}
        return
    # what was only derived from the schema is no better than what was generated from it
    given = {} if template.json is NOTHING or template.derived else world.resolve(template.json)
    if isinstance(case.body, dict) and isinstance(given, dict):
        case.body = _filled(case, case.body, given, world, wire)
        case.body.update(_pinned(world, template))
    elif isinstance(case.body, list) and isinstance(given, list) and given:
        case.body = [
            _filled(case, item, given[0], world, wire) if isinstance(item, dict) else item for item in case.body
        ] or ([] if case.broken == "body" else given)


def _pinned(world: Objects, template: Template) -> dict[str, Any]:
    if not template.pinned or not isinstance(template.json, dict):
        return {}
    return {name: world.resolve(template.json[name]) for name in template.pinned}


def _filled(
    case: GeneratedCase, body: dict[str, Any], given: dict[str, Any], world: Objects, wire: Wire
) -> dict[str, Any]:
    """A generated object with the given values over it, and real objects wherever a number names one."""
    broken = broken_properties(case)
    named = _Named(case.operation.id, world, wire)
    filled = {k: v if k in broken else named.real(k, v) for k, v in body.items()}
    if case.sensible:
        filled |= _usual(case.operation, filled, world, wire)
    filled.update({k: v for k, v in given.items() if k not in broken})
    return _sensible(filled, case, world) if case.mode == "positive" else filled


def _usual(operation: Operation, body: dict[str, Any], world: Objects, wire: Wire) -> dict[str, Any]:
    """Return what a user would send for the fields that another operation of the area speaks for."""
    kind = kind_of(wire.resources, operation)
    rich = rich_body(kind.name) if kind is not None else None
    if not isinstance(rich, dict):
        return {}
    return {
        name: resolved(rich[name], world)
        for name in body
        if name in rich and not speaks_for_field(operation, name) and not str(rich[name]).startswith("$peer")
    }


def _sensible(body: dict[str, Any], case: GeneratedCase, world: Objects) -> dict[str, Any]:
    """Fields that make sense with others only get those; what no generated value makes sense for is left out."""
    alone = world.requests[case.operation.id].alone
    kept = {k: v for k, v in body.items() if alone.get(k, {}) is not None}
    for name in [n for n in kept if n in alone]:
        kept |= world.resolve(dict(alone[name]))
    return kept


class _Named:
    """What the fields of an operation's body name."""

    def __init__(self, operation_id: str, world: Objects, wire: Wire) -> None:
        self._operation_id = operation_id
        self._world = world
        self._resources = wire.resources

    def real(self, name: str, value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one per shape
        """The value of a field, with real objects in place of numbers that name one."""
        reference = self._world.requests.fields.get(name)
        kind = self._resources.field_kind(self._operation_id, name)
        if reference is None and kind is None:
            if depth < _DEEPEST and isinstance(value, dict):
                return {k: self.real(k, v, depth + 1) for k, v in value.items()}
            if depth < _DEEPEST and isinstance(value, list):
                return [self.real("", v, depth + 1) for v in value]
            return value
        if isinstance(value, list):
            return [self.real(name, v, depth + 1) for v in value]
        if not isinstance(value, int) or isinstance(value, bool):
            return value
        if reference is not None:
            return self._world.resolve(reference)
        return self._world.get(str(kind))
