"""Reads the official client: what its typed methods send, and what their models take for an answer.

Its source is read, not run: its methods and models are generated, so all that counts stands in their annotations.
An optional part of a model may be absent or null: which of them, the client does not tell.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from conformance.drift.openapi import key_of
from conformance.drift.shape import ANYTHING, DEPTH, Described, Description, Parameter, Shape
from conformance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "label_studio_sdk"

_PLAIN = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dt.datetime": "string",
    "dt.date": "string",
    "datetime.datetime": "string",
}
_LISTS = frozenset({"typing.List", "typing.Sequence", "typing.Set", "list"})
_OBJECTS = frozenset({"typing.Dict", "typing.Mapping", "dict"})
_WRAPPERS = frozenset({"HttpResponse", "typing_extensions.Annotated", "typing.Annotated"})


def read_client(package: Path, source: str) -> Description:
    """Bring the client's source to what can be compared.

    Args:
        package: the folder ``label_studio_sdk``.
        source: who says so, for people.

    Raises:
        InputError: that folder holds no such client.
    """
    operations = {
        key: described
        for module in (_Module.at(file, package) for file in sorted(package.rglob("raw_client.py")))
        for method in _methods(module.tree)
        for key, described in _requests(module, method)
    }
    if not operations:
        raise InputError(
            f"{package}: no generated client is here.",
            hint=f"Name a version of label-studio-sdk from 2.0.0 on, or the folder {PACKAGE} of an installed one.",
        )
    return Description(source=source, operations=operations)


class _Module:
    """One parsed module; names in it lead to other modules of the package."""

    # modules are read once in a process, and never change
    _known: ClassVar[dict[Path, _Module]] = {}

    def __init__(self, file: Path, package: Path) -> None:
        self.file = file
        self.package = package
        self.tree = ast.parse(file.read_text(encoding="utf-8"))

    @classmethod
    def at(cls, file: Path, package: Path) -> _Module:
        """The module of this file."""
        if file not in cls._known:
            cls._known[file] = cls(file, package)
        return cls._known[file]

    @cached_property
    def _imported(self) -> dict[str, Path]:
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                folder = self.file.parents[node.level - 1]
                place = folder.joinpath(*(node.module or "").split("."))
                for name in node.names:
                    found[name.asname or name.name] = place
        return found

    @cached_property
    def _defined(self) -> dict[str, ast.ClassDef | ast.expr]:
        found: dict[str, ast.ClassDef | ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
        return found

    def look_up(self, name: str) -> tuple[_Module, ast.ClassDef | ast.expr] | None:
        """Return where a name is defined, and as what; None if that is outside the package."""
        if name in self._defined:
            return self, self._defined[name]
        place = self._imported.get(name)
        if place is None:
            return None
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file() and file != self.file:
                return _Module.at(file, self.package).look_up(name)
        return None


def _methods(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("AsyncRaw"):
            yield from (m for m in node.body if isinstance(m, ast.FunctionDef) and m.name != "__init__")


def _requests(module: _Module, method: ast.FunctionDef) -> Iterator[tuple[str, Described]]:
    """The one request that a method sends."""
    room = ".".join(module.file.relative_to(module.package).parent.parts)
    arguments = [*method.args.args, *method.args.kwonlyargs]
    taken = {a.arg: _shape(module, a.annotation, DEPTH) for a in arguments if a.annotation}
    needed = {a.arg for a, default in zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True) if not default}
    for call in ast.walk(method):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
            continue
        given = {k.arg: k.value for k in call.keywords}
        if call.func.attr not in {"request", "stream"} or not isinstance(given.get("method"), ast.Constant):
            continue
        query, body = (_sent(given.get(where), taken) for where in ("params", "json"))
        yield (
            key_of(str(ast.literal_eval(given["method"])), "/" + _path(call.args[0])),
            Described(
                name=f"{room}.{method.name}",
                parameters={
                    name: Parameter(required=argument in needed, shape=shape)
                    for name, (argument, shape) in query.items()
                },
                body=Shape(
                    types=frozenset({"object"}),
                    properties={name: shape for name, (_, shape) in body.items()},
                    required=frozenset(name for name, (argument, _) in body.items() if argument in needed),
                    optional=frozenset(name for name, (argument, _) in body.items() if argument not in needed),
                )
                if body
                else None,
                answer=_shape(module, method.returns, DEPTH) if _typed(method.returns) else None,
            ),
        )


def _typed(returns: ast.expr | None) -> bool:
    return returns is not None and "HttpResponse" in ast.unparse(returns) and "bytes" not in ast.unparse(returns)


def _path(node: ast.expr) -> str:
    """The path of a request, its slots without names."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _sent(node: ast.expr | None, taken: dict[str, Shape]) -> dict[str, tuple[str, Shape]]:
    """Return what a dictionary of a request names: name, and the argument that it comes from with its shape."""
    found = {}
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = next((n.id for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in taken), "")
            if isinstance(key, ast.Constant) and name:
                found[str(key.value)] = (name, taken[name])
    return found


def _shape(module: _Module, node: ast.expr | None, depth: int) -> Shape:
    if node is None or depth == 0:
        return ANYTHING
    if isinstance(node, ast.Subscript):
        return _generic(module, node, depth)
    name = ast.unparse(node)
    if name in _PLAIN:
        return Shape(types=frozenset({_PLAIN[name]}))
    if isinstance(node, ast.Name) and (found := module.look_up(name)):
        where, what = found
        return _model(where, what, depth) if isinstance(what, ast.ClassDef) else _shape(where, what, depth)
    return ANYTHING


def _generic(module: _Module, node: ast.Subscript, depth: int) -> Shape:
    outer = ast.unparse(node.value)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if outer in _LISTS:
        return Shape(types=frozenset({"array"}), items=_shape(module, inner[0], depth - 1))
    if outer in _OBJECTS:
        return Shape(types=frozenset({"object"}))
    if outer == "typing.Literal":
        return Shape(types=frozenset({"string"}), values=frozenset(str(ast.literal_eval(v)) for v in inner))
    if outer in _WRAPPERS or outer == "typing.Optional":
        return _shape(module, inner[0], depth)
    if outer == "typing.Union":
        return _union([_shape(module, part, depth) for part in inner], [ast.unparse(part) for part in inner])
    return ANYTHING


def _union(parts: list[Shape], names: list[str]) -> Shape:
    """An enumeration is written as its values or anything: what comes new shall not break the client."""
    said = [part for part, name in zip(parts, names, strict=True) if name != "typing.Any"]
    if len(said) == 1:
        return said[0]
    if any(not part.types for part in said):
        return ANYTHING
    return Shape(types=frozenset().union(*(part.types for part in said)))


def _model(module: _Module, node: ast.ClassDef, depth: int) -> Shape:
    if any(ast.unparse(base).endswith("Enum") or ast.unparse(base) == "str" for base in node.bases):
        values = [n.value for n in node.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
        return Shape(types=frozenset({"string"}), values=frozenset(str(v.value) for v in values))
    properties: dict[str, Shape] = {}
    required: set[str] = set()
    for base in node.bases:
        if isinstance(base, ast.Name) and (found := module.look_up(base.id)) and isinstance(found[1], ast.ClassDef):
            inherited = _model(found[0], found[1], depth)
            properties.update(inherited.properties)
            required |= inherited.required
    for field in node.body:
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        name = _alias(field) or field.target.id
        annotation = ast.unparse(field.annotation)
        if "ClassVar" in annotation or name == "model_config":
            continue
        properties[name] = _shape(module, field.annotation, depth - 1)
        if not annotation.startswith("typing.Optional") and "typing.Optional" not in annotation[:60]:
            required.add(name)
    return Shape(types=frozenset({"object"}), properties=properties, required=frozenset(required))


def _alias(field: ast.AnnAssign) -> str | None:
    """The name on the wire, where Python's is another one."""
    for call in (n for part in (field.annotation, field.value) if part is not None for n in ast.walk(part)):
        if isinstance(call, ast.Call):
            for keyword in call.keywords:
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return None
