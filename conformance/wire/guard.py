"""The blast-radius guard: on a target that is not disposable, nothing that this run did not make is touched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.errors import ConformanceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Operation
    from conformance.contract.resources import Resources
    from conformance.wire.ledger import Ledger
    from conformance.wire.messages import RawRequest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_DEPTH = 4
"""References stand near the root of a body."""


class Refused(ConformanceError):
    """A request was not sent: it would touch something that this run did not create."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides, before a request leaves, whether it may.

    On a disposable target everything may. Elsewhere a request that is not safe (RFC 9110 §9.2.1) may leave only if it
    is an operation of the contract without instance-wide effects, and every object that its path, query or
    body names is in the ledger of this run.
    """

    resources: Resources
    ledger: Ledger
    disposable: bool

    def refusal(  # noqa: PLR0911 - one return per reason
        self, request: RawRequest, operation: Operation | None, path_values: Mapping[str, str]
    ) -> str | None:
        """Why a request must not leave, as one sentence; None where it may."""
        if self.disposable:
            return None
        hazard = self.resources.hazards.get(operation.id) if operation else None
        if hazard is not None:
            return f"{operation} {hazard.why} ({hazard.reach})"
        if request.method in SAFE:
            return None
        if operation is None:
            return f"{request.method} on a path that no operation of the contract describes has unknown effects"
        if operation.id in self.resources.harmless:
            return None
        for where, kind, value in self._named(request, operation, path_values):
            if not self.ledger.owns(kind, value):
                return f"{operation} names the {kind} {value!r} ({where}), which this run did not create"
        if operation.id not in self.resources.creates and not self._anchored(request, operation, path_values):
            return f"{operation} names no object of this run, so what it changes is not known"
        return None

    def _anchored(self, request: RawRequest, operation: Operation, path_values: Mapping[str, str]) -> bool:
        return any(True for _ in self._named(request, operation, path_values))

    def _named(
        self, request: RawRequest, operation: Operation, path_values: Mapping[str, str]
    ) -> Iterator[tuple[str, str, str]]:
        """Every object that a request names: where, kind, identity."""
        for slot, kind in self.resources.slot_kinds(operation).items():
            yield f"path parameter {slot}", kind, unquote(path_values.get(slot, ""))
        for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
            kind_of = self.resources.query.get(name)
            if kind_of is not None:
                yield f"query parameter {name}", kind_of, value
        yield from self._in_body(request, operation)

    def _in_body(self, request: RawRequest, operation: Operation) -> Iterator[tuple[str, str, str]]:
        if not request.content:
            return
        content_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
        data: Any
        if "json" in content_type:
            try:
                data = json.loads(request.content)
            except (ValueError, RecursionError):
                return  # no server can read what it names either
            yield from self._in_value(data, operation.id)
        elif "x-www-form-urlencoded" in content_type:
            yield from self._in_value(dict(parse_qsl(request.content.decode(errors="replace"))), operation.id)
        elif content_type.startswith("multipart/"):
            # names are few and distinctive: a field that names an object is refused unless it is ours
            named = {**self.resources.body, **self.resources.body_of.get(operation.id, {})}
            for name, kind in named.items():
                for value in _multipart_values(request.content, name):
                    yield f"form field {name}", kind, value

    def _in_value(self, data: Any, operation_id: str, depth: int = 0) -> Iterator[tuple[str, str, str]]:
        if depth > _DEPTH:
            return
        if isinstance(data, list):
            for item in data:
                yield from self._in_value(item, operation_id, depth + 1)
        elif isinstance(data, dict):
            for name, value in data.items():
                kind = self.resources.field_kind(operation_id, name)
                if kind is None:
                    yield from self._in_value(value, operation_id, depth + 1)
                    continue
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, int | str) and not isinstance(one, bool):
                        yield f"body field {name}", kind, str(one)


def _multipart_values(content: bytes, name: str) -> Iterator[str]:
    marker = f'name="{name}"'.encode()
    for part in content.split(marker)[1:]:
        _, _, rest = part.partition(b"\r\n\r\n")
        yield rest.split(b"\r\n", 1)[0].decode(errors="replace")
