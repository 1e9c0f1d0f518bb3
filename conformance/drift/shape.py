"""Defines what is compared: operations with the shapes of their requests and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPTH = 4
"""How many levels of properties are looked at: deeper ones are nearly all free JSON, or a repetition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A schema as far as two descriptions of it can be compared.

    Attributes:
        types: JSON types; empty if the description allows anything, or does not say.
        nullable: whether null is allowed; None if the description cannot tell it from *optional*.
        values: the values of an enumeration, as text; empty if any value goes.
        properties: of an object.
        required: names of properties that must be there.
        optional: names of properties that need not; of those in neither, the description does not tell.
        items: of an array.
    """

    types: frozenset[str] = frozenset()
    nullable: bool | None = None
    values: frozenset[str] = frozenset()
    properties: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    items: Shape | None = None


ANYTHING = Shape()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query (those of the path are its slots, and part of the operation's key)."""

    required: bool
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation as somebody describes it.

    Attributes:
        name: how the description calls it.
        parameters: those of the query, by name.
        body: of a JSON request; None if none is described.
        answer: of the first success with JSON; None if none is described.
    """

    name: str
    parameters: Mapping[str, Parameter]
    body: Shape | None
    answer: Shape | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A whole API as somebody describes it.

    Attributes:
        source: who says so, for people.
        operations: by key: method and path without names of slots and without the slash at its end.
    """

    source: str
    operations: Mapping[str, Described]
