"""The blast-radius guard: on a target that is not disposable, nothing that this run did not make is touched."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.contract.model import SAFE
from conformance.contract.places import at
from conformance.contract.tables.safety import Safety, load_safety
from conformance.errors import ConformanceError
from conformance.wire.network.transport import READS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Lasting, Resources
    from conformance.wire.messages import RawRequest
    from conformance.wire.safety.ledger import Ledger

_DEPTH = 4
"""References stand near the root of a body."""


class RefusedByGuard(ConformanceError):
    """A request was not sent: it would touch something that this run did not create."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides, before a request leaves, whether it may.

    On a disposable target (``admin``) everything may; on one that is only read, nothing but GET and HEAD. An operation
    of a class that is allowed may. Elsewhere a request that is not safe (RFC 9110 §9.2.1) may leave only if it
    is an operation of the contract without effects on others, every object that its path, query or body names is in
    the ledger of this run, and what it does can be undone. An account that the run made may do to itself what it likes.
    """

    resources: Resources
    ledger: Ledger
    allow: Safety

    def refusal(  # noqa: C901, PLR0911 - one return per reason
        self, request: RawRequest, operation: Operation | None, path_values: Mapping[str, str], *, own: bool = False
    ) -> str | None:
        """Why a request must not leave, as one sentence; None where it may.

        Args:
            request: what is to be sent.
            operation: that it calls, if any.
            path_values: the values of its path parameters.
            own: it is an account of this run that asks.
        """
        if self.allow is Safety.ADMIN:
            return None
        if self.allow is Safety.READ_ONLY:
            return _not_read(request, operation)
        if operation is not None and Safety.ADDITIVE < load_safety()[operation.id] <= self.allow:
            return None
        hazard = self.resources.hazards.get(operation.id) if operation else None
        if hazard is not None and own and hazard.spared == "account":
            return None
        named = list(self._named(request, operation, path_values)) if operation is not None else []
        if hazard is not None and not (hazard.spared == "made" or (hazard.spared == "object" and named)):
            return f"{operation} {hazard.why} ({hazard.reach})"
        if request.method in SAFE:
            return None
        if operation is None:
            what = f"{request.method} on a path that no operation of the contract describes has unknown effects"
            return None if own else what
        if operation.id in self.resources.harmless:
            return None
        if hazard is not None and any(kind == "user" for _, kind, _ in named):
            # whose member it is: nothing of the organisation but the account is changed
            named = [one for one in named if one[1] != "organization"]
        for where, kind, value in named:
            if not self.ledger.owns(kind, value):
                return f"{operation} names the {kind} {value!r} ({where}), which this run did not create"
        if not named and not self._makes_only(request, operation):
            return f"{operation} names no object of this run, so what it changes is not known"
        return next((f"{operation}: {one.why}" for one in self._lasting(request, operation)), None)

    def _makes_only(self, request: RawRequest, operation: Operation) -> bool:
        """Return whether the request names no object, and can only create one of the run's.

        What is there to make something, and is sent what nobody can read, can't do more either.
        """
        if operation.id in self.resources.creates:
            return True
        content = (request.content or b"").strip()
        unreadable = content not in {b"", b"null"} and _body(request) is None
        return unreadable and self.resources.created_by(operation.id) is not None

    def _lasting(self, request: RawRequest, operation: Operation) -> Iterator[Lasting]:
        """What the body asks for that nothing undoes."""
        lasting = self.resources.lasting.get(operation.id, ())
        data = _body(request) if lasting else None
        for one in lasting:
            if any((value not in (None, "", {}, [])) == one.filled for value in at(data, one.place)):
                yield one

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


def _not_read(request: RawRequest, operation: Operation | None) -> str | None:
    """Why a request must not be sent to a target that is only read."""
    what = str(operation) if operation is not None else request.method
    if request.method not in READS:
        return f"the target is only read (--read-only), and {what} is neither GET nor HEAD"
    if operation is not None and load_safety()[operation.id] is not Safety.READ_ONLY:
        return f"the target is only read (--read-only), and {what} writes although it is a {request.method}"
    return None


def _body(request: RawRequest) -> Any:
    """The body as a JSON value, a form as an object of texts; None for what no server can read."""
    content_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    content = request.content or b""
    if content_type.startswith("multipart/"):
        names = {name.decode(errors="replace") for name in re.findall(rb'name="([^"]*)"', content)}
        return {name: next(_multipart_values(content, name), "") for name in names}
    if "x-www-form-urlencoded" in content_type:
        return dict(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _multipart_values(content: bytes, name: str) -> Iterator[str]:
    marker = f'name="{name}"'.encode()
    for part in content.split(marker)[1:]:
        _, _, rest = part.partition(b"\r\n\r\n")
        yield rest.split(b"\r\n", 1)[0].decode(errors="replace")
