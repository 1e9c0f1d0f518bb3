"""Makes bodies with one optional field besides the required ones, and one with all fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.requests.minimal import FORMATS
from conformance.contract.tables.requests.prepared import NOTHING, Prepared
from conformance.contract.tables.requests.rich import load_rich
from conformance.properties.generation.bodies import (
    ONE,
    OTHER,
    documented_values,
    kind_of,
    nullable,
    properties,
    resolved,
    rich_body,
)
from conformance.properties.generation.sparing import speaks_for_field
from conformance.world.making import cannot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Operation
    from conformance.wire import Wire
    from conformance.world import World

BOGUS: Final = {
    "string": ("bogus", ""),
    "integer": ("-1", "9223372036854775808"),
    "boolean": ("bogus",),
    "number": ("NaN", "bogus"),
    "array": ("bogus",),
    "object": ("bogus",),
}
LONGEST: Final = 2000
"""Characters of a text that is sent to see whether it is kept whole; a greatest length beyond that is no border."""
_SAMPLES: Final[Mapping[str, Any]] = {"integer": 1, "number": 0.5, "boolean": True, "object": {}, "array": []}


class Alone:
    """The fields of one operation's body, each with a value that a user would send.

    Args:
        operation: takes the body.
        world: where real objects come from.
        wire: what to send through.
    """

    def __init__(self, operation: Operation, world: World, wire: Wire) -> None:
        self._operation = operation
        self._world = world
        self._wire = wire
        self._template = world.requests[operation.id]
        self.role = self._template.role
        self._prepared = world.request(operation.id)
        given = self._prepared.json
        self.smallest: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
        self._properties = properties(wire.contract, operation)
        self._documented = properties(wire.contract, operation, followed=False)
        self._kind = kind_of(wire.resources, operation)
        self.reader = self._reader()
        self.not_theirs = frozenset(load_rich()["left_out"].get(self._kind.name, ()) if self._kind else ())
        """Fields that are the server's: what is written to them need not be what is read."""

    def named(self, name: str) -> bool:
        """Whether a field is an object whose names the contract knows: the server may complete it."""
        return bool(self._properties.get(name, {}).get("properties"))

    def told(self, name: str, sent: Any, read: Any) -> Any:
        """What is read of a field that can be compared: of settings in an object, those that were sent."""
        if not (self.named(name) and isinstance(sent, dict) and isinstance(read, dict)):
            return read
        return {key: value for key, value in read.items() if key in sent}

    def _reader(self) -> str | None:
        """What shows what the operation changes: what settings are restored by, or what is read at the same path."""
        if self._template.restore is not None:
            return self._template.restore
        return next((o.id for o in self._wire.contract if o.path == self._operation.path and o.method == "GET"), None)

    def fullest(self) -> dict[str, Any]:
        """Every field that there is a value for, over the smallest body."""
        rich = resolved(rich_body(self._kind.name), self._world) if self._kind else None
        known: dict[str, Any] = rich if isinstance(rich, dict) else {}
        full = dict(self.smallest)
        for name in self._names():
            value = known.get(name, NOTHING)
            if value is NOTHING:
                value = self._sample(name)
            if value is not NOTHING:
                full |= self.field(name, value)
        return full

    def field(self, name: str, value: Any) -> dict[str, Any]:
        """A field, with those that it makes sense with only (``alone`` in ``spec/requests.yaml``)."""
        given = self._template.alone.get(name)
        return {name: value} if given is None else {name: value, **self._world.resolve(dict(given))}

    def changes(self) -> Iterator[tuple[str, Any]]:
        """Each field with a value that it does not have, and with each one that is documented."""
        other = resolved(rich_body(self._kind.name, OTHER), self._world) if self._kind else None
        known: dict[str, Any] = other if isinstance(other, dict) else {}
        for name in self._names():
            # what names an object names the one that it did: where else it may go is a question of its own
            values = [*documented_values(self._properties[name])]
            if not values:
                value = known.get(name, NOTHING)
                values = [self._sample(name) if value is NOTHING else value]
            yield from ((name, v) for v in values if v is not NOTHING)
        # last of all: whether a change resets other fields shows where these are set
        yield from self._lessened(known)
        for name in self._names():
            if name in known and not [*documented_values(self._properties[name])]:
                yield from ((name, v) for v in self._emptied(name, known[name], nulls=True))

    def altered(self) -> dict[str, Any]:
        """All fields at once that there is another value for, over the smallest body."""
        other = resolved(rich_body(self._kind.name, OTHER), self._world) if self._kind else None
        known: dict[str, Any] = other if isinstance(other, dict) else {}
        body = dict(self.smallest)
        for name in self._names():
            if name in known:
                body |= self.field(name, known[name])
        return body

    def _lessened(self, known: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Each object with a name less than it has, on top and one level down: who merges it keeps that."""
        for name in self._properties:
            whole = known.get(name)
            if not isinstance(whole, dict) or name in {*self._template.pinned, *self.not_theirs}:
                continue
            inner = next((n for n, v in whole.items() if isinstance(v, dict) and len(v) > 1), None)
            if name in self.smallest:
                yield name, whole
            yield name, _without_last(whole)
            if inner is not None:
                yield name, whole
                yield name, {**whole, inner: _without_last(whole[inner])}

    def emptied(self) -> dict[str, Any]:
        """Each field that an object can do without, as 0, "" or [], where the schema has room for it."""
        known = rich_body(self._kind.name) if self._kind else None
        values = known if isinstance(known, dict) else {}
        names = [n for n in self._names() if n in values and n not in {*self.smallest, *self.not_theirs}]
        return {
            n: v for n in names if not [*documented_values(self._properties[n])] for v in self._emptied(n, values[n])
        }

    def longest(self) -> dict[str, Any]:
        """Each text that has a greatest length, at that length: its last character tells whether it was cut."""
        rich = rich_body(self._kind.name) if self._kind else None
        known = {**(rich if isinstance(rich, dict) else {}), **self.smallest}
        found = {}
        for name, schema in self._properties.items():
            limit, text = schema.get("maxLength", 0), known.get(name)
            free = not ({"format", "pattern"} & set(schema) or [*documented_values(schema)])
            ours = name not in {*self._template.pinned, *self.not_theirs} and not str(text).startswith("$")
            if free and ours and isinstance(text, str) and text and 0 < limit <= LONGEST:
                found[name] = f"{text:x<{limit}}"[: limit - 1] + "z"
        return found

    def _emptied(self, name: str, value: Any, *, nulls: bool = False) -> Iterator[Any]:
        """Nothing in place of something, where the schema has room for it: to clear a field is to send 0, "" or []."""
        schema = self._properties[name]
        unresolved = rich_body(self._kind.name, OTHER).get(name, "$") if self._kind else "$"
        if str(unresolved).startswith("$") or self._wire.resources.field_kind(self._operation.id, name):
            return  # what leads somewhere else without it
        if nulls and nullable(self._wire.contract, self._documented[name]):
            yield None
        if (
            isinstance(value, str)
            and not schema.get("minLength")
            and "format" not in schema
            and "pattern" not in schema
        ):
            yield ""
        elif isinstance(value, int | float) and schema.get("minimum", 0) <= 0:
            yield 0
        elif isinstance(value, list) and not schema.get("minItems"):
            yield []

    def others(self) -> Iterator[tuple[str, Any]]:
        """Each field that names an object, with another one of its kind; of one operation for all that share it."""
        resources = self._wire.resources
        for name in self._names():
            kind = resources.field_kind(self._operation.id, name)
            create = resources.kinds[kind].create if kind else None
            if kind is None or create is None or not speaks_for_field(self._operation, name, method="PATCH"):
                continue
            with self._wire.unchecked():
                made = self._world.send(self._world.request(create))
            identity = (made.object() or {}).get(resources.kinds[kind].identity)
            if made.ok and identity is not None:
                yield name, [identity] if "array" in str(self._properties[name].get("type")) else identity

    def _names(self) -> list[str]:
        """Fields to vary: none that the smallest body has, that is pinned, or that is Enterprise's."""
        return [
            name
            for name, schema in self._properties.items()
            if name not in self.smallest
            and name not in self._template.pinned
            and schema.get("x-edition") != "enterprise"
            and self._template.alone.get(name, {}) is not None
        ]

    def _sample(self, name: str) -> Any:
        """A value by the schema alone; nothing where none is sure to make sense."""
        schema = self._properties[name]
        kind_named = self._wire.resources.field_kind(self._operation.id, name)
        reference = self._world.requests.fields.get(name) or (f"${kind_named}" if kind_named else None)
        # an account that is to be there as an object is none that an identity stands for
        if reference is not None and "$ref" not in schema and "object" not in str(schema.get("type")):
            found = self._world.resolve(reference)
            return [found] if "array" in str(schema.get("type")) else found
        values = [*documented_values(schema)]
        if values:
            return values[0]
        types = schema.get("type")
        kind = str(types[0] if isinstance(types, list) else types)
        if kind == "string":
            return FORMATS.get(schema.get("format", ""), NOTHING if "format" in schema else "a text")
        if kind in {"integer", "number"} and "minimum" in schema:
            return schema["minimum"]
        return _SAMPLES.get(kind, NOTHING)

    def rich_object(self) -> dict[str, Any]:
        """Make what is changed, with every field set; returns the values of the path.

        Raises:
            CannotMake: the target does not let it be made.
        """
        path = dict(self._prepared.path)
        create = self._kind.create if self._kind else None
        body = rich_body(self._kind.name, ONE) if self._kind else None
        if create is None or body is None or not self._operation.slots:
            return path
        with self._wire.unchecked(), self._wire.key_at_risk():
            values: dict[str, Any] = dict(self._world.values(self._wire.contract[create]))
            made = self._wire.call(create, json=resolved(body, self._world), expect=None, **values)
        identity = (made.object() or {}).get(self._kind.identity) if self._kind else None
        if not made.ok or identity is None:
            cannot(made)
        return {**path, self._operation.slots[-1]: identity}

    def prepared(self, body: Mapping[str, Any], path: Mapping[str, Any] | None = None) -> Prepared:
        """A request with this body."""
        return Prepared(
            operation=self._operation.id,
            path=self._prepared.path if path is None else path,
            query=self._prepared.query,
            json=dict(body),
            role=self._prepared.role,
        )


def _without_last(value: Mapping[str, Any]) -> dict[str, Any]:
    return dict([*value.items()][:-1])


def odd_values(schema: Mapping[str, Any], *, most: int | None) -> list[str]:
    """Values of a query parameter: the documented ones, and some that name nothing."""
    types = schema.get("type")
    kinds = types if isinstance(types, list) else [types]
    bogus = [v for kind in kinds for v in BOGUS.get(str(kind), ())] or ["bogus"]
    return [*bogus, *map(str, documented_values(schema))][:most]
