"""Validates an instance against a schema of the contract; violations have pointers into both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from conformance.contract.load import escape
from conformance.contract.model import Edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    from conformance.contract.model import Contract

CONTRACT_URI = "urn:contract"
# Formats that a server's clients rely on and that have one reading; "uri" and "email" have many.
FORMATS = ("date-time", "date", "time", "uuid")
MOST = 20
# Keywords by which a schema goes one step down into an instance.
_DESCENDS = frozenset(
    {
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "items",
        "prefixItems",
        "unevaluatedItems",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaViolation:
    """One place where an instance breaks its schema.

    Attributes:
        instance: JSON pointer into the instance, ``/0/created_at``.
        place: the same without what differs from answer to answer: indices, and names that the schema doesn't know.
        schema: JSON pointer into the contract.
        keyword: ``type``, ``required``, ``format``, ...
        message: what is wrong, with the value shortened.
    """

    instance: str
    place: str
    schema: str
    keyword: str
    message: str

    @property
    def signature(self) -> str:
        """The same for each element of a list or a map; a missing property is named."""
        missing = f" {self.message.split(' is a required')[0]}" if self.keyword == "required" else ""
        return f"{self.keyword}{missing} at {self.place or '/'}"


class SchemaChecker:
    """Validates instances against schemas of one contract; compiled validators are kept.

    JSON Schema validation follows draft 2020-12, as OpenAPI 3.1 says.

    Args:
        contract: whose schemas.
        edition: what the target is. A Community server owes no property that the contract marks as Enterprise's
            (``x-edition`` on the property): there it may be absent, but if present it keeps to its schema.
    """

    def __init__(self, contract: Contract, edition: Edition = Edition.ENTERPRISE) -> None:
        document: Any = contract.document
        if edition is Edition.COMMUNITY:
            document = _without_required(document, lambda schema: schema.get("x-edition") == Edition.ENTERPRISE)
        self._document = document
        self._validators: dict[tuple[str, bool], Validator] = {}
        self._cls = validator_for({}, default=Draft202012Validator)

    @cached_property
    def _whole(self) -> Registry[Any]:
        return _registry(self._document)

    @cached_property
    def _partial(self) -> Registry[Any]:
        """The contract with nothing required: made only where a client asked for some of the fields."""
        return _registry(_without_required(self._document, lambda _: True))

    def violations(self, pointer: str, instance: Any, *, partial: bool = False) -> list[SchemaViolation]:
        """Return where ``instance`` breaks the schema at ``pointer`` (``#/paths/...``); empty if nowhere.

        At most 20 are returned: one broken serializer in a list of 1,000 says the same 1,000 times.

        Args:
            pointer: of the schema, within the contract.
            instance: a JSON value.
            partial: properties may be absent; those that are there keep to their schemas.
        """
        validator = self._validators.get((pointer, partial))
        if validator is None:
            validator = self._cls(
                {"$ref": CONTRACT_URI + _quoted(pointer)},
                registry=self._partial if partial else self._whole,
                format_checker=Draft202012Validator.FORMAT_CHECKER.__class__(FORMATS),
            )
            self._validators[pointer, partial] = validator
        resolver = (self._partial if partial else self._whole).resolver(CONTRACT_URI)

        def referred(ref: str) -> Any:
            return resolver.lookup(ref).contents

        found: dict[str, SchemaViolation] = {}
        # jsonschema goes through the names of a map in another order in each process
        for error in sorted(validator.iter_errors(instance), key=_where):
            for leaf in _leaves(error, referred):
                violation = _violation(leaf)
                found.setdefault(violation.signature, violation)
            if len(found) >= MOST:
                break
        return list(found.values())


def _where(error: ValidationError) -> list[str]:
    return [str(element).rjust(8) for element in error.absolute_path]


def _registry(document: Any) -> Registry[Any]:
    resource = Resource.from_contents(dict(document), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(CONTRACT_URI, resource)
    return registry


def _without_required(node: Any, exempt: Callable[[dict[str, Any]], bool]) -> Any:
    """The document in which properties with an exempt schema may be absent."""
    if isinstance(node, list):
        return [_without_required(item, exempt) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _without_required(value, exempt) for key, value in node.items()}
    properties, required = node.get("properties"), node.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        found["required"] = [
            name for name in required if not isinstance(properties.get(name), dict) or not exempt(properties[name])
        ]
    return found


def _quoted(pointer: str) -> str:
    """A pointer as URI fragment: templates hold braces."""
    return pointer.replace("{", "%7B").replace("}", "%7D")


def _leaves(error: ValidationError, referred: Callable[[str], Any]) -> list[ValidationError]:
    """Return what a person needs to see of an error: of alternatives, the one that came closest.

    What another alternative allows is not why none of them fits, unless a value tells which one was meant.
    """
    if error.validator in {"anyOf", "oneOf"} and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for child in error.context:
            branches.setdefault(child.schema_path[0], []).append(child)
        # a branch that fails deep inside is the one that was meant; "not null" at the top is not
        best = max(branches.values(), key=lambda errors: (min(len(e.path) for e in errors), -len(errors)))
        if any(e.path for e in best) or len(branches) == 1:
            alternatives: Any = error.validator_value
            others = [(alternatives[n], errors) for n, errors in branches.items() if errors is not best]
            if any(child.validator in {"const", "enum"} for child in error.context):
                others = []
            wrong = [child for child in best if not any(_allows(*other, child, referred) for other in others)]
            return [leaf for child in wrong or best for leaf in _leaves(child, referred)]
    return [error]


def _allows(schema: Any, errors: list[ValidationError], child: ValidationError, referred: Callable[[str], Any]) -> bool:
    """Return whether an alternative, which breaks elsewhere, has a property there and takes its value."""
    place = list(child.path)
    while isinstance(schema, dict) and "$ref" in schema:
        schema = referred(schema["$ref"])
    if not place or not isinstance(schema, dict) or place[0] not in schema.get("properties", {}):
        return False
    return not any(_concerns(error, place) for error in errors)


def _concerns(error: ValidationError, place: list[str | int]) -> bool:
    """Return whether an error is about the value at a place, what is in it, or what it is in."""
    path = list(error.path)
    if len(path) < len(place) and error.validator == "required":
        return False  # it is about what is not there
    return all(mine == its for mine, its in zip(path, place, strict=False))


def _violation(error: ValidationError) -> SchemaViolation:
    instance = "".join(f"/{escape(str(p))}" for p in error.absolute_path)
    schema = "/".join(escape(str(p)) for p in error.absolute_schema_path if p != "$ref")
    message = error.message if len(error.message) <= 300 else f"{error.message[:200]} … {error.message[-80:]}"  # noqa: PLR2004 - one or two lines of a terminal
    return SchemaViolation(
        instance=instance, place=_place(error), schema=schema, keyword=str(error.validator), message=message
    )


def _place(error: ValidationError) -> str:
    """The instance's pointer with ``*`` for whatever the schema doesn't call by its name."""
    found = []
    keywords = iter(error.absolute_schema_path)
    for element in error.absolute_path:
        keyword = next((k for k in keywords if k in _DESCENDS), None)
        named = keyword == "properties"
        if named or keyword in {"prefixItems", "patternProperties"}:
            next(keywords)  # which of them
        found.append(escape(str(element)) if named else "*")
    return "".join(f"/{element}" for element in found)
