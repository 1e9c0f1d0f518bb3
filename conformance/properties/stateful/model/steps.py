"""One request of a history, with references instead of identities, so that it can be sent again in another world."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.requests.prepared import MULTIPART, NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import Template
    from conformance.properties.stateful.model.objects import Model, Thing
    from conformance.world import World


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for the identity of a thing."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to send.

    Attributes:
        path: path parameter → the thing that it names, or a reference of templates to what no history makes (``$me``).
        query: values, with :class:`Ref` in them, and references of templates (``$new``).
        json: likewise; NOTHING where no JSON is sent.
        number: the number of the thing that it makes, or that it is the first to show.
    """

    operation: Operation
    path: Mapping[str, Ref | str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = NOTHING
    files: Mapping[str, Mapping[str, str]] | None = None
    number: int

    def named(self) -> tuple[int, ...]:
        """Numbers of the things that it names anywhere, those of the path first."""
        return tuple(dict.fromkeys([*self.in_path(), *_numbers(self.query), *_numbers(self.json)]))

    def in_path(self) -> tuple[int, ...]:
        """Numbers of the things that the path names, the last one first."""
        return tuple(r.number for r in self.path.values() if isinstance(r, Ref))

    def last(self) -> int | None:
        """Number of the thing that the last path parameter names; None where it names none of the history."""
        named = self.path.get(self.operation.slots[-1]) if self.operation.slots else None
        return named.number if isinstance(named, Ref) else None

    def arguments(self, model: Model, world: World) -> dict[str, Any]:
        """Keyword arguments for ``Wire.call(operation, ...)``.

        Raises:
            CannotMake: a reference that no thing of the model stands for can't be resolved.
        """
        given: dict[str, Any] = {slot: _filled(named, model, world) for slot, named in self.path.items()}
        if self.query:
            given["query"] = self._joined(_filled(self.query, model, world))
        if self.json is not NOTHING:
            given["json"] = _filled(self.json, model, world)
        if self.files is not None:
            given["files"] = {n: (f["name"], str(world.resolve(f["text"])), f["type"]) for n, f in self.files.items()}
            given["headers"] = MULTIPART
        return given

    def _joined(self, query: dict[str, Any]) -> dict[str, Any]:
        """Several values for a parameter that is one string are separated by commas."""
        texts = {p.name for p in self.operation.parameters if p.schema.get("type") == "string"}
        return {k: ",".join(map(str, v)) if isinstance(v, list) and k in texts else v for k, v in query.items()}

    def asking(self, parameter: str, numbers: tuple[int, ...]) -> Step:
        """The same list, asked for these things only."""
        return replace(self, query={**self.query, parameter: [Ref(n) for n in numbers]})


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Ref):
        yield value.number
    elif isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)


def _filled(value: Any, model: Model, world: World) -> Any:
    if isinstance(value, Ref):
        return model.things[value.number].identity
    if isinstance(value, dict):
        return {k: _filled(v, model, world) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, model, world) for v in value]
    return world.resolve(value)


class Planner:
    """Makes a step of an operation, so that what it names belongs together.

    Args:
        kinds: those that the history is about.
        given: identities that were proposed, by path parameter, query parameter or body field.
    """

    def __init__(self, kinds: tuple[str, ...], model: Model, given: Mapping[str, Any]) -> None:
        self._kinds = kinds
        self._model = model
        self._resources = model.resources
        self._given = given
        self._chosen: list[Thing] = []

    def plan(self, operation: Operation, template: Template, number: int) -> Step | None:
        """The step; None where it would name something that was never made."""
        path: dict[str, Ref | str] = {}
        slots = self._resources.slot_kinds(operation)
        for slot in reversed(operation.slots):  # children first: what they hang on is then theirs
            if slots[slot] not in self._kinds:
                path[slot] = template.path.get(slot, f"${slots[slot]}")
                continue
            thing = self._choose(slots[slot], slot)
            if thing is None:
                return None
            path[slot] = Ref(thing.number)
        try:
            return Step(
                operation=operation,
                path=path,
                query=self._referring(dict(template.query), ""),
                json=template.json if template.json is NOTHING else self._referring(template.json, ""),
                files=template.files,
                number=number,
            )
        except LookupError:
            return None

    def _choose(self, kind: str, place: str) -> Thing | None:
        for chosen in self._chosen:
            for thing in chosen.line():
                if thing.kind == kind:
                    return thing
        known = self._model.latest(kind)
        proposed = self._model.find(kind, self._given[place]) if place in self._given else None
        candidates = [t for t in ([proposed] if proposed else []) + known if self._fits(t)]
        # rather something that is there, unless what is not was asked for
        candidates.sort(key=lambda t: t is not proposed and not t.alive)
        if not candidates:
            return None
        self._chosen.append(candidates[0])
        return candidates[0]

    def _fits(self, thing: Thing) -> bool:
        """Return whether the object is a child of everything chosen so far."""
        return all(chosen in thing.line() for chosen in self._chosen)

    def _referring(self, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return {k: self._referring(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self._referring(v, place) for v in value]
        if isinstance(value, str) and value.startswith("$") and value[1:] in self._kinds:
            thing = self._choose(value[1:], place)
            if thing is None:
                raise LookupError(value)
            return Ref(thing.number)
        return value
