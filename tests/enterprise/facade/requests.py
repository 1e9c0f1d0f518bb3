"""Reads a request by the contract: path, query and body as values, or the refusal that is due."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, unquote

from python_multipart import FormParser

from tests.enterprise.facade.refusals import Refusal, invalid, not_found
from tests.enterprise.state.shapes import types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Contract, Operation, SchemaChecker
    from conformance.contract.model import MediaType, Parameter
    from tests.enterprise.state.shapes import Schema, Shapes

LARGEST = 2**63
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


class Reader:
    """Turns what came into values, as the contract has them.

    Args:
        schemas: validates bodies and parameters.
        shapes: resolves schemas.
    """

    def __init__(self, contract: Contract, schemas: SchemaChecker, shapes: Shapes) -> None:
        self._contract = contract
        self._schemas = schemas
        self._shapes = shapes

    def path(self, operation: Operation, values: Mapping[str, str]) -> dict[str, Any]:
        """The path's parameters. What is no identity at all names nothing: 404."""
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            if parameter.location != "path":
                continue
            text = unquote(values[parameter.name], errors="replace")
            value = self._read(parameter.schema, text)
            if value is None or (isinstance(value, int) and not 0 <= value < LARGEST):
                raise not_found()
            found[parameter.name] = value
        return found

    def query(self, operation: Operation, text: str) -> dict[str, Any]:
        """The query's parameters; those that the contract does not know are not looked at."""
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
            given.setdefault(name, []).append(value)
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            if parameter.location != "query":
                continue
            if parameter.exploded:
                found |= self._exploded(parameter, given)
            elif parameter.name in given:
                found[parameter.name] = self._parameter(parameter, given[parameter.name])
            elif parameter.required:
                raise invalid(parameter.name, "This query parameter is required.")
        return found

    def _exploded(self, parameter: Parameter, given: Mapping[str, list[str]]) -> dict[str, Any]:
        _, schema = self._shapes.resolve(dict(parameter.schema))
        named = {n: s for n, s in schema.get("properties", {}).items() if n in given}
        found = {name: self._value(part, given[name][-1], name) for name, part in named.items()}
        # the official client writes a[b][c]=1
        for name, texts in given.items():
            inner = re.fullmatch(re.escape(parameter.name) + r"\[(\w+)\](?:\[(\w+)\])?", name)
            if inner is not None and inner[2]:
                part = found.setdefault(inner[1], {})
                part[inner[2]] = _TRUTH.get(texts[-1], texts) if inner[2] == "all" else texts
            elif inner is not None:
                found[inner[1]] = _TRUTH.get(texts[-1], texts[-1])
        return found

    def _parameter(self, parameter: Parameter, given: list[str]) -> Any:
        _, schema = self._shapes.resolve(dict(parameter.schema))
        if "array" in types(schema):
            value: Any = [self._value(schema.get("items", {}), text, parameter.name) for text in given]
        else:
            value = self._value(schema, given[-1], parameter.name)
        if self._schemas.violations(parameter.pointer, value):
            raise invalid(parameter.name, "Not a valid value.")
        return value

    def _value(self, schema: Schema, text: str, name: str) -> Any:
        value = self._read(schema, text)
        if value is None:
            raise invalid(name, "Not a valid value.")
        return value

    def _read(self, schema: Mapping[str, Any], text: str) -> Any:
        """The text of a URL or a form as a value of this type; None where it is none."""
        _, resolved = self._shapes.resolve(dict(schema))
        kinds = {kind for choice in self._shapes.choices(resolved) for kind in types(choice)}
        if "integer" in kinds and re.fullmatch(r"-?\d{1,40}", text, re.ASCII):
            return int(text)
        if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", text, re.ASCII):
            return float(text)
        if "boolean" in kinds and text.lower() in _TRUTH:
            return _TRUTH[text.lower()]
        if "string" in kinds:
            return text
        return _structured(text, kinds) if not kinds or kinds & {"object", "array"} else None

    def body(self, operation: Operation, content_type: str, content: bytes) -> Any:
        """The body, or 400 and 415; an absent one is empty where it need not be there."""
        if operation.body is None:
            return {}
        kind = content_type.partition(";")[0].strip().lower()
        if not content and not operation.body.required:
            return {}
        media = operation.body.content.get(kind) if kind or not content else None
        if media is None and content:
            raise Refusal(415, f'Unsupported media type "{kind}" in request.')
        if media is None:
            media = next(iter(operation.body.content.values()))
            value: Any = {}
        else:
            value = self._form(media, content_type, content) if kind in FORMS else _loaded(content)
        problems = self._schemas.violations(media.pointer, value)
        if problems:
            first = problems[0]
            raise invalid(first.place.strip("/") or "non_field_errors", first.message[:200])
        return self._known(media, value)

    def _known(self, media: MediaType, value: Any) -> Any:
        """The properties that the contract has: what else came is not looked at."""
        _, schema = self._shapes.resolve(dict(media.schema or {}))
        names = schema.get("properties")
        return {k: v for k, v in value.items() if k in names} if names and isinstance(value, dict) else value

    def _form(self, media: MediaType, content_type: str, content: bytes) -> dict[str, Any]:
        """A form as the JSON that it stands for."""
        fields = _fields(content_type, content)
        _, schema = self._shapes.resolve(dict(media.schema or {}))
        found: dict[str, Any] = {}
        for name, texts in fields.items():
            part = schema.get("properties", {}).get(name)
            if part is None:
                continue
            found[name] = self._field(part, texts)
        return found

    def _field(self, schema: Schema, texts: list[str]) -> Any:
        _, resolved = self._shapes.resolve(schema)
        choices = list(self._shapes.choices(resolved))
        lists = [c for c in choices if "array" in types(c)]
        if lists and not (len(texts) == 1 and texts[0].startswith("[")):
            return [self._field(lists[0].get("items", {}), [text]) for text in texts]
        nullable = any("null" in types(c) for c in choices)
        text = texts[-1]
        if text in {"", "null"} and nullable:
            return None
        value = self._read(schema, text)
        return text if value is None else value


def _fields(content_type: str, content: bytes) -> dict[str, list[str]]:
    """Names and texts of a form; of a file, its text."""
    found: dict[str, list[str]] = {}
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        for name, value in parse_qsl(content.decode(errors="replace"), keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found

    def keep(name: bytes | None, value: bytes | None) -> None:
        found.setdefault((name or b"").decode(errors="replace"), []).append((value or b"").decode(errors="replace"))

    def keep_file(file: Any) -> None:
        file.file_object.seek(0)
        keep(file.field_name, file.file_object.read())

    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if boundary is None:
        raise Refusal(400, "Multipart form parse error - Invalid boundary in multipart: None")
    parser = FormParser(
        "multipart/form-data", lambda f: keep(f.field_name, f.value), keep_file, boundary=boundary[1].encode()
    )
    try:
        parser.write(content)
        parser.finalize()
    except Exception as problem:
        raise Refusal(400, f"Multipart form parse error - {problem}") from problem
    return found


def _structured(text: str, kinds: set[str]) -> Any:
    """An object or a list, written as JSON; where anything may stand, a text too."""
    try:
        return _json(text.encode())
    except (ValueError, RecursionError):
        return None if kinds else text


def _loaded(content: bytes) -> Any:
    try:
        return _json(content)
    except (ValueError, RecursionError) as problem:
        raise Refusal(400, f"JSON parse error - {str(problem)[:200]}") from problem


def _json(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name}")
