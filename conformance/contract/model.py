"""The contract as immutable values: what ``spec/openapi.yaml`` says, ready to be asked.

Source of every value: the OpenAPI document; ``pointer`` attributes are JSON pointers into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SLOT = re.compile(r"\{([^}]*)\}")


SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that write nothing (RFC 9110, 9.2.1), of those that are sent."""


def anonymous(path: str) -> str:
    """A path without the names of its slots, and without the slash at its end: publishers are unsure of both."""
    return _SLOT.sub("{}", path).rstrip("/")


class Edition(StrEnum):
    """Which product offers an operation."""

    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A path, query or header parameter.

    Attributes:
        exploded: an object, sent as one parameter per property; its own name is never in a request.
    """

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    pointer: str
    exploded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """One content type of a body with its schema (None: any bytes)."""

    name: str
    schema: Mapping[str, Any] | None
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """What an operation takes as its body, by content type."""

    required: bool
    content: Mapping[str, MediaType]
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One documented answer; ``content`` is empty where no body is due."""

    status: int
    content: Mapping[str, MediaType]
    pointer: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One of the published operations.

    Attributes:
        id: operationId, ``projects.create``.
        method: upper case.
        path: template as published, ``/api/projects/{id}/``.
        area: its one tag.
        secured: False where the contract asks for no key.
        absent: the document in place of the contract (``--spec``) says nothing of it: nothing is asked of it.
    """

    id: str
    method: str
    path: str
    edition: Edition
    area: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[int, Response]
    secured: bool
    pointer: str
    absent: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def label(self) -> str:
        """``GET /api/projects/{id}/``: how people and Schemathesis call it."""
        return f"{self.method} {self.path}"

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """Names of the path parameters, in order."""
        return tuple(_SLOT.findall(self.path))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches concrete paths; the last slot may span slashes where it names a file."""
        parts = _SLOT.split(self.path)
        regex = ""
        for index, part in enumerate(parts):
            if index % 2 == 0:
                regex += re.escape(part)
            else:
                regex += f"(?P<{re.sub(r'[^A-Za-z0-9_]', '_', part)}>{'.+' if part == 'filename' else '[^/]*'})"
        return re.compile(regex + r"\Z")

    @property
    def success(self) -> tuple[int, ...]:
        """The documented 2xx and 3xx statuses."""
        return tuple(s for s in sorted(self.responses) if 200 <= s < 400)  # noqa: PLR2004 - HTTP's own classes

    def reads(self) -> bool:
        """True where HTTP calls the method safe."""
        return self.method in SAFE

    def fill(self, values: Mapping[str, object]) -> str:
        """The concrete path.

        Args:
            values: a value for each slot.

        Raises:
            KeyError: a slot has no value.
        """
        return _SLOT.sub(
            lambda m: quote(str(values[m[1]]), safe="/" if m[1] == "filename" else ""),
            self.path,
        )


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The published API as data.

    Attributes:
        digest: sha256 of the document's text; a result names the contract it was measured against.
        document: the whole OpenAPI document.
    """

    version: str
    digest: str
    document: Mapping[str, Any] = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, operation_id: str) -> Operation:
        return self.operations[operation_id]

    def of(self, edition: Edition) -> tuple[Operation, ...]:
        """The operations of one edition, in the order of the document."""
        return tuple(o for o in self if o.edition is edition)

    def writable(self, operation: Operation) -> frozenset[str]:
        """Names of the properties of the JSON body that an operation takes."""
        media = operation.body.content.get("application/json") if operation.body else None
        schema = self.followed(media.schema) if media and media.schema else {}
        return frozenset(schema.get("properties", ()))

    def followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that references lead to; the same one where it is none."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    @cached_property
    def areas(self) -> Mapping[str, str]:
        """Area by operationId."""
        return {o.id: o.area for o in self}

    @cached_property
    def _by_method(self) -> Mapping[str, tuple[Operation, ...]]:
        found: dict[str, list[Operation]] = {}
        for operation in self:
            found.setdefault(operation.method, []).append(operation)
        # fewer slots first: a literal path wins over a template that matches it too
        return {m: tuple(sorted(ops, key=lambda o: len(o.slots))) for m, ops in found.items()}

    @cached_property
    def _by_label(self) -> Mapping[str, Operation]:
        return {o.label: o for o in self}

    def labelled(self, label: str) -> Operation:
        """The operation called ``METHOD /path/{template}``.

        Raises:
            KeyError: no such operation.
        """
        return self._by_label[label]

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return which operation a concrete request is, with the raw values of its path parameters; None if none is."""
        for operation in self._by_method.get(method.upper(), ()):
            hit = operation.pattern.match(path)
            if hit:
                return operation, dict(zip(operation.slots, hit.groups(), strict=True))
        return None
